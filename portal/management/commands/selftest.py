from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import selftest


class Command(BaseCommand):
    help = "Schickt einen Probeauftrag durch Postausgang, Worker und Protokoll. Ende mit 0: kam an, 1: blieb liegen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=60, help="so lange warten (Vorgabe: 60)")

    def handle(self, *args: object, seconds: float, **options: object) -> None:
        try:
            selftest.run(seconds)
        except selftest.SelftestFailed as error:
            raise CommandError(str(error)) from None
        self.stdout.write("Der Probeauftrag kam an.")
