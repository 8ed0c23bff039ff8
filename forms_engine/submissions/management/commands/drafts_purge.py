from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from forms_engine.submissions import actions, queries
from forms_engine.submissions.models import PendingPost
from portal.common import clock


class Command(BaseCommand):
    help = "Erinnert an Entwürfe, die bald enden, und löscht abgelaufene. Läuft sonst von selbst mit dem Sweep."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, was geschehen würde")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["dry_run"]:
            moved = 0
            while step := actions.sweep_drafts():
                moved += step
            self.stdout.write(f"{moved} Zeilen bearbeitet.")
            return
        for draft in queries.drafts_to_remind():
            self.stdout.write(f"erinnern {draft} {draft.form_version} zuletzt {draft.touched_at:%d.%m.%Y}")
        for draft in queries.drafts_to_delete():
            self.stdout.write(f"löschen {draft} {draft.form_version} zuletzt {draft.touched_at:%d.%m.%Y}")
        expired = PendingPost.objects.filter(expires_at__lte=clock.now()).count()
        self.stdout.write(f"{expired} aufbewahrte Eingaben sind verfallen. Nichts wurde geändert.")
