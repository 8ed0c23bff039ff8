"""Third-party browser files: unmodified copies in the repository, each byte named in a lock file.

Neither building nor running the portal needs npm. The lock (static/vendor/vendor.lock.json) holds per package the
version, the sha512 of the package file (npm's "integrity") and per copied file its place and sha256.
"""

import base64
import hashlib
import io
import json
import pathlib
import subprocess
import tarfile
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

LOCK = "static/vendor/vendor.lock.json"
FOLDERS = ("static/vendor", "tests/browser/vendor")  # hold nothing that the lock does not name

Lock = dict[str, Any]


class Command(BaseCommand):
    requires_system_checks = ()  # compares files only; must run where nothing else is set up
    help = "Holt die fremden Dateien unter static/vendor nach der Sperrdatei oder prüft sie (--check, ohne Netz)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="nur prüfen: fehlend, verändert, überzählig")
        parser.add_argument(
            "--accept", metavar="NAME@VERSION", help="diese Fassung holen und in die Sperrdatei eintragen"
        )
        parser.add_argument("--root", default=str(settings.BASE_DIR), help="Projektordner (Vorgabe: dieser)")

    def handle(self, *args: object, **options: Any) -> None:
        root = pathlib.Path(options["root"])
        lock: Lock = json.loads((root / LOCK).read_text(encoding="utf-8"))
        if options["accept"]:
            name, _, version = options["accept"].rpartition("@")
            if name not in lock:
                raise CommandError(f"„{name}“ steht nicht in {LOCK}. Tragen Sie zuerst Namen und Dateien ein.")
            lock[name] = accept(root, name, {**lock[name], "version": version})
            (root / LOCK).write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        elif not options["check"]:
            for name, entry in lock.items():
                fetch(root, name, entry)
        if wrong := list(differences(root, lock)):
            raise CommandError("\n".join(wrong))
        self.stdout.write(f"{sum(len(entry['files']) for entry in lock.values())} fremde Dateien sind unverändert.")


def differences(root: pathlib.Path, lock: Lock) -> Iterator[str]:
    """One German line per file that is missing, changed or not in the lock. Touches no network."""
    known = {root / LOCK}
    for entry in lock.values():
        for file in entry["files"].values():
            path = root / file["to"]
            known.add(path)
            if not path.is_file():
                yield f"{file['to']}: fehlt"
            elif hashlib.sha256(path.read_bytes()).hexdigest() != file["sha256"]:
                yield f"{file['to']}: verändert"
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if not path.is_dir() and path not in known:
                yield f"{path.relative_to(root)}: steht nicht in der Sperrdatei"


def fetch(root: pathlib.Path, name: str, entry: Lock) -> None:
    """Writes the files of one package. Raises CommandError before writing if the package is not the locked one."""
    package = download(name, entry["version"])
    if (found := integrity(package)) != entry["integrity"]:
        raise CommandError(f"{name} {entry['version']}: Das Paket hat die Prüfsumme {found}, erwartet war eine andere.")
    for source, data in extract(package, entry["files"]):
        target = root / entry["files"][source]["to"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def accept(root: pathlib.Path, name: str, entry: Lock) -> Lock:
    """Writes the files of the named version and returns its lock entry with fresh sums."""
    package = download(name, entry["version"])
    files: Lock = {}
    for source, data in extract(package, entry["files"]):
        to = entry["files"][source]["to"]
        (root / to).parent.mkdir(parents=True, exist_ok=True)
        (root / to).write_bytes(data)
        files[source] = {"to": to, "sha256": hashlib.sha256(data).hexdigest()}
    return {"version": entry["version"], "integrity": integrity(package), "files": files}


def download(name: str, version: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        argv = ["npm", "pack", "--json", "--silent", "--ignore-scripts", f"{name}@{version}"]
        try:
            done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603 - no shell
        except FileNotFoundError:
            raise CommandError(
                "npm ist nicht installiert. Es wird nur zum Holen gebraucht, nicht zum Prüfen."
            ) from None
        except subprocess.CalledProcessError as error:
            raise CommandError(f"npm pack {name}@{version}: {error.stderr or error.stdout}") from None
        filename: str = json.loads(done.stdout)[0]["filename"]
        return (pathlib.Path(folder) / filename).read_bytes()


def integrity(package: bytes) -> str:
    """The package's sum in npm's notation: "sha512-" and base64."""
    return "sha512-" + base64.b64encode(hashlib.sha512(package).digest()).decode()


def extract(package: bytes, wanted: Lock) -> Iterator[tuple[str, bytes]]:
    """Only the whitelisted members, read into memory: nothing is unpacked by the archive's own paths."""
    with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
        members = {member.name: member for member in archive if member.isfile()}
        for source in wanted:
            content = archive.extractfile(members[f"package/{source}"]) if f"package/{source}" in members else None
            if content is None:
                raise CommandError(f"Im Paket fehlt die Datei {source}.")
            yield source, content.read()
