import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.models import User
from portal.home.account import farewell
from portal.management import people


class Command(BaseCommand):
    help = "Löscht ein Konto, wenn kein Antrag läuft und keine Zahlung offen ist. Lässt sich nicht rückgängig machen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="E-Mail-Adresse oder Kennung des Kontos")
        parser.add_argument("--dry-run", action="store_true", help="nur sagen, was im Weg steht")
        parser.add_argument(
            "--json", action="store_true", help="Ergebnis als JSON; Ende mit 1, wenn etwas im Weg steht"
        )

    def handle(self, *args: object, person: str, dry_run: bool, **options: Any) -> None:
        user = people.one(person)
        reasons = farewell.obstacles(user) if dry_run else _delete(user)
        if options["json"]:
            told = {"user": str(user.public_id), "deleted": not (dry_run or reasons), "reasons": reasons}
            self.stdout.write(json.dumps({"dry_run": dry_run, **told}, ensure_ascii=False))
            if reasons and not dry_run:
                raise CommandError("Das Konto wird noch gebraucht.")
        elif dry_run:
            self.stdout.write("\n".join(reasons) if reasons else "Das Konto kann gelöscht werden.")
        elif reasons:
            raise CommandError("Das Konto wird noch gebraucht.\n" + "\n".join(reasons))
        else:
            self.stdout.write(f"Das Konto {user.public_id} ist gelöscht.")


def _delete(user: User) -> list[str]:
    """Why it is still needed; empty once it is gone."""
    try:
        farewell.delete(user, by="system:users_delete")
    except farewell.Refused as refused:
        return refused.reasons
    return []
