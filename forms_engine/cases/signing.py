"""The signature under a decision, however it came about: at once, by a second clerk, as a further one, in a run."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from forms_engine.cases import events, fees, papers, payloads, queries, rules
from forms_engine.cases.models import Case, Decision, DecisionKind, PaperKind
from forms_engine.cases.models.kinds import CHARGED
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.wording import letter_payload
from portal.accounts.models import User


def completed(case: Case, said: Mapping[str, Any]) -> Outcome:
    """The outcome of these fields, with the newest template and the area of the case where none is named."""
    newest = None if "template" in said else letter_payload.newest(case.submission.form_version.form, said["kind"])
    outcome = Outcome(**{"template": newest.pk if newest else None} | dict(said))
    return outcome if outcome.area else replace(outcome, area=payloads.area(case))


def sign(case: Case, outcome: Outcome, *, author: User, approver: User | None = None) -> Decision:
    """Make the decision, what it costs and the order for its letter, in the caller's transaction."""
    demanded = None
    if outcome.fee_cents and outcome.kind == DecisionKind.FEE_NOTICE:
        demanded = fees.owe(case, outcome.fee_cents)
    elif outcome.fee_cents and outcome.kind in CHARGED:
        case.receivable = fees.owe(case, outcome.fee_cents)
        Case.objects.filter(pk=case.pk).update(receivable=case.receivable)
    decision = Decision.objects.create(
        case=case,
        revision=queries.next_revision(case),
        kind=outcome.kind,
        reasons=list(outcome.reasons),
        author=author,
        approver=approver,
        needs_approval=rules.four_eyes(case, outcome.fee_cents),
        valid_from=outcome.valid_from,
        valid_until=outcome.valid_until,
        area=outcome.area,
        template_id=outcome.template,
        replaces_id=outcome.replaces,
        receivable=demanded,
    )
    events.note(case, "decided", str(author.public_id), kind=str(outcome.kind))
    letter = letter_payload.of(
        case, outcome, clerk=author.get_full_name(), revision=decision.revision, demanded=demanded
    )
    papers.order(case, PaperKind.DECISION, letter, decision)
    return decision
