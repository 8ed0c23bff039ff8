"""Proof from outside: no two people at one counter, nobody booked for a closed office."""

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand

from appointments import queries
from appointments.models import Appointment
from portal.common import clock

WORDS = {
    "overlap": "überschneidet sich mit einem anderen am selben Schalter",
    "outside hours": "liegt außerhalb der Öffnungszeiten",
    "closed": "liegt an einem Schließtag",
    "wrong office": "liegt an einem Schalter einer anderen Dienststelle",
}


class Command(BaseCommand):
    help = "Prüft alle Termine: keine Überschneidung, künftige in den Öffnungszeiten. Bei Befund Ende mit 1."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = queries.conflicts()
        checked = Appointment.objects.occupying().count()
        if options["json"]:
            rows = [{"id": row.public_id, "starts": row.starts.isoformat(), "problem": row.problem} for row in found]
            self.stdout.write(json.dumps({"checked": checked, "conflicts": rows}))
        else:
            for row in found:
                when = f"{clock.local(row.starts):%d.%m.%Y %H:%M}"
                self.stdout.write(f"Termin {row.public_id}, {row.office}, {when} Uhr: {WORDS[row.problem]}.")
            self.stdout.write(f"{checked} Termine geprüft, {len(found)} mit Befund.")
        if found:
            raise SystemExit(1)
