"""A new public terminal: prints its key, once."""

import argparse
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from portal.directory.models import Office
from portal.home import actions


class Command(BaseCommand):
    help = "Legt ein öffentliches Terminal an und zeigt seinen Schlüssel, einmal."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="etwa „Stadtbibliothek Sendling, Gerät 2“")
        parser.add_argument("--office", metavar="KURZNAME", help="Dienststelle, in der es steht")

    def handle(self, *args: Any, name: str, office: str | None, **options: Any) -> None:
        place = Office.objects.filter(slug=office).first() if office else None
        if office and place is None:
            raise CommandError(f"Die Dienststelle „{office}“ gibt es nicht.")
        try:
            secret = actions.add_terminal(name, place)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"Schlüssel (steht nirgends sonst): {secret}")
        self.stdout.write(f"Im Browser des Terminals eingeben: {settings.PUBLIC_URL}{reverse('home:terminal')}")
