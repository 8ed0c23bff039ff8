"""What a case owes, and that a withdrawn one owes nothing any more."""

import datetime as dt
import logging

from forms_engine.cases import post
from forms_engine.cases.models import Case
from forms_engine.cases.states import Status
from payments import actions as payments
from payments.models import Receivable
from payments.states import ReceivableState
from portal.common import clock

log = logging.getLogger(__name__)


def cancel(case: Case) -> None:
    """Cancel what a withdrawn case still owes. Outside any transaction: the provider is asked first."""
    if case.receivable is None or case.receivable.state != ReceivableState.OPEN:
        return
    try:
        payments.cancel_receivable(case.receivable, by=case.applicant)
    except (payments.CannotCancel, payments.GatewayError):
        # The bank still decides or the provider is silent: the sweep asks again, and the others go on.
        log.warning("the fee of withdrawn case %s is not cancelled yet", case.number)


def sweep_withdrawn(limit: int = 50) -> int:
    """Cancel the open fees of withdrawn cases whose web process died between the two steps."""
    before = clock.now() - dt.timedelta(minutes=1)
    cases = Case.objects.filter(
        status=Status.WITHDRAWN, receivable__state=ReceivableState.OPEN, changed_at__lt=before
    ).select_related("receivable", "applicant")[:limit]
    for case in cases:
        cancel(case)
    return len(cases)


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
