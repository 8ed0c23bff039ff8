"""Who takes part in a case beside the account that applied: added, corrected and ended by clerks.

Each change is an event and an audit entry. What stood before is kept in the event, sealed with the case's key: the
chain of events never changes, and the words go with the key.
"""

import base64
import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from forms_engine.cases import events, flow, search
from forms_engine.cases.models import Case, CaseEvent, CaseParty, PartyRole
from portal.accounts.models import User
from portal.common import clock

CHANGES = {"party_corrected": "berichtigt", "party_ended": "beendet"}


@dataclass(frozen=True)
class Particulars:
    """What is known of a party. `address`: lines as on an envelope; `until`: the last day."""

    role: str
    name: str
    address: str
    since: dt.date
    until: dt.date | None = None
    mandate_on: dt.date | None = None

    @property
    def role_name(self) -> str:
        return str(PartyRole(self.role).label)


@dataclass(frozen=True)
class Earlier:
    """What stood there until a change: "berichtigt" or "beendet", when, by whom."""

    at: dt.datetime
    change: str
    by: str
    said: Particulars


@dataclass(frozen=True)
class Shown:
    row: CaseParty
    said: Particulars
    earlier: list[Earlier]

    @property
    def has_ended(self) -> bool:
        return self.said.until is not None and self.said.until < clock.today()


@transaction.atomic
def add(case: Case, said: Particulars, *, by: User) -> CaseParty:
    flow.not_own(case, by)
    row = CaseParty(case=case, author=by)
    _fill(row, said)
    row.save(force_insert=True)
    events.note(case, "party_added", str(by.public_id), party=str(row.public_id), role=said.role)
    search.index(case.pk)
    return row


@transaction.atomic
def change(row: CaseParty, said: Particulars, *, by: User) -> bool:
    """Correct what is known of a party, or end it: then only the last day is new. False if nothing is."""
    case = row.case
    flow.not_own(case, by)
    held = CaseParty.objects.select_for_update(of=("self",)).select_related("case").get(pk=row.pk)
    before = particulars(held)
    if before == said:
        return False
    ends = said.until is not None and before == Particulars(**vars(said) | {"until": before.until})
    _fill(held, said)
    held.save(update_fields=["role", "sealed", "since", "until", "mandate_on"])
    kept = case.envelope.seal_json(plain(before), held.place("before"))
    events.note(
        case,
        "party_ended" if ends else "party_corrected",
        str(by.public_id),
        kept={"before": base64.b64encode(kept).decode()},
        party=str(held.public_id),
        role=said.role,
    )
    search.index(case.pk)
    return True


def particulars(row: CaseParty) -> Particulars:
    """Raises crypto.KeyDestroyed after disposal."""
    words = row.words
    return Particulars(row.role, words["name"], words["address"], row.since, row.until, row.mandate_on)


def plain(said: Particulars) -> dict[str, Any]:
    """As JSON has it: days as ISO 8601."""
    return {key: value.isoformat() if isinstance(value, dt.date) else value for key, value in asdict(said).items()}


def of(case: Case) -> list[Shown]:
    """All that are or were, the oldest first, each with what stood there before."""
    rows = CaseParty.objects.filter(case=case).order_by("since", "id")
    if not rows:
        return []
    changes = list(CaseEvent.objects.filter(case=case, kind__in=CHANGES).order_by("-id"))
    people = {str(user.public_id): str(user) for user in User.objects.filter(public_id__in={e.actor for e in changes})}
    found = []
    for row in rows:
        row.case = case  # its envelope is open already
        earlier = [_earlier(row, event, people) for event in changes if event.data["party"] == str(row.public_id)]
        found.append(Shown(row, particulars(row), earlier))
    return found


def _earlier(row: CaseParty, event: CaseEvent, people: dict[str, str]) -> Earlier:
    sealed = base64.b64decode(event.data["before"])
    said = dict(row.case.envelope.open_json(sealed, row.place("before")))
    days = {key: said[key] and dt.date.fromisoformat(said[key]) for key in ("since", "until", "mandate_on")}
    return Earlier(event.at, CHANGES[event.kind], people.get(event.actor, ""), Particulars(**said | days))


def _fill(row: CaseParty, said: Particulars) -> None:
    row.role, row.since, row.until, row.mandate_on = said.role, said.since, said.until, said.mandate_on
    row.sealed = row.case.envelope.seal_json({"name": said.name, "address": said.address}, row.place())
