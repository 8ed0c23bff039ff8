import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.accounts import roles


class Command(BaseCommand):
    help = (
        "Bringt die Gruppen der vier Rollen mit ihren Rechten auf den Stand. Legt keine Konten an, gibt keine Rollen."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur sagen, was sich ändern würde")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")

    def handle(self, *args: object, dry_run: bool, **options: Any) -> None:
        rows = roles.seed(dry_run=dry_run)
        if options["json"]:
            groups = [
                {"group": row.role.label, "new": row.is_new, "added": row.added, "taken": row.taken} for row in rows
            ]
            self.stdout.write(json.dumps({"dry_run": dry_run, "groups": groups}))
            return
        for row in rows:
            state = "neu" if row.is_new else "geändert" if row.added or row.taken else "unverändert"
            self.stdout.write(f"{row.role.label}: {state}")
            for sign, names in (("+", row.added), ("-", row.taken)):
                for name in names:
                    self.stdout.write(f"  {sign} {name}")
        if dry_run:
            self.stdout.write("Probelauf: nichts gespeichert.")
