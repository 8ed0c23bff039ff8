"""What papers and messages say, as plain JSON frozen at the moment of the deed. No ORM writes, no clock but the deed's.

Dates are ISO strings, money is cents, paragraphs are lists of sentences. The letter templates print exactly this.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from appointments.models import Appointment
from forms_engine.cases import rules
from forms_engine.cases.models import Case, DecisionKind
from forms_engine.cases.models.kinds import ENDING
from forms_engine.cases.wording import texts
from forms_engine.definitions import present
from forms_engine.definitions.language.fields import ChoiceField, Question
from forms_engine.submissions import queries as answers
from payments.models import Receivable
from portal.accounts.models import Preferences
from portal.common import clock, formats, references


@dataclass(frozen=True)
class Outcome:
    """What a clerk decides. `fee_cents`: what is owed with the decision. `conditions`: the form's clauses by their
    numbers (from 0), None for all of them; `own_conditions`: further ones. `template` and `replaces`: primary keys.
    """

    kind: DecisionKind
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    reasons: Sequence[str] = ()
    explanation: str = ""
    area: str = ""
    fee_cents: int | None = None
    granted_part: str = ""
    refused_part: str = ""
    conditions: Sequence[int] | None = None
    own_conditions: Sequence[str] = ()
    template: int | None = None
    replaces: int | None = None


PARTS = ("granted_part", "refused_part", "conditions", "own_conditions")


def parts(outcome: Outcome) -> dict[str, Any]:
    """Those of an outcome that are kept sealed, as JSON."""
    said = {name: getattr(outcome, name) for name in PARTS}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def _recipient(case: Case, values: Mapping[str, Any]) -> dict[str, Any]:
    meaning = case.definition.meaning
    name = " ".join(str(values.get(field, "")) for field in meaning.name).strip()
    lines = [" ".join(str(values.get(field, "")) for field in line).strip() for line in meaning.address]
    if lines and meaning.place:
        lines[-1] += f" {meaning.place}"
    return {"name": name or _party(case), "lines": [line for line in lines if line]}


def _party(case: Case) -> str:
    return case.party.get_full_name() if case.party else ""


def area(case: Case) -> str:
    """The licence area the person named, by its label. Empty if the form knows none or the person did not."""
    definition, values = case.definition, answers.frozen(case.submission).values
    meaning = definition.meaning.area
    if meaning is None or values.get(meaning.field) in (meaning.unknown, ""):
        return ""
    if values.get(meaning.field) is not None:
        field = definition.field(meaning.field)
        return present.text_of(field, values[meaning.field]) if isinstance(field, Question) else ""
    return str(meaning.texts.get(str(values.get(meaning.otherwise or "")), ""))


def areas(case: Case) -> list[str]:
    """All areas a clerk may grant for, by their labels."""
    meaning = case.definition.meaning.area
    if meaning is None:
        return []
    field = case.definition.field(meaning.field)
    named = field.choices if isinstance(field, ChoiceField) else ()
    return [str(choice.label) for choice in named if choice.value != meaning.unknown] + [
        str(text) for text in meaning.texts.values()
    ]


def _marks(case: Case, values: Mapping[str, Any]) -> list[str]:
    """The number plates the paper is about; for a lost permit its number."""
    meaning = case.definition.meaning.marks
    if meaning is None:
        return []
    rows = values.get(meaning.group) or []
    plates = [str(row[meaning.member]) for row in rows if row.get(meaning.member)]
    return plates or [str(values[name]) for name in [meaning.otherwise] if name and values.get(name)]


def _facts(case: Case) -> list[dict[str, str]]:
    """What the form wants repeated in its decision letter: labels and answers in words."""
    wanted = case.definition.meaning.facts
    if not wanted:
        return []
    single = {fact for fact in wanted if isinstance(fact, str)}
    groups = {fact.group: fact.members for fact in wanted if not isinstance(fact, str)}
    found = []
    for section in answers.sections(case.submission):
        rows = [row for row in section.rows if row.answered]
        if members := groups.get(section.group):
            said = [row.value_text for row in rows if row.field.rpartition("-")[2] in members]
            found.append({"label": section.title, "value_text": ", ".join(said)})
        found += [{"label": row.label, "value_text": row.value_text} for row in rows if row.field in single]
    return found


def _fee(receivable: Receivable | None) -> dict[str, Any] | None:
    if receivable is None:
        return None
    paid = clock.local(receivable.paid_at).date().isoformat() if receivable.paid_at else None
    return {
        "cents": receivable.amount_cents,
        "kassenzeichen": receivable.kassenzeichen,
        "paid_on": paid,
        "due_on": receivable.due_on.isoformat(),
    }


def _common(case: Case) -> dict[str, Any]:
    definition, values = case.definition, answers.answers(case.submission)
    return {
        "number": case.number,
        "title": case.title,
        "date": clock.today().isoformat(),
        "sender": rules.letterhead(case),
        "recipient": _recipient(case, values),
        "area": area(case),
        "area_label": str(definition.meaning.area.label) if definition.meaning.area else "",
        "marks": _marks(case, values),
        "marks_label": str(definition.meaning.marks.label) if definition.meaning.marks else "",
        "fee": _fee(case.receivable),
        "legal_basis": list(definition.legal_basis),
    }


def receipt(case: Case) -> dict[str, Any]:
    """Confirmation of receipt with the answers; for some forms it serves as a permit for some days."""
    days, start = case.definition.casework.provisional_days, clock.today()
    until = start + dt.timedelta(days=days) if days else None
    return _common(case) | {
        "received_at": case.received_at.isoformat(),
        "report": case.is_report,
        "decide_by": case.due_on.isoformat(),
        "decide_basis": case.definition.casework.decide_basis,
        "provisional": {"from": start.isoformat(), "until": until.isoformat()} if until else None,
        "sections": [
            {
                "title": section.title,
                "rows": [{"label": row.label, "value_text": row.value_text} for row in section.rows],
            }
            for section in answers.sections(case.submission)
        ],
        "next_steps": [str(step) for step in case.definition.submission.next_steps],
    }


def decision(
    case: Case,
    outcome: Outcome,
    *,
    clerk: str,
    revision: int = 1,
    earlier: Mapping[str, Any] | None = None,
    demanded: Receivable | None = None,
) -> dict[str, Any]:
    """The whole decision letter, in the print the person wishes. `clerk`: the name of who signs it. `earlier`: date and
    kind of the decision that it replaces or ends. `demanded`: what a fee notice is about, once it is owed.

    Raises LookupError for a form that decides nothing.
    """
    heading, text = texts.built_in(case.definition, outcome.kind)
    reasons = [case.definition.refusal_reason(key) for key in outcome.reasons]
    plain = outcome.kind in (DecisionKind.GRANTED, DecisionKind.PARTLY, DecisionKind.CERTIFICATE)
    law = texts.LAW.get(outcome.kind)
    return _common(case) | {
        "area": outcome.area,
        "kind": str(outcome.kind),
        "revision": revision,
        "replaces": dict(earlier) if earlier else None,
        "valid_from": outcome.valid_from.isoformat() if outcome.valid_from else None,
        "valid_until": outcome.valid_until.isoformat() if outcome.valid_until else None,
        "heading": heading,
        "text": text,
        "facts": _facts(case) if plain else [],
        "reasons": [{"text": str(r.text), "legal_basis": r.legal_basis} for r in reasons],
        "explanation": outcome.explanation,
        "granted_part": outcome.granted_part,
        "refused_part": outcome.refused_part,
        "conditions": _conditions(case, outcome) if plain else [],
        "fee": _charged(case, outcome, demanded),
        "fee_basis": case.definition.fee.legal_basis if case.definition.fee and _costs(case, outcome) else "",
        "legal_basis": ([law] if law else []) + list(case.definition.legal_basis),
        "remedy": rules.remedy(case, outcome.kind, burdens=_burdens(case, outcome)),
        "clerk": clerk,
        "large_print": Preferences.objects.filter(user=case.party, large_print=True).exists(),
        "template": None,
    }


def _conditions(case: Case, outcome: Outcome) -> list[str]:
    known = [str(part) for part in (case.definition.decision.conditions if case.definition.decision else ())]
    ticked = range(len(known)) if outcome.conditions is None else outcome.conditions
    return [known[number] for number in ticked] + list(outcome.own_conditions)


def _burdens(case: Case, outcome: Outcome) -> bool:
    """Whether a grant burdens all the same: by a fee, a condition, a term shorter than asked for (Art. 36 BayVwVfG)."""
    asked, start, end = rules.term(case), outcome.valid_from, outcome.valid_until
    late = asked is not None and start is not None and start > asked.start
    short = asked is not None and end is not None and (asked.end is None or end < asked.end)
    return bool(_costs(case, outcome) or _conditions(case, outcome) or late or short)


def _costs(case: Case, outcome: Outcome) -> bool:
    return bool(case.receivable or outcome.fee_cents)


def _charged(case: Case, outcome: Outcome, demanded: Receivable | None) -> dict[str, Any] | None:
    if outcome.kind in ENDING:
        return None
    proposed = {"cents": outcome.fee_cents, "paid_on": None} if outcome.fee_cents else None
    if outcome.kind == DecisionKind.FEE_NOTICE:
        return _fee(demanded) or proposed
    return _fee(case.receivable) or proposed


def request_text(case: Case, text: str, answer_by: dt.date, return_code: str) -> str:
    """`return_code`: by it an answer on paper or by mail files itself (returning.py)."""
    visit = " oder bei einem Termin zeigen" if rules.offering(case) else ""
    return _signed(
        [
            f"Guten Tag {_party(case)},",
            f"für {_accusative(case.is_report)} {case.number} brauchen wir noch etwas von Ihnen:",
            text,
            f"Bitte antworten Sie bis zum {answer_by:%d.%m.%Y}. Sie können die Unterlagen online nachreichen{visit}.",
            f"Schreiben Sie per Brief oder E-Mail? Dann nennen Sie uns bitte den Rückgabecode {return_code}.",
        ],
        rules.sender(case),
    )


def answer_text(case: Case, text: str) -> str:
    """What ends a case in which nothing is decided."""
    greeting, about = f"Guten Tag {_party(case)},", f"es geht um {_accusative(case.is_report)} {case.number}."
    return _signed([greeting, about, text], rules.sender(case))


def receipt_text(payload: Mapping[str, Any], status_code: str = "") -> str:
    parts = [
        f"Guten Tag {payload['recipient']['name']},",
        f"wir haben {_accusative(payload.get('report', False))} erhalten. Ihr Aktenzeichen ist {payload['number']}.",
        "Im Anhang finden Sie die Bestätigung mit Ihren Angaben.",
    ]
    if payload["provisional"]:
        parts[-1] += (
            " Legen Sie das Blatt für die Windschutzscheibe gut "
            f"sichtbar ins Auto. Es gilt bis zum {_day(payload['provisional']['until'])}."
        )
    if payload["fee"]:
        parts.append(_owed(payload["fee"]))
    if status_code:
        parts.append(
            f"Ihr Statuscode ist {status_code}. Mit ihm und dem Aktenzeichen sehen Sie ohne Anmeldung, wie weit wir "
            f"sind: {settings.PUBLIC_URL}/stand/. Geben Sie den Code nur Menschen, die das sehen dürfen."
        )
    return _signed(parts, _signature(payload))


def decision_text(payload: Mapping[str, Any]) -> str:
    number = payload["number"]
    said = {
        DecisionKind.GRANTED: (f"wir haben über Ihren Antrag {number} entschieden: Er ist bewilligt.", "Den Bescheid"),
        DecisionKind.REFUSED: (f"wir haben über Ihren Antrag {number} entschieden: Er ist abgelehnt.", "Den Bescheid"),
        DecisionKind.PARTLY: (
            f"wir haben über Ihren Antrag {number} entschieden: Er ist zum Teil bewilligt.",
            "Den Bescheid",
        ),
        DecisionKind.CERTIFICATE: (f"wir haben Ihren Antrag {number} bearbeitet.", "Unser Schreiben"),
        DecisionKind.FEE_NOTICE: (f"zu Ihrem Antrag {number} haben wir eine Gebühr festgesetzt.", "Den Bescheid"),
        DecisionKind.TAKEN_BACK: (
            f"wir haben unseren Bescheid zu Ihrem Antrag {number} zurückgenommen.",
            "Den neuen Bescheid",
        ),
        DecisionKind.REVOKED: (
            f"wir haben unseren Bescheid zu Ihrem Antrag {number} widerrufen.",
            "Den neuen Bescheid",
        ),
    }
    sentence, what = said[DecisionKind(payload["kind"])]
    it = "Es" if what == "Unser Schreiben" else "Er"
    parts = [
        f"Guten Tag {payload['recipient']['name']},",
        sentence,
        f"{what} finden Sie im Anhang. {it} ist mit einem elektronischen Siegel versehen.",
    ]
    kind = DecisionKind(payload["kind"])
    if payload.get("replaces") and kind not in ENDING:
        parts.append(f"Er ersetzt unseren Bescheid vom {_day(payload['replaces']['date'])}.")
    if kind in ENDING:
        if payload["valid_from"]:
            parts.append(f"Der frühere Bescheid gilt ab dem {_day(payload['valid_from'])} nicht mehr.")
    elif payload["valid_until"]:
        parts.append(
            f"Gültig ist die Bewilligung vom {_day(payload['valid_from'])} bis zum {_day(payload['valid_until'])}."
        )
    elif payload["valid_from"]:
        parts.append(f"Gültig ist die Bewilligung ab dem {_day(payload['valid_from'])}.")
    fee = payload["fee"]
    if fee and fee.get("kassenzeichen") and not fee["paid_on"]:
        parts.append(_owed(fee))
    return _signed(parts, _signature(payload))


def appointment_text(case: Case, appointment: Appointment, what: str) -> str:
    start, office = clock.local(appointment.starts), appointment.office
    parts = [
        f"Guten Tag {_party(case)},",
        f"{what}. Es geht um {_accusative(case.is_report)} {case.number}.",
        f"Zeit: {start:%d.%m.%Y, %H:%M} Uhr\nOrt: {office.name}, {office.address}\nWartenummer: {appointment.number}",
    ]
    if appointment.state == "booked" and appointment.offering.bring:
        parts.append(appointment.offering.bring)
    return _signed(parts, rules.sender(case))


def _owed(fee: Mapping[str, Any]) -> str:
    sentence = (
        f"Die Gebühr beträgt {formats.eur(fee['cents'])}. "
        f"Ihr Kassenzeichen ist {references.grouped(fee['kassenzeichen'])}."
    )
    return f"{sentence} Bitte bezahlen Sie bis zum {_day(fee['due_on'])}." if fee.get("due_on") else sentence


def _accusative(report: bool) -> str:
    return "Ihre Meldung" if report else "Ihren Antrag"


def _day(iso: str) -> str:
    return f"{dt.date.fromisoformat(iso):%d.%m.%Y}"


def _signature(payload: Mapping[str, Any]) -> str:
    """Papers that were ordered before letters had senders of their own speak for the city."""
    return str(payload["sender"]["department"] if "sender" in payload else settings.CITY["department"])


def _signed(parts: Sequence[str], sender: str) -> str:
    return "\n\n".join([*parts, f"Freundliche Grüße\n{sender}\n{settings.CITY['name']}"])
