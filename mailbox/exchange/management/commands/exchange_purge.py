from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mailbox.exchange import purging


class Command(BaseCommand):
    help = "Beendet abgelaufene Austauschräume: vernichtet Schlüssel und Dateien, das Protokoll bleibt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur zählen, nichts vernichten")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        total = done = purging.purge(dry_run=dry_run)
        while not dry_run and purging.BATCH in done[:2]:
            done = purging.purge()
            total = purging.Purge(*map(sum, zip(total, done, strict=True)))
        self.stdout.write(
            f"{'Fällig' if dry_run else 'Vernichtet'}: {total.rooms} Räume, "
            f"{total.uploads} angefangene Dateien, {total.folders} übrige Ordner"
        )
