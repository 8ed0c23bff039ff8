import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mailbox import delivery_reports
from mailbox.delivery_states import DeliveryState
from mailbox.models import Channel, DispatchState


class Command(BaseCommand):
    help = "Zeigt Zustellungen je Stand, Sendungen je Weg und was ein Mensch ansehen muss."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="als JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        told = delivery_reports.status()
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        for state in DeliveryState:
            self.stdout.write(f"Zustellungen, {state.label}: {told['deliveries'][state.value]}")
        self.stdout.write(f"Jetzt fällig: {told['due_now']}")
        for channel in Channel:
            counts = told["dispatches"][channel.value]
            shown = [f"{counts[state.value]} {state.label}" for state in DispatchState if counts[state.value]]
            self.stdout.write(f"Sendungen, {channel.label}: {', '.join(shown) or 'keine'}")
        for one in told["standing_still"]:
            self.stdout.write(f"Steht still: {one['key']} ({one['channel']}, {one['error']})")
        for key in told["silent"]:
            self.stdout.write(f"Ohne Antwort der Gegenseite: {key}")
