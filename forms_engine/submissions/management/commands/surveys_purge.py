from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count

from forms_engine.submissions import surveys


class Command(BaseCommand):
    help = "Löscht Texte aus Umfragen, deren Zeit um ist. Gezähltes bleibt. Läuft sonst von selbst mit dem Sweep."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, was geschehen würde")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["dry_run"]:
            gone = 0
            while step := surveys.sweep_texts():
                gone += step
            self.stdout.write(f"Texte in {gone} Antworten gelöscht.")
            return
        due = surveys.texts_due().values_list("form_version__form__slug", "month")
        for slug, month, count in due.annotate(count=Count("pk")).order_by("form_version__form__slug", "month"):
            self.stdout.write(f"löschen {slug} {month:%m.%Y}: Texte in {count} Antworten")
        self.stdout.write("Nichts wurde geändert.")
