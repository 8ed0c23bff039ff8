"""What a case owes, and that neither a withdrawn case nor a withdrawn decision leaves anything owed."""

import datetime as dt
import logging

from forms_engine.cases import post
from forms_engine.cases.models import Case, Decision
from forms_engine.cases.models.kinds import CHARGED
from forms_engine.cases.states import Status
from payments import actions as payments
from payments.models import Receivable
from payments.states import ReceivableState
from portal.common import clock

log = logging.getLogger(__name__)


def cancel(case: Case) -> None:
    """Cancel what a withdrawn case still owes. Outside any transaction: the provider is asked first."""
    if case.receivable is not None:
        cancel_demand(case, case.receivable)


def cancel_demand(case: Case, receivable: Receivable) -> None:
    """Cancel one open receivable of a case. Outside any transaction, as above."""
    if receivable.state != ReceivableState.OPEN:
        return
    try:
        payments.cancel_receivable(receivable, by=case.applicant)
    except (payments.CannotCancel, payments.GatewayError):
        # The bank still decides or the provider is silent: the sweep asks again, and the others go on.
        log.warning("a fee of case %s, which is owed no more, is not cancelled yet", case.number)


def sweep_withdrawn(limit: int = 50) -> int:
    """Cancel the open fees of withdrawn cases whose web process died between the two steps."""
    before = clock.now() - dt.timedelta(minutes=1)
    cases = Case.objects.filter(
        status=Status.WITHDRAWN, receivable__state=ReceivableState.OPEN, changed_at__lt=before
    ).select_related("receivable", "applicant")[:limit]
    for case in cases:
        cancel(case)
    return len(cases) + _sweep_withdrawn_decisions(before, limit)


def _sweep_withdrawn_decisions(before: dt.datetime, limit: int) -> int:
    """The same for what a withdrawn decision demanded. Returns how many were asked for."""
    rows = Decision.objects.filter(withdrawn_at__lt=before).select_related("receivable", "case__receivable")
    owed = rows.filter(receivable__state=ReceivableState.OPEN) | rows.filter(
        kind__in=sorted(CHARGED), case__receivable__state=ReceivableState.OPEN, case__status=Status.IN_REVIEW
    )
    asked = 0
    for decision in owed.order_by("pk")[:limit]:
        if (demanded := demanded_by(decision)) is not None:
            cancel_demand(decision.case, demanded)
            asked += 1
    return asked


def demanded_by(decision: Decision) -> Receivable | None:
    """What is owed because of this decision alone: a fee notice's demand, or a fee that came with the decision."""
    terms = decision.case.definition.fee
    if decision.receivable is not None or decision.kind not in CHARGED or terms is None or not terms.with_decision:
        return decision.receivable
    return decision.case.receivable


def owe(case: Case, cents: int) -> Receivable:
    """A new receivable, in the caller's transaction.

    Raises post.NoPostbox: nobody without an account ever owes anything.
    """
    fee = case.definition.fee
    if case.party is None or fee is None:
        raise post.NoPostbox
    return payments.open_receivable(
        payer=case.party,
        subject=case.thread,
        amount_cents=cents,
        purpose=case.title,
        due_on=clock.today() + dt.timedelta(days=fee.due_days),
        return_path=f"/vorgaenge/{case.public_id}/",
    )
