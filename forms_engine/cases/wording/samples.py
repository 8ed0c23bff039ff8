"""A letter of nobody: what a text looks like before there is a case, or with a case before anything is decided."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from forms_engine.cases import payloads, rules
from forms_engine.cases.models import Case, DecisionKind
from forms_engine.cases.models.kinds import ENDING, REFUSING, UNDATED
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.wording import texts, values
from forms_engine.definitions import remedies
from forms_engine.definitions.language.form import FormDefinition
from portal.common import clock

CENTS = 30_00
EXPLANATION = "[Begründung im Einzelfall]"


def outcome(case: Case, kind: DecisionKind) -> Outcome:
    """A decision of this kind as it could be made today."""
    words, today = rules.deciding(case), clock.today()
    first = [reason.key for reason in words.refusal_reasons[:1]] if words else []
    return Outcome(
        kind,
        valid_from=None if kind in UNDATED or not (rules.term(case) or kind in ENDING) else today,
        reasons=first if kind in REFUSING else (),
        explanation=EXPLANATION,
        area=payloads.area(case),
        fee_cents=CENTS if kind == DecisionKind.FEE_NOTICE else None,
        granted_part="[was bewilligt ist]" if kind == DecisionKind.PARTLY else "",
        refused_part="[was abgelehnt ist]" if kind == DecisionKind.PARTLY else "",
    )


def payload(definition: FormDefinition, kind: DecisionKind, said: Mapping[str, str], *, clerk: str) -> dict[str, Any]:
    """The payload of a letter to a sample person; each value says what will stand there. Raises engine.TooLong."""
    heading, text = texts.built_in(definition, kind)
    words, today = definition.decision, clock.today().isoformat()
    reasons = [
        {"text": str(r.text), "legal_basis": r.legal_basis} for r in (words.refusal_reasons[:1] if words else ())
    ]
    city = settings.CITY
    plain: dict[str, Any] = {
        "number": "MUSTER",
        "title": str(definition.title),
        "date": today,
        "sender": {key: str(city[key]) for key in ("street", "postcode", "place")}
        | {"department": str(definition.casework.sender or definition.department), "phone": ""},
        "recipient": {"name": "[Name]", "lines": ["[Straße und Hausnummer]", "[Postleitzahl und Ort]"]},
        "area": "[Gebiet]" if definition.meaning.area else "",
        "area_label": str(definition.meaning.area.label) if definition.meaning.area else "",
        "marks": [],
        "marks_label": "",
        "legal_basis": list(definition.legal_basis),
        "kind": str(kind),
        "revision": 1,
        "replaces": {"date": today, "kind": "granted"} if kind in ENDING else None,
        "valid_from": None if kind in UNDATED else today,
        "valid_until": None,
        "heading": heading,
        "text": text,
        "facts": [],
        "reasons": reasons if kind in REFUSING else [],
        "explanation": EXPLANATION if kind in REFUSING | ENDING else "",
        "granted_part": "[was bewilligt ist]" if kind == DecisionKind.PARTLY else "",
        "refused_part": "[was abgelehnt ist]" if kind == DecisionKind.PARTLY else "",
        "conditions": [str(part) for part in words.conditions] if words and kind not in UNDATED | ENDING else [],
        "fee": {"cents": CENTS, "paid_on": None} if definition.fee and kind not in ENDING else None,
        "fee_basis": definition.fee.legal_basis if definition.fee else "",
        "remedy": _remedy(definition, kind),
        "clerk": clerk,
        "large_print": False,
        "template": None,
    }
    return values.apply(plain, said, values.sample(definition))


def _remedy(definition: FormDefinition, kind: DecisionKind) -> str:
    """As under a letter with the form's fee and conditions."""
    words = definition.decision
    burdens = bool(definition.fee or (words and words.conditions))
    return remedies.text(definition, settings.CITY["name"], kind=kind, burdens=burdens, seen={})
