from typing import Any

from django.core.management.base import BaseCommand

from mailbox.topics import catalogue


class Command(BaseCommand):
    help = "Bringt die Newsletter auf den Stand von mailbox/topics/catalogue.yaml. Kann jederzeit erneut laufen."

    def handle(self, *args: Any, **options: Any) -> None:
        new, changed = catalogue.seed()
        self.stdout.write(f"{new} neu, {changed} geändert")
