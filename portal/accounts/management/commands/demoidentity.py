import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.identity.demo.server import DemoIdentity


class Command(BaseCommand):
    help = "Startet Demo-BayernID und Demo-BundID für Vorführung und Tests. Alle Personen darin sind erfunden."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Adresse (Vorgabe: nur dieser Rechner)")
        parser.add_argument("--port", type=int, default=8002, help="Port (Vorgabe: 8002)")
        parser.add_argument("--folder", type=Path, required=True, help="Ordner mit Schlüsseln und Metadaten")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("Nur für Vorführung und Tests: Setzen Sie PORTAL_DEMO=1.")
        try:
            demo = DemoIdentity(options["folder"], settings.PUBLIC_URL, host=options["host"], port=options["port"])
        except (OSError, OverflowError) as error:
            raise CommandError(f"Startet nicht: {error}. Prüfen Sie --port und --folder.") from None
        self.stdout.write(f"Demo-BayernID und Demo-BundID: {demo.url} (Prozess {os.getpid()})")
        self.stdout.flush()
        try:
            demo.serve()
        except KeyboardInterrupt:
            self.stdout.write("Beendet.")
