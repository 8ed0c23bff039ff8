"""What papers and messages say, as plain JSON frozen at the moment of the deed. No ORM writes, no clock but the deed's.

Dates are ISO strings, money is cents, paragraphs are lists of sentences. The letter templates print exactly this.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from appointments.models import Appointment
from forms_engine.cases.models import Case, Decision, DecisionKind
from forms_engine.cases.post import SENDER
from forms_engine.definitions import present
from forms_engine.definitions.language.fields import ChoiceField, Question
from forms_engine.definitions.language.form import Decision as DecisionRules
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.submissions import queries as answers
from portal.accounts.models import Preferences
from portal.common import clock, formats, references

PROVISIONAL_DAYS = 7  # the confirmation is tolerated behind the windscreen for one week (service record)


def _definition(case: Case) -> FormDefinition:
    return case.submission.form_version.definition


def _recipient(case: Case, values: Mapping[str, Any]) -> dict[str, Any]:
    meaning = _definition(case).meaning
    name = " ".join(str(values.get(field, "")) for field in meaning.name).strip()
    lines = [" ".join(str(values.get(field, "")) for field in line).strip() for line in meaning.address]
    if lines and meaning.place:
        lines[-1] += f" {meaning.place}"
    return {"name": name or case.party.get_full_name(), "lines": [line for line in lines if line]}


def area(case: Case) -> str:
    """The licence area the person named, by its label. Empty if the form knows none or the person did not."""
    definition, values = _definition(case), answers.frozen(case.submission).values
    meaning = definition.meaning.area
    if meaning is None or values.get(meaning.field) in (meaning.unknown, ""):
        return ""
    if values.get(meaning.field) is not None:
        field = definition.field(meaning.field)
        return present.text_of(field, values[meaning.field]) if isinstance(field, Question) else ""
    return str(meaning.texts.get(str(values.get(meaning.otherwise or "")), ""))


def areas(case: Case) -> list[str]:
    """All areas a clerk may grant for, by their labels."""
    meaning = _definition(case).meaning.area
    if meaning is None:
        return []
    field = _definition(case).field(meaning.field)
    named = field.choices if isinstance(field, ChoiceField) else ()
    return [str(choice.label) for choice in named if choice.value != meaning.unknown] + [
        str(text) for text in meaning.texts.values()
    ]


def _marks(case: Case, values: Mapping[str, Any]) -> list[str]:
    """The number plates the paper is about; for a lost permit its number."""
    meaning = _definition(case).meaning.marks
    if meaning is None:
        return []
    rows = values.get(meaning.group) or []
    plates = [str(row[meaning.member]) for row in rows if row.get(meaning.member)]
    return plates or [str(values[name]) for name in [meaning.otherwise] if name and values.get(name)]


def _fee(case: Case) -> dict[str, Any] | None:
    receivable = case.receivable
    if receivable is None:
        return None
    paid = clock.local(receivable.paid_at).date().isoformat() if receivable.paid_at else None
    return {"cents": receivable.amount_cents, "kassenzeichen": receivable.kassenzeichen, "paid_on": paid}


def _common(case: Case) -> dict[str, Any]:
    values = answers.answers(case.submission)
    return {
        "number": case.number,
        "title": case.title,
        "date": clock.today().isoformat(),
        "recipient": _recipient(case, values),
        "area": area(case),
        "marks": _marks(case, values),
        "fee": _fee(case),
        "legal_basis": list(_definition(case).legal_basis),
    }


def receipt(case: Case) -> dict[str, Any]:
    """Confirmation of receipt with the answers, and the sheet for the windscreen."""
    start = clock.today()
    return _common(case) | {
        "received_at": case.received_at.isoformat(),
        "provisional": {
            "from": start.isoformat(),
            "until": (start + dt.timedelta(days=PROVISIONAL_DAYS)).isoformat(),
        },
        "sections": [
            {
                "title": section.title,
                "rows": [{"label": row.label, "value_text": row.value_text} for row in section.rows],
            }
            for section in answers.sections(case.submission)
        ],
        "next_steps": [str(step) for step in _definition(case).submission.next_steps],
    }


def decision(case: Case, decided: Decision, explanation: str) -> dict[str, Any]:
    """The whole decision letter, in the print the person wishes."""
    rules = decision_rules(case)
    granted = decided.kind == DecisionKind.GRANTED
    reasons = [_definition(case).refusal_reason(key) for key in decided.reasons]
    return _common(case) | {
        "area": decided.area,
        "kind": str(decided.kind),
        "revision": decided.revision,
        "valid_from": decided.valid_from.isoformat() if decided.valid_from else None,
        "valid_until": decided.valid_until.isoformat() if decided.valid_until else None,
        "heading": str(rules.granted_title if granted else rules.refused_title),
        "text": [str(part) for part in (rules.granted_text if granted else rules.refused_text)],
        "reasons": [{"text": str(r.text), "legal_basis": r.legal_basis} for r in reasons],
        "explanation": explanation,
        "conditions": [str(part) for part in rules.conditions] if granted else [],
        "fee_basis": fee.legal_basis if (fee := _definition(case).fee) else "",
        "remedy": str(rules.remedy),
        "clerk": decided.author.get_full_name(),
        "large_print": Preferences.objects.filter(user=case.party, large_print=True).exists(),
    }


def decision_rules(case: Case) -> DecisionRules:
    """The form's rules for deciding. A form that opens cases has them (the linter sees to it)."""
    rules = _definition(case).decision
    if rules is None:
        raise LookupError(f"Formular „{case.title}“ hat keine Regeln für Bescheide.")
    return rules


