"""Check form definitions and publish them: all files or none."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from forms_engine.definitions import actions, schema
from portal.common import os_errors

UNREADABLE, WRONG = 2, 1


class Command(BaseCommand):
    help = (
        "Prüft Formulardateien und veröffentlicht sie als neue Fassung. Unverändertes behält seine Fassung. "
        "Ende mit 0: alles veröffentlicht, 1: mindestens eine Datei ist falsch, 2: eine Datei ist nicht lesbar. "
        "Bei 1 und 2 ist nichts veröffentlicht."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="DATEI", type=Path, help="YAML-Dateien")
        parser.add_argument("--catalogue", action="store_true", help="dazu alle mitgelieferten Formulare")
        parser.add_argument("--dry-run", action="store_true", help="nur prüfen, nichts veröffentlichen")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON für Programme")
        parser.add_argument("--schema", action="store_true", help="nur das JSON-Schema der Formulardateien ausgeben")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schema"]:
            self.stdout.write(json.dumps(schema.json_schema(), ensure_ascii=False, indent=2))
            return
        files = [*options["files"], *(sorted(actions.CATALOGUE.glob("*.yaml")) if options["catalogue"] else [])]
        if not files:
            raise CommandError("Nennen Sie mindestens eine Datei oder --catalogue.", returncode=UNREADABLE)
        texts = {str(path): _read(path) for path in files}
        results = [_check(path, text) for path, text in texts.items()]
        results += _same_form_twice(results)
        wrong = [result for result in results if result["problems"]]
        if not wrong and not options["dry_run"]:
            with transaction.atomic():
                for result in results:
                    version = actions.publish(result["form"], texts[result["file"]], by=None)
                    result |= {"number": version.number, "sha256": version.sha256}
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not wrong, "files": results}, ensure_ascii=False, indent=2))
        else:
            self._tell(results, options["dry_run"])
        if wrong:
            raise CommandError("Nichts wurde veröffentlicht.", returncode=WRONG)

    def _tell(self, results: list[dict[str, Any]], dry_run: bool) -> None:
        for result in results:
            if result["problems"]:
                self.stdout.write(f"{result['file']}: {len(result['problems'])} Fehler")
                for problem in result["problems"]:
                    self.stdout.write(f"  {problem['path'] or '(Datei)'}: {problem['text']}")
            elif "number" in result:
                self.stdout.write(f"{result['form']}: Fassung {result['number']} ist veröffentlicht.")
            else:
                note = "in Ordnung, nichts veröffentlicht (Probelauf)." if dry_run else "in Ordnung."
                self.stdout.write(f"{result['form']}: {note}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CommandError(f"{path}: Die Datei ist nicht in UTF-8 gespeichert.", returncode=UNREADABLE) from None
    except OSError as error:
        raise CommandError(f"{path}: nicht lesbar ({os_errors.why(error)}).", returncode=UNREADABLE) from None


def _check(path: str, text: str) -> dict[str, Any]:
    try:
        return {"file": path, "form": schema.publishable(text).form, "problems": []}
    except schema.DefinitionError as error:
        found = [{"path": where, "text": sentence} for where, sentence in error.problems]
        return {"file": path, "form": None, "problems": found}


def _same_form_twice(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    forms = [result["form"] for result in results if result["form"]]
    doubled = sorted({form for form in forms if forms.count(form) > 1})
    text = "Mehrere Dateien beschreiben dieses Formular."
    return [{"file": form, "form": form, "problems": [{"path": "form", "text": text}]} for form in doubled]
