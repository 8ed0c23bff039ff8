import json
import sys
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailbox import dispatches
from mailbox.models import Channel, DispatchState

FAILED = 1


class Command(BaseCommand):
    help = (
        "Legt fällige Briefe als Druckdateien in den Ordner der Druckerei (PORTAL_MAILBOX_SPOOL/letters). "
        "Läuft gefahrlos neben den Workern. Ende: 0 gut, 1 ein Brief ging nicht hinaus, 2 falscher Aufruf."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur zählen, was fällig ist")
        parser.add_argument("--json", action="store_true", help="als JSON")
        parser.add_argument("--limit", type=int, default=1000, metavar="ZAHL", help="höchstens so viele")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["limit"] < 1:
            raise CommandError("Geben Sie mit --limit eine Zahl ab 1 an.", returncode=2)
        if settings.MAILBOX_SPOOL is None:
            raise CommandError("Setzen Sie PORTAL_MAILBOX_SPOOL auf den Ordner der Druckerei.", returncode=2)
        waiting = dispatches.due(options["limit"], channel=Channel.LETTER)
        sent: Counter[str] = Counter()
        if not options["dry_run"]:
            sent.update(str(state) for key in waiting if (state := dispatches.send(key)))
        told = {"due": len(waiting), "handed": sent["handed"], "later": sent["queued"], "failed": sent["failed"]}
        if options["json"]:
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(
                f"{told['due']} Briefe fällig, {told['handed']} übergeben, {told['later']} später erneut, "
                f"{told['failed']} gescheitert"
            )
        if sent[DispatchState.QUEUED.value] or sent[DispatchState.FAILED.value]:
            sys.exit(FAILED)
