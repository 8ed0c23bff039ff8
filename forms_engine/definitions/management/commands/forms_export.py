"""Write a stored form, or its test data, as YAML."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forms_engine.definitions import document, queries, replay
from forms_engine.definitions.management import files
from portal.common import os_errors


class Command(BaseCommand):
    help = (
        "Gibt ein gespeichertes Formular als YAML aus, ohne --number die veröffentlichte Fassung. "
        "Ende mit 0: ausgegeben, 1: es gibt keine Testdaten, 2: falsch aufgerufen oder nicht zu schreiben."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("form", metavar="FORMULAR", help="Kennung, zum Beispiel bewohnerparkausweis")
        parser.add_argument("--number", type=int, help="die Fassung, sonst die veröffentlichte, sonst die neueste")
        parser.add_argument("--cases", action="store_true", help="die Testdaten statt des Formulars")
        parser.add_argument("--out", type=Path, metavar="DATEI", help="in diese Datei statt auf die Standardausgabe")
        parser.add_argument("--json", action="store_true", help="mit Angaben zur Fassung als JSON für Programme")

    def handle(self, *args: Any, **options: Any) -> None:
        version = files.stored(options["form"], options["number"])
        text = version.source
        if options["cases"]:
            cases = queries.replay_cases(version.form)
            if not cases:
                raise CommandError(f"Zu „{version.form.slug}“ gibt es keine Testdaten.", returncode=files.FOUND)
            text = document.write({"form": version.form.slug, "cases": [replay.as_json(case) for case in cases]})
        if options["out"]:
            try:
                options["out"].write_text(text, encoding="utf-8")
            except OSError as error:
                said = f"{options['out']}: nicht zu schreiben ({os_errors.why(error)})."
                raise CommandError(said, returncode=files.WRONG_CALL) from None
        about = {"form": version.form.slug, "number": version.number, "state": version.state, "sha256": version.sha256}
        if options["json"]:
            files.as_json(self.stdout, True, **about, **({} if options["out"] else {"source": text}))
        elif options["out"]:
            self.stdout.write(
                f"Geschrieben: {options['out']} (Fassung {version.number}, {version.get_state_display()})"
            )
        else:
            self.stdout.write(text, ending="")
