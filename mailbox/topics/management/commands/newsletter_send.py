from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailbox.topics import editing, sending
from mailbox.topics.states import DispatchState


class Command(BaseCommand):
    help = (
        "Lässt fällige Newsletter erscheinen und versendet, was aussteht, ohne Worker und Broker. "
        "Läuft gefahrlos neben den Workern. Ende: 0 gut, 2 falscher Aufruf."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--limit", type=int, default=None, metavar="ZAHL", help="höchstens so viele E-Mails (Vorgabe: alle)"
        )
        parser.add_argument("--dry-run", action="store_true", help="nur zählen, was aussteht")

    def handle(self, *args: Any, limit: int | None, dry_run: bool, **options: Any) -> None:
        if limit is not None and limit < 1:
            raise CommandError("Geben Sie mit --limit eine Zahl ab 1 an.", returncode=2)
        if dry_run:
            issues, mails = editing.due().count(), sending.waiting().count()
            self.stdout.write(f"{issues} Ausgaben würden erscheinen, {mails} E-Mails stehen aus")
            return
        issues = editing.sweep_issues()
        done = sending.send_due(limit=limit)
        self.stdout.write(
            f"{issues} Ausgaben erschienen, {done[DispatchState.SENT]} versandt, "
            f"{done[DispatchState.QUEUED]} später erneut, {done[DispatchState.FAILED]} nicht zustellbar, "
            f"{done[DispatchState.DROPPED]} vorher abbestellt"
        )
