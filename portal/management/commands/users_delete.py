from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.home.account import farewell
from portal.management import people


class Command(BaseCommand):
    help = "Löscht ein Konto, wenn kein Antrag läuft und keine Zahlung offen ist. Lässt sich nicht rückgängig machen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="E-Mail-Adresse oder Kennung des Kontos")
        parser.add_argument("--dry-run", action="store_true", help="nur sagen, was im Weg steht")

    def handle(self, *args: object, person: str, dry_run: bool, **options: Any) -> None:
        user = people.one(person)
        if dry_run:
            reasons = farewell.obstacles(user)
            self.stdout.write("\n".join(reasons) if reasons else "Das Konto kann gelöscht werden.")
            return
        try:
            farewell.delete(user, by="system:users_delete")
        except farewell.Refused as refused:
            raise CommandError("Das Konto wird noch gebraucht.\n" + "\n".join(refused.reasons)) from None
        self.stdout.write(f"Das Konto {user.public_id} ist gelöscht.")
