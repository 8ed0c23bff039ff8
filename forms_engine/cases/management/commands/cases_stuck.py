"""What does not move, and why: for operators and their monitoring."""

import dataclasses
import datetime as dt
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forms_engine.cases import stuck
from portal.common import clock


class Command(BaseCommand):
    help = (
        "Nennt, was nicht weitergeht: angehaltene und überfällige Schreiben, Vorschläge und Serienbescheide ohne "
        "zweite Unterschrift, Vorgänge ohne Bewegung. Ende mit 0: nichts steckt fest, 1: mindestens eines."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        still, unsigned = stuck.STILL.days, stuck.UNSIGNED.days
        parser.add_argument("--days", type=int, default=still, help=f"Vorgänge ohne Bewegung seit Tagen ({still})")
        parser.add_argument("--unsigned", type=int, default=unsigned, help=f"Vorschläge älter als Tage ({unsigned})")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON für Programme")

    def handle(self, *args: Any, **options: Any) -> None:
        if min(options["days"], options["unsigned"]) < 0:
            raise CommandError("Geben Sie eine Zahl von Tagen ab 0 an.", returncode=2)
        still, unsigned = dt.timedelta(days=options["days"]), dt.timedelta(days=options["unsigned"])
        rows = stuck.found(still=still, unsigned=unsigned)
        if options["json"]:
            told = [dataclasses.asdict(row) | {"since": row.since.isoformat()} for row in rows]
            self.stdout.write(json.dumps({"stuck": told}, ensure_ascii=False, indent=2))
        else:
            for row in rows:
                self.stdout.write(f"{clock.local(row.since):%d.%m.%Y %H:%M}  {row.number}  {row.why}")
            if not rows:
                self.stdout.write("Nichts steckt fest.")
        if rows:
            raise CommandError(f"Es steckt etwas fest: {len(rows)}.", returncode=1)
