import json
import pathlib
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit import actions as audit
from portal.common import clock, os_errors
from portal.home.account import dossier
from portal.management import people


class Command(BaseCommand):
    help = "Schreibt alles, was das Portal über eine Person hält, in eine ZIP-Datei (Auskunft nach DSGVO Art. 15)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="E-Mail-Adresse oder Kennung des Kontos")
        parser.add_argument("--out", type=pathlib.Path, help="Zieldatei (Vorgabe: meine-daten-DATUM.zip)")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")

    def handle(self, *args: object, person: str, out: pathlib.Path | None, **options: Any) -> None:
        user = people.one(person)
        path = out or pathlib.Path(dossier.file_name(clock.now()))
        part = path.with_name(path.name + ".part")
        size = 0
        try:
            with open(part, "xb", opener=people.private) as file:
                for piece in dossier.stream(user):
                    size += file.write(piece)
            part.replace(path)
        except FileExistsError:
            raise CommandError(f"{part} liegt dort noch von einem früheren Versuch. Löschen Sie die Datei.") from None
        except OSError as error:
            raise CommandError(
                f"{path} lässt sich nicht schreiben ({os_errors.why(error)}). Prüfen Sie den Pfad."
            ) from None
        audit.record("account.exported", f"user:{user.public_id}", "system:users_export")
        if options["json"]:
            told = {"user": str(user.public_id), "file": str(path), "bytes": size}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self.stdout.write(f"{path}: {size} Bytes")
