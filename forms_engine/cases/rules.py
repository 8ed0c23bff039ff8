"""What a form says about the work on its cases, and what follows from it with the directory and the frozen answers."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from appointments.models import Offering
from forms_engine.cases.models import Case, DecisionKind
from forms_engine.cases.wording import texts
from forms_engine.definitions import remedies
from forms_engine.definitions.language.form import Decision, FormDefinition
from forms_engine.submissions import queries as answers
from portal.directory.models import Office
from portal.directory.teams import queries as teams

CITY_LETTERS = "LHM"  # begin the file numbers of forms and offices that say nothing else


def office_of(definition: FormDefinition) -> Office | None:
    """Where a new case belongs: where a team handles the form; where none does, at the office that the form names.

    None: several offices handle it, the first to take it decides.
    """
    return teams.office_for(definition.form, named=definition.casework.office)


def file_letters(definition: FormDefinition, office: Office | None) -> str:
    """What file numbers begin with: as the form says, else the department of the office, e.g. "KVR"."""
    short = office.organisation.short if office else ""
    usual = short if short.isascii() and short.isalpha() and short.isupper() and 2 <= len(short) <= 5 else CITY_LETTERS
    return definition.casework.letters or usual


def sender(case: Case) -> str:
    """Who signs what the citizen reads."""
    return str(case.definition.casework.sender or case.definition.department)


def letterhead(case: Case) -> dict[str, str]:
    """Department, address and telephone for letters; those of the city where the case is at no office."""
    place: Any = settings.CITY if case.office is None else vars(case.office)
    address = {key: str(place[key]) for key in ("street", "postcode", "place")}
    return address | {"department": sender(case), "phone": case.office.phone if case.office else ""}


def offering(case: Case) -> Offering | None:
    """What may be booked for a visit to the case's office. None: nobody has to come, or nothing is offered there."""
    slug = case.definition.casework.visit
    if slug is None or case.party is None:
        return None
    rows = Offering.objects.select_related("office").filter(slug=slug)
    if case.office is not None:
        rows = rows.filter(office=case.office)
    return rows.order_by("-active", "id").first()


def deciding(case: Case) -> Decision | None:
    """The form's rules for deciding. None: nothing is decided, the case ends with an answer."""
    return case.definition.decision


def positive(case: Case) -> DecisionKind:
    """What a favourable end is called in this form."""
    return texts.kinds(case.definition)[0] if deciding(case) else DecisionKind.GRANTED


def four_eyes(case: Case, cents: int | None = None) -> bool:
    """Whether a second clerk has to sign, judged by the answers as they were sent, or from a fee on.

    `cents`: what the decision is going to cost, where that is known only now.
    """
    frozen, rules = answers.frozen(case.submission), deciding(case)
    if rules is not None and isinstance(rules.four_eyes, int) and not isinstance(rules.four_eyes, bool):
        return (cents or frozen.fee_cents or 0) >= rules.four_eyes
    return frozen.four_eyes


def remedy(case: Case, kind: DecisionKind, *, burdens: bool) -> str:
    """What the person can do against a decision, "" where nothing has to be said. `burdens`: as remedies.text()."""
    rules = deciding(case)
    judged = rules is not None and isinstance(rules.remedy_for_grants, str)
    seen = answers.evaluation(case.submission).seen if judged else {}
    return remedies.text(case.definition, settings.CITY["name"], kind=kind, burdens=burdens, seen=seen)


@dataclass(frozen=True)
class Term:
    """From when to when what is granted holds: the days proposed, and whether there must be an end."""

    start: dt.date
    end: dt.date | None
    ends: bool


def term(case: Case) -> Term | None:
    """None where what is granted has no term."""
    frozen = answers.frozen(case.submission)
    if frozen.valid_from is None:
        return None
    end = dt.date.fromisoformat(frozen.valid_until) if frozen.valid_until else None
    ends = end is not None or all(entry.ends for entry in case.definition.validity)
    return Term(dt.date.fromisoformat(frozen.valid_from), end, ends)


@dataclass(frozen=True)
class Charge:
    """What the decision may cost: a fixed amount (both the same) or what the clerk sets between two, in cents."""

    lowest: int
    highest: int

    @property
    def is_fixed(self) -> bool:
        return self.lowest == self.highest


def charge(case: Case) -> Charge | None:
    """None where nothing is owed with the decision."""
    fee = case.definition.fee
    if fee is None or not fee.with_decision:
        return None
    if fee.frame:
        return Charge(fee.frame.lowest, fee.frame.highest)
    cents = answers.frozen(case.submission).fee_cents
    return Charge(cents, cents) if cents else None
