import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mailbox import queries
from mailbox.states import NoticeState
from portal.common import clock


class Command(BaseCommand):
    help = "Zeigt Postfächer, Nachrichten und Hinweise je Zustand und den am längsten wartenden Hinweis."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="maschinenlesbar")

    def handle(self, *args: Any, **options: Any) -> None:
        status = queries.status()
        if options["json"]:
            self.stdout.write(json.dumps(status, ensure_ascii=False, indent=2, default=str))
            return
        self.stdout.write(f"Postfächer: {status['mailboxes']}")
        self.stdout.write(f"Nachrichten: {status['messages']}, davon ungelesen: {status['unread']}")
        for state in NoticeState:
            self.stdout.write(f"Hinweise, {state.label}: {status['notices'][state.value]}")
        self.stdout.write(f"Verwaiste Ansprüche: {status['expired_leases']}")
        oldest = status["oldest_waiting_since"]
        since = f"{clock.local(oldest):%d.%m.%Y %H:%M} Uhr" if oldest else "keiner"
        self.stdout.write(f"Am längsten überfällig: {since}")
