from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.documents import sweeping


class Command(BaseCommand):
    help = (
        "Löscht Dateien ohne Zeile, die älter als eine Stunde sind, und Zeilen, auf die seit einem Tag nichts zeigt. "
        "Nach dem Einspielen einer Sicherung erst files_verify laufen lassen, dann diesen Befehl."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur anzeigen, nichts löschen")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            paths = list(sweeping.orphans())
            for path in paths:
                self.stdout.write(path.name)
            rows = sweeping.unowned().count()
            self.stdout.write(f"{len(paths)} Dateien ohne Zeile, {rows} Zeilen ohne Besitz. Nichts gelöscht.")
            return
        rows = sweeping.remove_unowned()
        self.stdout.write(f"{sweeping.remove_orphans()} Dateien ohne Zeile, {rows} Zeilen ohne Besitz gelöscht.")
