import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_engine.intake import polling
from forms_engine.intake.sources.base import Polled
from forms_engine.intake.working import sweep_items

NAMES = ("mail", "eml", "scan", "court")
FAILED, NOT_CONFIGURED = 1, 3


class Command(BaseCommand):
    help = (
        "Fragt Postfach und Ordner nach Eingängen. Ende: 0 gut, 1 eine Quelle hatte Probleme, "
        "2 falscher Aufruf, 3 keine Quelle eingerichtet."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--source", choices=NAMES, help="nur diese Quelle")
        parser.add_argument("--once", action="store_true", help="einmal fragen und enden")
        parser.add_argument("--every", type=int, default=60, metavar="SEKUNDEN", help="Abstand ohne --once")
        parser.add_argument("--json", action="store_true", help="eine Zeile JSON je Durchgang")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["every"] < 1:
            raise CommandError("Geben Sie mit --every eine Zahl von Sekunden ab 1 an.", returncode=2)
        asked = polling.configured()
        if options["source"]:
            asked = {name: ask for name, ask in asked.items() if name == options["source"]}
        if not asked:
            self.stderr.write("Diese Quelle ist nicht eingerichtet. Setzen Sie PORTAL_INTAKE_… (docs/operating.md).")
            sys.exit(NOT_CONFIGURED)
        while True:
            told = [ask() for ask in asked.values()]
            sweep_items()
            self._say(told, options["json"])
            if options["once"]:
                break
            time.sleep(options["every"])
        if any(one.problems for one in told):
            sys.exit(FAILED)

    def _say(self, told: list[Polled], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps([vars(one) for one in told], ensure_ascii=False))
            return
        for one in told:
            self.stdout.write(f"{one.source}: {one.taken} neu, {one.known} schon bekannt")
            for problem in one.problems:
                self.stderr.write(f"{one.source}: {problem}")
