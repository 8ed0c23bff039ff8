from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_engine.intake import api_systems


class Command(BaseCommand):
    help = "Gibt einem anderen System einen Schlüssel zum Einliefern und zeigt ihn dieses eine Mal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Name des Systems, höchstens 60 Zeichen")
        parser.add_argument("--stop", action="store_true", help="das System darf nicht mehr einliefern")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"].strip()
        if not 0 < len(name) <= 60:
            raise CommandError("Geben Sie einen Namen mit höchstens 60 Zeichen ein.")
        if options["stop"]:
            if not api_systems.stop(name):
                raise CommandError(f"Ein aktives System „{name}“ gibt es nicht.")
            self.stdout.write(f"„{name}“ darf nicht mehr einliefern.")
            return
        self.stdout.write(api_systems.new_token(name))
        self.stderr.write("Bewahren Sie den Schlüssel sicher auf. Er wird nicht noch einmal gezeigt.")
