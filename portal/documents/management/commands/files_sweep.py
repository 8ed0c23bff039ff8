from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.documents import store


class Command(BaseCommand):
    help = (
        "Löscht Dateien, auf die keine Zeile zeigt und die älter als eine Stunde sind. "
        "Nach dem Einspielen einer Sicherung erst files_verify laufen lassen, dann diesen Befehl."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur anzeigen, nichts löschen")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            paths = list(store.orphans())
            for path in paths:
                self.stdout.write(path.name)
            self.stdout.write(f"{len(paths)} Dateien ohne Zeile. Nichts gelöscht.")
            return
        self.stdout.write(f"{store.remove_orphans()} Dateien ohne Zeile gelöscht.")
