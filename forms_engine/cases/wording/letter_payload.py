"""What a decision letter will say: the form's texts, or those of the newest published template, frozen with the rest.

The same function makes the preview, the letter and the payload that is kept, so that all three are the same.
"""

from typing import Any

from django.db.models import Max

from forms_engine.cases import payloads
from forms_engine.cases.models import Case, Decision, DecisionKind, LetterTemplate, TemplateState
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.wording import values
from forms_engine.definitions.models import Form
from payments.models import Receivable
from portal.common import clock


def newest(form: Form, kind: DecisionKind | str) -> LetterTemplate | None:
    """The published version in use. None: the letter says what the form itself says."""
    rows = LetterTemplate.objects.filter(form=form, kind=kind, state=TemplateState.PUBLISHED)
    return rows.order_by("-number").first()


def of(
    case: Case, outcome: Outcome, *, clerk: str, revision: int | None = None, demanded: Receivable | None = None
) -> dict[str, Any]:
    """The payload of the letter, with the texts of the outcome's template rendered into it. `revision`: None for the
    next one.

    Raises engine.TooLong, and LookupError for a form that decides nothing.
    """
    template = LetterTemplate.objects.filter(pk=outcome.template).first() if outcome.template else None
    return with_template(case, outcome, template, clerk=clerk, revision=revision, demanded=demanded)


def with_template(
    case: Case,
    outcome: Outcome,
    template: LetterTemplate | None,
    *,
    clerk: str,
    revision: int | None = None,
    demanded: Receivable | None = None,
) -> dict[str, Any]:
    """The same with a template that need not be published yet."""
    earlier = case.decisions.filter(pk=outcome.replaces).first() if outcome.replaces else None
    number = revision or (case.decisions.aggregate(last=Max("revision"))["last"] or 0) + 1
    plain = payloads.decision(case, outcome, clerk=clerk, revision=number, earlier=_earlier(earlier), demanded=demanded)
    if template is None:
        return plain
    told = values.apply(plain, template.texts, values.of_case(case, plain))
    return told | {"template": {"id": template.pk, "number": template.number}}


def _earlier(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {"date": clock.local(decision.signed_at).date().isoformat(), "kind": str(decision.kind)}
