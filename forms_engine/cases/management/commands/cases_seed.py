from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from forms_engine.cases import seeding

MOST = 2_000_000


class Command(BaseCommand):
    help = "Legt viele erfundene Vorgänge an, zum Messen. Nur in der Demo (PORTAL_DEMO)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=10_000, help=f"wie viele, höchstens {MOST}")

    def handle(self, *args: object, count: int, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("Erfundene Vorgänge gibt es nur in der Demo. In dieser Datenbank wird nichts angelegt.")
        if not 1 <= count <= MOST:
            raise CommandError(f"Geben Sie eine Zahl zwischen 1 und {MOST} an.")
        try:
            for written in seeding.seed(count):
                if written % 50_000 == 0 or written == count:
                    self.stdout.write(f"{written} Vorgänge")
        except LookupError:
            raise CommandError("Kein Formular ist veröffentlicht. Führen Sie zuerst forms_publish aus.") from None
