"""The whole portal on one machine: servers, web, worker, beat, a payment service made of paper. Never in production."""

import os
import pathlib
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from portal.accounts.identity.demo import keys
from portal.launcher import check, forked
from portal.launcher.children import ChildDied
from portal.launcher.options import Options
from portal.launcher.people import PASSWORD, PEOPLE
from portal.launcher.services import AlreadyRunning, Missing, NotOurs, Services, data_folder
from portal.launcher.state import State
from portal.launcher.terminal import complain, say, step

BASE_DIR = pathlib.Path(__file__).resolve().parents[2]
TRIES = 50  # ports
WEB_THREADS = 4
READY_SECONDS = 120
PYTHON = (sys.executable, "-m")


def home(check_only: bool = False) -> pathlib.Path:
    """The folder of the demo's data in the checkout (see services.data_folder for root)."""
    default = BASE_DIR / "var" / ("check" if check_only else "demo")
    return pathlib.Path(os.environ.get("PORTAL_DEMO_DATA", default))


def set_environment(folder: pathlib.Path) -> None:
    """What the settings read, for this process and every child. What the caller has set already stays."""
    defaults = {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_DEMO": "1",
        "PORTAL_FILE_STORE": str(folder / "files"),
        "PORTAL_MAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "PORTAL_MAIL_DIR": str(folder / "mail"),
        "PORTAL_SEAL_KEY_FILE": str(folder / "siegel.p12"),
        "PORTAL_SWEEP_SECONDS": "2",
        "PORTAL_LOG_LEVEL": "INFO",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    for name in ("PORTAL_FILE_STORE", "PORTAL_MAIL_DIR"):
        pathlib.Path(os.environ[name]).mkdir(parents=True, exist_ok=True)


def listen(first: int) -> socket.socket:
    """A listening socket on the first free port from `first` on. Raises ChildDied when none is free."""
    last = min(first + TRIES - 1, 65535)
    for port in range(first, last + 1):
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind(("127.0.0.1", port))
            found.listen()
        except OSError:
            found.close()
            continue
        return found
    raise ChildDied(f"Von Port {first} bis {last} ist keiner frei.")


def start_stripe(services: Services, web_port: int) -> None:
    """The stand-in for the payment provider: a process of its own, spoken to over HTTP like the real one."""
    # Beside the web's port, which is ours alone: two demos that start at once do not meet here.
    first = web_port + 2 * TRIES if web_port < 60000 else web_port - 2 * TRIES
    with listen(first) as probe:
        port = probe.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    os.environ.update(
        STRIPE_API_BASE=origin,
        STRIPE_SECRET_KEY="sk_test_demo",  # noqa: S106 - the stand-in takes any
        STRIPE_WEBHOOK_SECRETS="whsec_demo",
        PORTAL_PAYMENT_ORIGINS=origin,
    )
    argv = [sys.executable, "manage.py", "fakestripe", "--port", port, "--state", services.folder / "fakestripe.json"]
    services.children.spawn("fakestripe", argv, cwd=BASE_DIR)


def prepare_identity(services: Services, web_port: int) -> list[object]:
    """Keys, addresses and settings of Demo-BayernID and Demo-BundID. Returns the command that runs them."""
    first = web_port + 3 * TRIES if web_port < 60000 else web_port - 3 * TRIES
    with listen(first) as probe:
        port = probe.getsockname()[1]
    origin, folder = f"http://127.0.0.1:{port}", services.folder / "identity"
    os.environ.update(keys.prepare(folder, origin).environment(), PORTAL_IDENTITY_ORIGINS=origin)
    return [sys.executable, "manage.py", "demoidentity", "--port", port, "--folder", folder]


def start_web(services: Services, web: socket.socket) -> None:
    pool = {**os.environ, "PORTAL_DB_POOL": str(WEB_THREADS), "PORTAL_WEB_THREADS": str(WEB_THREADS)}
    gunicorn = [*PYTHON, "gunicorn", "-c", "python:portal.server", "--bind", f"fd://{web.fileno()}", "portal.wsgi"]
    services.children.spawn("web", gunicorn, env=pool, cwd=BASE_DIR, pass_fds=[web.fileno()])


def start_workers(services: Services) -> None:
    celery = [*PYTHON, "celery", "-A", "portal"]
    worker = ["worker", "--pool", "prefork", "--concurrency", 2, "--without-gossip", "--without-mingle"]
    services.children.spawn("worker", [*celery, *worker, "--loglevel", "INFO"], cwd=BASE_DIR)
    services.children.spawn("beat", [*celery, "beat", "--loglevel", "INFO", "--pidfile", ""], cwd=BASE_DIR)


def wait_for_web(services: Services, url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        services.children.check()
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own http address
            return
        except urllib.error.HTTPError as error:
            raise ChildDied(f"{url} antwortet mit {error.code}:\n{services.children.log_end('web')}") from None
        except OSError:
            time.sleep(0.1)
    raise ChildDied(f"{url} antwortet nicht:\n{services.children.log_end('web')}")


def start(services: Services, state: State, options: Options) -> str:
    """Everything up to the first answered request. Returns the address."""
    with step("PostgreSQL und Valkey laufen"):
        services.start_postgres()
        services.start_valkey()
    web = listen(options.port)  # inherited by the web server, so that nobody takes the port in between
    port = web.getsockname()[1]
    if port != options.port:
        say(f"         Port {options.port} ist belegt, es wird {port}.")
    url = os.environ["PORTAL_URL"] = f"http://127.0.0.1:{port}"
    with step("Tabellen, Gestaltung und Demostadt sind eingerichtet"):
        forked.call("Das Einrichten der Datenbank", "portal.launcher.prepare.prepare")
    start_stripe(services, port)
    identity = prepare_identity(services, port)
    with web, step("Das Portal antwortet"):
        start_web(services, web)
        wait_for_web(services, f"{url}/bereit/")
    services.children.spawn("demoidentity", identity, cwd=BASE_DIR)
    start_workers(services)  # last: nobody waits for them, and what is due for them waits in its row
    state.publish("demo")
    return url


def introduce(url: str, folder: pathlib.Path) -> None:
    say(f"\n  Portal       {url}/\n  Verwaltung   {url}/verwaltung/\n  E-Mails      {folder / 'mail'}\n")
    for person in PEOPLE:
        say(f"  {person.email:22} {person.what}")
    say(f"\n  Kennwort für alle: {PASSWORD}\n  Den Code für das Personal zeigt die Anmeldeseite.")
    say("  Strg+C beendet alles. Die Daten bleiben erhalten.\n")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def on_signals(action: Callable[..., object] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, action)


def run(options: Options) -> int:
    """The demo until somebody stops it, or with `check` one round through every part. Returns the exit status."""
    wanted = home(options.check)
    folder = data_folder(wanted)
    state = State(folder)
    if owner := state.take("demo"):
        where = f", {url}/" if (url := owner.environment.get("PORTAL_URL")) else ""
        complain(f"Die Demo läuft schon (Prozess {owner.pid}{where}). Beenden Sie sie dort mit Strg+C.")
        return 1
    if options.fresh or options.check:
        _empty(folder)
    set_environment(folder)
    on_signals(_interrupt)
    services = Services(wanted)
    try:
        url = start(services, state, options)
        if options.check:
            check.run(url)
            say("\nGeprüft: Das Portal startet, antwortet und arbeitet.")
        else:
            introduce(url, folder)
        while not options.check:
            services.children.check()
            time.sleep(0.3)
    except KeyboardInterrupt:
        say("\nDie Demo wird beendet …")
    except (ChildDied, AlreadyRunning, Missing, NotOurs) as error:
        complain(f"\n{error}\n\nDie Demo wurde beendet.")
        return 1
    finally:
        on_signals(signal.SIG_IGN)
        services.stop()
        state.release()
        if options.check:
            shutil.rmtree(folder)
    return 0


def _empty(folder: pathlib.Path) -> None:
    """Start anew: all data of the demo goes, the copied server programs and the lock stay."""
    for path in folder.iterdir():
        if path.is_dir() and not path.name.startswith("pgbin"):
            shutil.rmtree(path)
