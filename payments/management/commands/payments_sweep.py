from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from payments import actions


class Command(BaseCommand):
    help = "Fragt bei fälligen Zahlungen nach, so wie es der Hintergrunddienst alle paar Sekunden tut."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=100, help="höchstens so viele Zahlungen (Vorgabe: 100)")

    def handle(self, *args: Any, **options: Any) -> None:
        moved = actions.sweep_payments(limit=options["limit"])
        self.stdout.write(f"{moved} Zahlungen haben sich geändert.")
