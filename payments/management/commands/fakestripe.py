import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.fakestripe.server import FakeStripe


class Command(BaseCommand):
    help = "Startet den Stellvertreter des Zahlungsdienstleisters für Vorführung und Tests. Es fließt kein Geld."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Adresse (Vorgabe: nur dieser Rechner)")
        parser.add_argument("--port", type=int, default=8001, help="Port (Vorgabe: 8001)")
        parser.add_argument("--public-url", default="", help="wie Browser ihn erreichen (Vorgabe: http://host:port)")
        parser.add_argument("--webhook-url", help="wohin Ereignisse gehen (Vorgabe: Webhook dieses Portals)")
        parser.add_argument("--state", type=Path, help="Datei, die Zahlungen über einen Neustart behält")
        parser.add_argument("--debit-seconds", type=int, default=30, help="so lange dauert eine Lastschrift")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("Nur für Vorführung und Tests: Setzen Sie PORTAL_DEMO=1.")
        try:
            fake = self._fake(options)
        except (OSError, OverflowError, ValueError) as error:
            raise CommandError(f"Startet nicht: {error}. Prüfen Sie --port und --state.") from None
        self.stdout.write(f"Testzahlungen: {fake.url} (Prozess {os.getpid()})")
        self.stdout.flush()
        try:
            fake.serve()
        except KeyboardInterrupt:
            self.stdout.write("Beendet.")

    @staticmethod
    def _fake(options: dict[str, Any]) -> FakeStripe:
        webhook = options["webhook_url"]
        return FakeStripe(
            host=options["host"],
            port=options["port"],
            keys=[settings.STRIPE_SECRET_KEY or "sk_test_demo"],
            secrets=settings.STRIPE_WEBHOOK_SECRETS or ["whsec_demo"],
            webhook_url=f"{settings.PUBLIC_URL}/zahlung/webhook/stripe/" if webhook is None else webhook,
            file=options["state"],
            public_url=options["public_url"],
            debit_seconds=options["debit_seconds"],
        )
