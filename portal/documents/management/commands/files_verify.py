import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.documents import store
from portal.documents.models import StoredFile


class Command(BaseCommand):
    help = "Prüft, ob zu jeder Zeile die Datei da ist, sich öffnen lässt und unverändert ist. Sonst Ausgang 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        checked, problems = 0, []
        for stored in StoredFile.objects.filter(destroyed_at=None).order_by("id").iterator(500):
            checked += 1
            found = store.problem(stored)
            # Disposed of while we were reading is no damage.
            if found and StoredFile.objects.filter(pk=stored.pk, destroyed_at=None).exists():
                problems.append({"file": str(stored.public_id), "problem": found})
        if options["json"]:
            self.stdout.write(json.dumps({"checked": checked, "problems": problems}, ensure_ascii=False))
        else:
            for row in problems:
                self.stdout.write(f"{row['file']}: {row['problem']}")
            self.stdout.write(f"{checked} Dateien geprüft, {len(problems)} mit Fehlern.")
        if problems:
            raise SystemExit(1)
