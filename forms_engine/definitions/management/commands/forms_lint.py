"""What is wrong or weak in forms, from files or from the database. Changes nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forms_engine.definitions import actions
from forms_engine.definitions.management import files


class Command(BaseCommand):
    help = (
        "Prüft Formulare: was das Veröffentlichen verhindert (Fehler) und was besser sein könnte (Warnungen). "
        "Ende mit 0: keine Fehler, 1: Fehler gefunden (mit --strict auch Warnungen), 2: falsch aufgerufen."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="DATEI", type=Path, help="YAML-Dateien")
        parser.add_argument("--catalogue", action="store_true", help="dazu alle mitgelieferten Formulare")
        parser.add_argument("--form", help="Kennung eines gespeicherten Formulars statt Dateien")
        parser.add_argument("--number", type=int, help="zu --form: die Fassung, sonst die veröffentlichte")
        parser.add_argument("--strict", action="store_true", help="auch Warnungen führen zum Ende mit 1")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON für Programme")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = [*options["files"], *(sorted(actions.CATALOGUE.glob("*.yaml")) if options["catalogue"] else [])]
        if bool(paths) == bool(options["form"]) or (options["number"] and not options["form"]):
            text = "Nennen Sie Dateien, --catalogue oder --form."
            raise CommandError(text, returncode=files.WRONG_CALL)
        texts = {str(path): files.read(path) for path in paths}
        if options["form"]:
            version = files.stored(options["form"], options["number"])
            texts = {f"{version.form.slug}, Fassung {version.number}": version.source}
        results: list[files.Report] = [{"file": name, "findings": files.judged(text)} for name, text in texts.items()]
        said = [finding for result in results for finding in result["findings"]]
        bad = [finding for finding in said if options["strict"] or finding["level"] == "error"]
        if options["json"]:
            files.as_json(self.stdout, not bad, files=results)
        else:
            self._tell(results)
        if bad:
            raise CommandError(f"Zu beheben: {len(bad)}.", returncode=files.FOUND)

    def _tell(self, results: list[files.Report]) -> None:
        for result in results:
            for finding in result["findings"]:
                self.stdout.write(files.line(result["file"], finding))
            if not result["findings"]:
                self.stdout.write(f"{result['file']}: in Ordnung.")
