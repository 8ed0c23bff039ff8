import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailbox import deliveries
from mailbox.delivery_states import DeliveryState


class Command(BaseCommand):
    help = (
        "Führt aus, was bei Zustellungen heute fällig ist: bekannt geben oder Brief veranlassen. "
        "Läuft gefahrlos neben den Workern. Ende: 0 gut, 2 falscher Aufruf."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur zählen, was fällig ist")
        parser.add_argument("--json", action="store_true", help="als JSON")
        parser.add_argument("--limit", type=int, default=10_000, metavar="ZAHL", help="höchstens so viele")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["limit"] < 1:
            raise CommandError("Geben Sie mit --limit eine Zahl ab 1 an.", returncode=2)
        waiting = deliveries.due(options["limit"])
        moved: Counter[str] = Counter()
        if not options["dry_run"]:
            moved.update(str(state) for key in waiting if (state := deliveries.step_due(key)))
        if options["json"]:
            self.stdout.write(json.dumps({"due": len(waiting), "moved": dict(moved)}))
            return
        self.stdout.write(f"{len(waiting)} Zustellungen fällig, {moved.total()} bewegt.")
        for name, count in sorted(moved.items()):
            self.stdout.write(f"{DeliveryState(name).label}: {count}")
