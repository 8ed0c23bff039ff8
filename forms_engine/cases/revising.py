"""After the decision: a new version of it, its end (Rücknahme, Widerruf), a fee notice. Each is a further decision of
the same case; the earlier one stays as it was signed, and stops counting when the new one is delivered.
"""

from dataclasses import replace

from django.db import transaction

from forms_engine.cases import events, flow, queries, rules, signing, tellings
from forms_engine.cases.models import Case, Decision, DecisionKind, PaperState, Proposal
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.states import REVISABLE, IllegalTransition, Status, advance
from payments.models import Receivable
from portal.accounts.models import User


def replaced_by(case: Case, outcome: Outcome) -> Outcome:
    """The outcome with the decision that it replaces or ends; a fee notice leaves the others alone.

    Raises IllegalTransition if there is nothing to replace, or a letter is still on its way.
    """
    standing = queries.standing(case)
    if standing is None or case.papers.filter(decision__isnull=False).exclude(state=PaperState.ISSUED).exists():
        raise IllegalTransition("nothing to revise")
    return replace(outcome, replaces=None if outcome.kind == DecisionKind.FEE_NOTICE else standing.pk)


@transaction.atomic
def revise(case: Case, outcome: Outcome, *, by: User, expected: int) -> Decision:
    """Sign a further decision in a case that is decided. `expected`: the revision that it will be.

    Raises IllegalTransition if another one came first or nothing stands, NeedsSecondClerk if one clerk is not enough.
    """
    outcome = _locked(case, outcome, by, expected)
    if rules.four_eyes(case, outcome.fee_cents):
        raise flow.NeedsSecondClerk
    if outcome.replaces and case.status != Status.DECIDED:
        advance(Case.objects.filter(pk=case.pk), Status.DECIDED, expected=REVISABLE)
    return signing.sign(case, outcome, author=by)


@transaction.atomic
def propose(case: Case, outcome: Outcome, *, by: User, expected: int) -> Proposal:
    """The same where two clerks have to sign: the case waits for the second (flow.approve, flow.send_back)."""
    return flow.propose(case, _locked(case, outcome, by, expected), by=by)


def _locked(case: Case, outcome: Outcome, by: User, expected: int) -> Outcome:
    flow.not_own(case, by)
    case.status = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk).status
    if case.status not in REVISABLE or queries.next_revision(case) != expected:
        raise IllegalTransition("not to be revised")
    return replaced_by(case, outcome)


@transaction.atomic
def fee_paid(receivable: Receivable) -> None:
    """What a fee notice demanded is paid: noted and told once. Other receivables are none of ours."""
    decision = Decision.objects.filter(receivable=receivable).first()
    if decision is None:
        return
    case = Case.objects.for_pages().select_for_update(of=("self",), no_key=True).get(pk=decision.case_id)
    if not case.events.filter(kind="fee_paid", data__decision=decision.pk).exists():
        events.note(case, "fee_paid", "system:payments", cents=receivable.amount_cents, decision=decision.pk)
        tellings.payment(case, receivable)
