from django.core.management.base import BaseCommand, CommandError

from forms_engine.cases import chain
from forms_engine.cases.models import Case, CaseEvent


class Command(BaseCommand):
    help = "Prüft die Ketten der Ereignisse aller Vorgänge. Ende mit 0: unversehrt, 1: verändert (mit den Stellen)."

    def handle(self, *args: object, **options: object) -> None:
        broken = list(chain.verify())
        numbers = dict(Case.objects.filter(pk__in=[found.case_id for found in broken]).values_list("pk", "number"))
        for found in broken:
            self.stderr.write(f"{numbers[found.case_id]}, Platz {found.position}: {found.problem}.")
        if broken:
            raise CommandError(f"{len(broken)} Vorgänge sind nicht unversehrt.")
        self.stdout.write(f"Alle Ketten sind unversehrt: {CaseEvent.objects.count()} Ereignisse.")
