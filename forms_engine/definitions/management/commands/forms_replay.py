"""Hold stored test data against a version of their form: does everything still follow as expected?"""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forms_engine.definitions import actions, queries, replay, schema
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.management import files
from forms_engine.definitions.models import Form

Run = tuple[str, FormDefinition, list[replay.Case]]  # what is judged, by what, with what


class Command(BaseCommand):
    help = (
        "Spielt alle gespeicherten Testdaten eines Formulars gegen eine Fassung ab. Ohne Angabe: alle Formulare. "
        "Ende mit 0: alles folgt wie erwartet, 1: etwas folgt nicht, 2: falsch aufgerufen."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("forms", nargs="*", metavar="FORMULAR", help="Kennungen, sonst alle mit Testdaten")
        parser.add_argument("--number", type=int, help="die Fassung (bei einem Formular), sonst die veröffentlichte")
        parser.add_argument("--file", type=Path, metavar="DATEI", help="gegen diese YAML-Datei statt einer Fassung")
        parser.add_argument("--cases", type=Path, metavar="DATEI", help="mit diesen Testdaten statt den gespeicherten")
        parser.add_argument("--catalogue", action="store_true", help="die mitgelieferten Formulare und Testdaten")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON für Programme")

    def handle(self, *args: Any, **options: Any) -> None:
        one = len(options["forms"]) == 1
        if (options["number"] or options["file"] or options["cases"]) and not one:
            said = "Nennen Sie zu --number, --file und --cases genau ein Formular."
            raise CommandError(said, returncode=files.WRONG_CALL)
        results = []
        for name, definition, cases in self._runs(options):
            sentences = replay.replay(definition, cases)
            results.append({"form": name, "cases": len(cases), "problems": sentences})
            if not options["json"]:
                self._tell(results[-1])
        failed = [result for result in results if result["problems"]]
        if options["json"]:
            files.as_json(self.stdout, not failed, forms=results)
        elif not results:
            self.stdout.write("Es gibt keine Testdaten.")
        if failed:
            raise CommandError(f"Nicht wie erwartet: {len(failed)} von {len(results)}.", returncode=files.FOUND)

    def _runs(self, options: dict[str, Any]) -> Iterator[Run]:
        if options["catalogue"]:
            for path in sorted(replay.CASES.glob("*.yaml")):
                held = _loaded(path, replay.load)
                yield held.form, _loaded(actions.CATALOGUE / path.name, schema.load), list(held.cases)
            return
        slugs = options["forms"]
        if not slugs:
            rows = Form.objects.filter(replay_cases__isnull=False).distinct().order_by("slug")
            slugs = list(rows.values_list("slug", flat=True))
        for slug in slugs:
            yield self._run(slug, options)

    def _run(self, slug: str, options: dict[str, Any]) -> Run:
        name = slug
        if options["file"]:
            definition = _loaded(options["file"], schema.load)
        else:
            version = files.stored(slug, options["number"])
            definition, name = version.definition, f"{slug}, Fassung {version.number}"
        if options["cases"]:
            return name, definition, list(_loaded(options["cases"], replay.load).cases)
        form = Form.objects.filter(slug=slug).first()
        if form is None:
            raise CommandError(f"Es gibt das Formular „{slug}“ nicht.", returncode=files.WRONG_CALL)
        return name, definition, queries.replay_cases(form)

    def _tell(self, result: dict[str, Any]) -> None:
        for sentence in result["problems"]:
            self.stdout.write(f"{result['form']}: {sentence}")
        if not result["problems"]:
            self.stdout.write(f"{result['form']}: {result['cases']} Testfälle, alles wie erwartet.")


def _loaded(path: Path, load: Any) -> Any:
    text = files.read(path)
    try:
        return load(text)
    except schema.DefinitionError as error:
        said = "\n".join(files.line(str(path), problem) for problem in files.problems(text, error))
        raise CommandError(said, returncode=files.FOUND) from None
