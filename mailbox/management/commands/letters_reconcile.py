import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailbox import letter_runs

PROBLEMS = 1


class Command(BaseCommand):
    help = (
        "Liest die Antwort der Druckerei (CSV: key;status;date;reference;reason) und zählt ab der Aufgabe zur Post. "
        "Dieselbe Datei noch einmal ändert nichts. Ende: 0 gut, 1 Zeilen mit Fehlern, 2 falscher Aufruf."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="DATEI", help="CSV-Datei der Druckerei")
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, was geschehen würde")
        parser.add_argument("--json", action="store_true", help="als JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = Path(options["file"]).read_text(encoding="utf-8-sig").splitlines()
            told = letter_runs.reconcile(lines, dry=options["dry_run"])
        except UnicodeDecodeError:
            raise CommandError("Die Datei ist kein Text in UTF-8. Speichern Sie sie so ab.", returncode=2) from None
        except OSError:
            message = f"{options['file']} lässt sich nicht lesen. Prüfen Sie Namen und Rechte."
            raise CommandError(message, returncode=2) from None
        except ValueError as wrong:
            raise CommandError(str(wrong), returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(told), ensure_ascii=False))
        else:
            self.stdout.write(
                f"{told.posted} aufgegeben, {told.returned} zurückgekommen, {told.repeated} schon bekannt, "
                f"{len(told.problems)} mit Fehlern"
            )
            for problem in told.problems:
                self.stdout.write(problem)
        if told.problems:
            sys.exit(PROBLEMS)
