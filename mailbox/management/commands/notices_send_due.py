from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailbox import sending
from mailbox.states import NoticeState


class Command(BaseCommand):
    help = (
        "Versendet alle fälligen Hinweise jetzt, ohne Worker und Broker. Läuft gefahrlos neben den Workern. "
        "Ende: 0 gut, 2 falscher Aufruf."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--limit", type=int, default=1000, metavar="ZAHL", help="höchstens so viele (Vorgabe: 1000)"
        )

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        if limit < 1:
            raise CommandError("Geben Sie mit --limit eine Zahl ab 1 an.", returncode=2)
        outcome: Counter[NoticeState | None] = Counter()
        while limit > 0 and (sent := sending.send_notices(min(limit, sending.BATCH))):
            outcome.update(sent)
            limit -= len(sent)
        self.stdout.write(
            f"{outcome[NoticeState.SENT]} versandt, {outcome[NoticeState.QUEUED]} später erneut, "
            f"{outcome[NoticeState.FAILED]} nicht zustellbar, {outcome[NoticeState.DROPPED]} nicht mehr nötig"
        )
