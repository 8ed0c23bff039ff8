import os
import pathlib
import tempfile
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.accounts.identity import metadata, providers
from portal.accounts.identity.providers import BadMetadata, Peer
from portal.audit.actions import record
from portal.common import clock


class Command(BaseCommand):
    help = (
        "Prüft und übernimmt neue Metadaten von BayernID oder BundID. Unterschrieben haben muss sie ein Schlüssel, der "
        "schon gilt, oder der aus --signer. Ohne Angaben: sagt, was bald abläuft (Ende mit 1)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("provider", nargs="?", choices=list(providers.NAMES), help="Anbieter")
        parser.add_argument("file", nargs="?", type=pathlib.Path, metavar="DATEI", help="neue Metadaten")
        parser.add_argument("--check", action="store_true", help="nur prüfen und zeigen, nichts ändern")
        parser.add_argument(
            "--signer", type=pathlib.Path, metavar="PEM", help="Zertifikat, das unterschrieben haben darf"
        )

    def handle(
        self,
        *args: Any,
        provider: str | None,
        file: pathlib.Path | None,
        check: bool,
        signer: pathlib.Path | None,
        **options: Any,
    ) -> None:
        if provider is None or file is None:
            self._say_what_runs_out()
            return
        target = settings.SAML_METADATA[provider]
        if target is None:
            raise CommandError(f"PORTAL_{provider.upper()}_METADATA ist nicht gesetzt.")
        try:
            present = _present(target)
            trusted = [signer.read_text(encoding="ascii")] if signer else []
            signers = (*(present.certificates if present else ()), *(_base64(text) for text in trusted))
            for line in metadata.examine(file, present, signers, clock.now()):
                self.stdout.write(line)
        except (BadMetadata, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{error}.") from None
        if check:
            self.stdout.write("Geprüft. Nichts geändert.")
            return
        _install(file.read_bytes(), target)
        record("identity.metadata_installed", f"provider:{provider}", "system:identity")
        self.stdout.write(f"Übernommen: {target}. Das Portal liest die Datei bei der nächsten Anmeldung.")

    def _say_what_runs_out(self) -> None:
        found = metadata.running_out(clock.now())
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("In den nächsten 30 Tagen läuft nichts ab.")


def _present(target: pathlib.Path) -> Peer | None:
    """What is in use, also if it has ended; None if there is no file yet. Raises BadMetadata."""
    return providers.read(target, None) if target.exists() else None


def _base64(pem: str) -> str:
    return "".join(line for line in pem.splitlines() if not line.startswith("-----"))


def _install(content: bytes, target: pathlib.Path) -> None:
    """In one move: readers see the old file or the new one, after a crash too."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=target.name, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path = pathlib.Path(file.name)
    path.chmod(target.stat().st_mode if target.exists() else 0o644)
    path.replace(target)
