import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from payments import ledger, verify
from portal.common import formats


class Command(BaseCommand):
    help = "Prüft jede Zusage rund ums Geld: Forderungen, Zahlungen, Buchungen. Endet mit 1, wenn etwas nicht stimmt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Ausgabe für Maschinen")

    def handle(self, *args: Any, **options: Any) -> None:
        found, waiting, counted = verify.findings(), verify.open_matters(), verify.counted()
        if options["json"]:
            result = {
                "checked": counted,
                "balances": ledger.balances(),
                "findings": [asdict(finding) for finding in found],
                "open": [asdict(matter) for matter in waiting],
            }
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
        else:
            self._tell(found, waiting, counted)
        if found:
            sys.exit(1)

    def _tell(self, found: list[verify.Finding], waiting: list[verify.Finding], counted: dict[str, int]) -> None:
        self.stdout.write(f"Geprüft: {counted['receivables']} Forderungen, {counted['payments']} Zahlungen.")
        for account, cents in ledger.balances().items():
            self.stdout.write(f"  {account:<14} {formats.eur(cents):>18}")
        for matter in waiting:
            self.stdout.write(f"Zu klären: {matter.subject}: {matter.text}")
        for finding in found:
            self.stderr.write(f"FEHLER {finding.code} {finding.subject}: {finding.text}")
        self.stdout.write("Alles stimmt." if not found else f"{len(found)} Fehler gefunden.")
