import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from forms_engine.cases import disposal, retention
from forms_engine.cases.models import Disposal, Stage
from portal.documents.store import FileDamaged

FAILED = 1


class Command(BaseCommand):
    help = (
        "Berechnet Aufbewahrungsfristen und vernichtet, was zwei Personen freigegeben haben. "
        "Ende: 0 gut, 1 ein Vorgang ließ sich nicht vernichten, 2 falscher Aufruf."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, was geschehen würde")
        parser.add_argument("--json", action="store_true", help="als JSON")
        parser.add_argument("--limit", type=int, default=1000, metavar="ZAHL", help="höchstens so viele vernichten")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["limit"] < 0:
            raise CommandError("Geben Sie mit --limit eine Zahl ab 0 an.", returncode=2)
        if options["dry_run"]:
            self._list(options["json"])
            return
        reckoned = retention.reckon_all()
        destroyed, failed = [], []
        for row in disposal.approved().order_by("until", "pk")[: options["limit"]]:
            try:
                if record := disposal.destroy(row):
                    destroyed.append(record.number)
            except (OSError, FileDamaged) as error:
                failed.append({"number": row.case.number, "problem": type(error).__name__})
        told = {"reckoned": reckoned, "destroyed": destroyed, "failed": failed}
        self.stdout.write(json.dumps(told) if options["json"] else self._sentence(reckoned, destroyed, failed))
        if failed:
            sys.exit(FAILED)

    def _sentence(self, reckoned: int, destroyed: list[str], failed: list[dict[str, str]]) -> str:
        lines = [f"{reckoned} Fristen berechnet, {len(destroyed)} Vorgänge vernichtet."]
        lines += [f"vernichtet {number}" for number in destroyed]
        lines += [
            f"nicht vernichtet {one['number']}: {one['problem']}. Prüfen Sie den Dateispeicher." for one in failed
        ]
        return "\n".join(lines)

    def _list(self, as_json: bool) -> None:
        told: dict[str, Any] = {
            "to_reckon": retention.unreckoned().count(),
            "to_offer": _lines(retention.due()),
            "offered": _lines(Disposal.objects.filter(stage__in=[Stage.OFFERED, Stage.WANTED])),
            "to_approve": _lines(Disposal.objects.filter(stage=Stage.CLEARED)),
            "to_destroy": _lines(disposal.approved()),
            "held": _lines(Disposal.objects.filter(held_at__isnull=False)),
            "without_term": Disposal.objects.filter(until=None, stage=Stage.KEPT).count(),
        }
        if as_json:
            self.stdout.write(json.dumps(told))
            return
        words = {"to_offer": "anzubieten", "offered": "angeboten", "to_approve": "freizugeben"}
        words |= {"to_destroy": "würde vernichtet", "held": "gesperrt"}
        self.stdout.write(f"Frist zu berechnen: {told['to_reckon']}. Ohne Frist: {told['without_term']}.")
        for key, word in words.items():
            for one in told[key]:
                self.stdout.write(f"{word} {one['number']} {one['form']} aufbewahrt bis {one['until']}")
        self.stdout.write("Nichts wurde geändert.")


def _lines(rows: QuerySet[Disposal]) -> list[dict[str, str]]:
    found = rows.select_related("case__submission__form_version__form").order_by("until", "pk")
    return [
        {"number": row.case.number, "form": row.case.form_slug, "until": str(row.until or ""), "stage": row.stage}
        for row in found
    ]
