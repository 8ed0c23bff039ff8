import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.models import AccountKind
from portal.accounts.parties import wards
from portal.common import clock
from portal.management import people


class Command(BaseCommand):
    help = (
        "Trägt eine gesetzliche Betreuung oder Vormundschaft ein, deren Urkunde die Stadt geprüft hat (§ 1823 BGB). "
        "Die betreute Person hat ein Konto (--principal) oder keines (--given, --family)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("agent", help="wer handelt: E-Mail-Adresse oder Kennung des Kontos")
        parser.add_argument("--principal", help="betreute Person mit Konto: E-Mail-Adresse oder Kennung")
        parser.add_argument("--given", default="", help="Vorname der betreuten Person ohne Konto")
        parser.add_argument("--family", default="", help="Familienname der betreuten Person ohne Konto")
        parser.add_argument("--born", type=_day, help="Geburtsdatum, JJJJ-MM-TT")
        parser.add_argument("--ends", type=_day, help="letzter Tag nach der Urkunde, JJJJ-MM-TT")
        parser.add_argument("--by", required=True, help="wer die Urkunde geprüft hat: Adresse oder Kennung")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")

    def handle(self, *args: object, agent: str, by: str, ends: dt.date | None, **options: Any) -> None:
        if bool(options["principal"]) is bool(options["given"] and options["family"]):
            raise CommandError("Nennen Sie die betreute Person: mit --principal oder mit --given und --family.")
        if ends is not None and ends < clock.today():
            raise CommandError("Dieses Ende liegt in der Vergangenheit. Prüfen Sie --ends.")
        acting, checker = people.one(agent), people.one(by)
        principal = people.one(options["principal"]) if options["principal"] else None
        if acting.kind != AccountKind.PERSON or acting == principal:
            raise CommandError("Betreuen kann nur eine andere Person mit eigenem Konto.")
        if not checker.is_staff:
            raise CommandError("Urkunden prüft nur, wer bei der Stadt arbeitet. Prüfen Sie --by.")
        made = wards.appoint(
            acting,
            principal=principal,
            given=options["given"],
            family=options["family"],
            born=options["born"],
            ends=ends,
            by=str(checker.public_id),
        )
        if options["json"]:
            told = {"mandate": str(made.public_id), "agent": str(acting.public_id), "ends": ends and ends.isoformat()}
            self.stdout.write(json.dumps({**told, "principal": str(made.principal.public_id)}))
        else:
            until = f" bis {ends:%d.%m.%Y}" if ends else ""
            self.stdout.write(f"Eingetragen{until}: {acting} handelt für {made.principal}.")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} ist kein Tag. Schreiben Sie zum Beispiel 2027-03-31.") from None
