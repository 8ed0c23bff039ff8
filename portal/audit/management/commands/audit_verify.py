from django.core.management.base import BaseCommand, CommandError

from portal.audit import actions
from portal.audit.models import AuditEntry


class Command(BaseCommand):
    help = "Prüft die Kette des Protokolls. Ende mit 0: unversehrt, 1: verändert (mit der Stelle)."

    def handle(self, *args: object, **options: object) -> None:
        if finding := actions.verify():
            raise CommandError(f"Protokoll, Platz {finding.position}: {finding.problem}.")
        linked = AuditEntry.objects.exclude(position=None).count()
        waiting = AuditEntry.objects.filter(position=None).count()
        self.stdout.write(
            f"Das Protokoll ist unversehrt: {linked} Einträge verkettet, {waiting} warten auf den Durchgang."
        )
