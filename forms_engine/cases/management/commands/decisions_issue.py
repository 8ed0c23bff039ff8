"""Work off due letters in the foreground: when no worker runs, or to see one fail."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from forms_engine.cases import issuing
from forms_engine.cases.models import Paper, PaperState
from portal.common import clock


class Command(BaseCommand):
    help = (
        "Stellt fällige Schreiben aus, eines nach dem anderen. Läuft neben den Workern, ohne etwas doppelt "
        "zuzustellen. Ende mit 0: alles Fällige ist zugestellt, 1: etwas blieb liegen oder ist angehalten "
        "(siehe cases_stuck)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=int, default=0, help="höchstens so viele; 0: alle")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON für Programme")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["limit"] < 0:
            raise CommandError("Geben Sie mit --limit eine Zahl ab 0 an.", returncode=2)
        due = list(_due().order_by("due_at", "id").values_list("pk", flat=True)[: options["limit"] or None])
        started, issued = time.monotonic(), 0
        for paper_id in due:
            issued += issuing.issue(paper_id)
        parked = Paper.objects.filter(pk__in=due, state=PaperState.PARKED).count()
        said = {"due": len(due), "issued": issued, "parked": parked, "seconds": round(time.monotonic() - started, 2)}
        if options["json"]:
            self.stdout.write(json.dumps(said))
        else:
            self.stdout.write(f"Fällig: {len(due)}, zugestellt: {issued}, angehalten: {parked}.")
        if parked or Paper.objects.filter(pk__in=due, state=PaperState.QUEUED).exists():
            raise CommandError("Nicht alles ist zugestellt. „manage.py cases_stuck“ nennt die Gründe.", returncode=1)


def _due() -> Any:
    now = clock.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Paper.objects.filter(free, state=PaperState.QUEUED, due_at__lte=now)
