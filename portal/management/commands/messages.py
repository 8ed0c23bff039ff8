"""Bring the catalogues of translations in line with the source, or say what is wrong with them."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.management import catalogues


class Command(BaseCommand):
    help = "Übersetzungen: neue Texte in locale/ aufnehmen, alte entfernen, .mo-Dateien bauen"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="nur prüfen, nichts schreiben")

    def handle(self, *args: Any, **options: Any) -> None:
        base = settings.BASE_DIR
        found = catalogues.messages_of(base)
        for locale in (catalogues.ENGLISH, catalogues.SIMPLE):
            if not options["check"]:
                catalogues.write(base, locale, catalogues.merge(base, locale, found))
        wrong = [
            text
            for locale in (catalogues.ENGLISH, catalogues.SIMPLE)
            for text in catalogues.problems(base, locale, found)
        ]
        for text in wrong:
            self.stdout.write(text)
        if wrong:
            raise CommandError(f"{len(wrong)} Fehler in den Übersetzungen")
        self.stdout.write(f"{len(found)} Texte, alle übersetzt")