def validity(case: Case) -> tuple[dt.date | None, dt.date | None]:
    """First and last day the form's rules propose for a grant; the clerk may change them."""
    frozen = answers.frozen(case.submission)
    start, end = frozen.valid_from, frozen.valid_until
    return dt.date.fromisoformat(start) if start else None, dt.date.fromisoformat(end) if end else None


def preview(case: Case, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the confirmation page shows the clerk before signing off."""
    draft = Decision(
        case=case,
        kind=data["kind"],
        reasons=list(data["reasons"]) if data["kind"] == DecisionKind.REFUSED else [],
        author=case.assigned_to or case.applicant,
        valid_from=data["valid_from"] if data["kind"] == DecisionKind.GRANTED else None,
        valid_until=data["valid_until"] if data["kind"] == DecisionKind.GRANTED else None,
        area=data.get("area") or area(case),
    )
    return decision(case, draft, data["explanation"].strip())


def request_text(case: Case, text: str, answer_by: dt.date) -> str:
    return (
        f"Guten Tag {case.party.get_full_name()},\n\n"
        f"für Ihren Antrag {case.number} brauchen wir noch etwas von Ihnen:\n\n{text}\n\n"
        f"Bitte antworten Sie bis zum {answer_by:%d.%m.%Y}. Sie können die Unterlagen online nachreichen "
        "oder bei einem Termin zeigen.\n\n"
        f"Freundliche Grüße\n{SENDER}\n{settings.CITY['name']}"
    )


def receipt_text(payload: Mapping[str, Any], status_code: str = "") -> str:
    parts = [
        f"Guten Tag {payload['recipient']['name']},",
        f"wir haben Ihren Antrag erhalten. Ihr Aktenzeichen ist {payload['number']}.",
        "Im Anhang finden Sie die Bestätigung mit Ihren Angaben. Legen Sie das Blatt für die Windschutzscheibe gut "
        f"sichtbar ins Auto. Es gilt bis zum {_day(payload['provisional']['until'])}.",
    ]
    if payload["fee"]:
        fee = payload["fee"]
        parts.append(
            f"Die Gebühr beträgt {formats.eur(fee['cents'])}. "
            f"Ihr Kassenzeichen ist {references.grouped(fee['kassenzeichen'])}."
        )
    if status_code:
        parts.append(
            f"Ihr Statuscode ist {status_code}. Mit ihm und dem Aktenzeichen sehen Sie ohne Anmeldung, wie weit wir "
            f"sind: {settings.PUBLIC_URL}/stand/. Geben Sie den Code nur Menschen, die das sehen dürfen."
        )
    return _letter(parts)


def decision_text(payload: Mapping[str, Any]) -> str:
    outcome = "bewilligt" if payload["kind"] == DecisionKind.GRANTED else "abgelehnt"
    parts = [
        f"Guten Tag {payload['recipient']['name']},",
        f"wir haben über Ihren Antrag {payload['number']} entschieden: Er ist {outcome}.",
        "Den Bescheid finden Sie im Anhang. Er ist mit einem elektronischen Siegel versehen.",
    ]
    if payload["valid_until"]:
        parts.append(f"Ihr Ausweis gilt vom {_day(payload['valid_from'])} bis zum {_day(payload['valid_until'])}.")
    return _letter(parts)


def appointment_text(case: Case, appointment: Appointment, what: str) -> str:
    start, office = clock.local(appointment.starts), appointment.office
    parts = [
        f"Guten Tag {case.party.get_full_name()},",
        f"{what}. Es geht um Ihren Antrag {case.number}.",
        f"Zeit: {start:%d.%m.%Y, %H:%M} Uhr\nOrt: {office.name}, {office.address}\nWartenummer: {appointment.number}",
    ]
    if appointment.state == "booked" and appointment.offering.bring:
        parts.append(appointment.offering.bring)
    return _letter(parts)


def _day(iso: str) -> str:
    return f"{dt.date.fromisoformat(iso):%d.%m.%Y}"


def _letter(parts: Sequence[str]) -> str:
    return "\n\n".join([*parts, f"Freundliche Grüße\n{SENDER}\n{settings.CITY['name']}"])
