"""Take forms from files as drafts, and their test data. All files or none; nothing is published."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from forms_engine.definitions import actions, replay, schema
from forms_engine.definitions.management import files
from forms_engine.definitions.models import Form

Report = dict[str, Any]


class Command(BaseCommand):
    help = (
        "Liest Formulare aus YAML-Dateien als Entwürfe ein, und Testdaten zu Formularen. Veröffentlicht wird nichts. "
        "Ende mit 0: alles gespeichert, 1: mindestens eine Datei ist falsch, nichts gespeichert, 2: falsch aufgerufen."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="DATEI", type=Path, help="Formulare und Testdaten (YAML)")
        parser.add_argument("--dry-run", action="store_true", help="nur prüfen, nichts speichern")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON für Programme")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = {str(path): files.read(path) for path in options["files"]}
        results = [_checked(name, text) for name, text in texts.items()]
        results += _strangers(results)
        wrong = [result for result in results if result["problems"]]
        if not wrong and not options["dry_run"]:
            with transaction.atomic():
                for result in sorted(results, key=lambda entry: bool(entry["cases"])):  # forms before their test data
                    result |= _save(result, texts[result["file"]])
        if options["json"]:
            files.as_json(self.stdout, not wrong, files=results)
        else:
            self._tell(results, options["dry_run"])
        if wrong:
            raise CommandError("Nichts ist gespeichert.", returncode=files.FOUND)

    def _tell(self, results: list[Report], dry_run: bool) -> None:
        for result in results:
            for problem in result["problems"]:
                self.stdout.write(files.line(result["file"], problem))
            if result["problems"]:
                continue
            if result["cases"]:
                said = f"{result['cases']} Testfälle"
            elif result.get("unchanged"):
                said = f"unverändert, Fassung {result['number']}"
            else:
                said = f"Entwurf, Fassung {result['number']}" if "number" in result else "Entwurf"
            note = " (Probelauf, nichts gespeichert)" if dry_run else ""
            self.stdout.write(f"{result['form']}: {said}{note}.")


def _checked(name: str, text: str) -> Report:
    found: Report = {"file": name, "form": None, "cases": 0, "problems": []}
    try:
        if files.holds_cases(text):
            held = replay.load(text)
            return found | {"form": held.form, "cases": len(held.cases)}
        return found | {"form": schema.load(text).form}
    except schema.DefinitionError as error:
        return found | {"problems": files.problems(text, error)}


def _strangers(results: list[Report]) -> list[Report]:
    """Test data of a form that exists neither here nor in the database."""
    here = {result["form"] for result in results if not result["cases"]}
    found = []
    for result in results:
        if result["cases"] and result["form"] not in here and not Form.objects.filter(slug=result["form"]).exists():
            text = f"Das Formular „{result['form']}“ gibt es nicht. Lesen Sie es mit ein."
            problem = {"line": 0, "path": "form", "level": "error", "rule": "", "text": text}
            found.append({**result, "problems": [problem]})
    return found


def _save(result: Report, text: str) -> Report:
    if result["cases"]:
        form = Form.objects.get(slug=result["form"])
        for case in replay.load(text).cases:
            actions.keep_case(form, case, by=None)
        return {}
    newest = Form.objects.filter(slug=result["form"]).first()
    last = newest.versions.order_by("-number").first() if newest else None
    if last and last.source == text:
        return {"number": last.number, "unchanged": True}
    version = actions.write_draft(result["form"], text, by=None, note="Aus einer Datei")
    return {"number": version.number, "sha256": version.sha256}
