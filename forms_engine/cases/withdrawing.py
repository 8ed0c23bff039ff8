"""A decision is taken back before it counts: nobody has opened it, its day has not come (§ 43 (1) VwVfG: what was not
announced has no effect). Afterwards an end needs a further decision (revising.py).
"""

import uuid

from django.db import transaction

from forms_engine.cases import casefile, events, fees, flow, queries
from forms_engine.cases.models import Case, Decision, DecisionKind, Paper
from forms_engine.cases.states import REVISABLE, IllegalTransition, Status, advance
from mailbox import keeping
from mailbox.delivery_states import ALLOWED, DeliveryState
from mailbox.models import Delivery
from payments.models import Receivable
from payments.states import ReceivableState
from portal.accounts.models import User
from portal.common import clock
from portal.documents import actions as documents

BEFORE_IT_COUNTS = frozenset(state for state, following in ALLOWED.items() if DeliveryState.WITHDRAWN in following)


class CannotWithdraw(Exception):
    """The sentence is German and fit for the page."""


def withdrawable(case: Case) -> frozenset[uuid.UUID]:
    """Public ids of the messages whose decisions can still be taken back, as far as the page can tell."""
    if case.status not in REVISABLE:
        return frozenset()
    open_ones = Delivery.objects.filter(message__thread=case.thread, state__in=sorted(BEFORE_IT_COUNTS))
    unread = open_ones.filter(message__first_read_at=None).values("message")
    rows = Paper.objects.filter(case=case, message__in=unread).select_related("decision__receivable", "message")
    return frozenset(row.message.public_id for row in rows if row.message and not _hindrance(case, row.decision))


@transaction.atomic
def withdraw(case: Case, paper: Paper, *, why: str, by: User) -> bool:
    """Take back the decision of this paper. False if it was taken back before.

    Without a decision that stands the case is in review again. `why` is a note of the file, for clerks only. The caller
    cancels what was owed when the transaction is over (fees.cancel_demand). Raises CannotWithdraw,
    mailbox.deliveries.CannotWithdraw.
    """
    flow.not_own(case, by)
    held = Case.objects.for_pages().select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    decision = Decision.objects.select_related("receivable").get(paper=paper)
    if decision.withdrawn_at is not None or paper.message is None:
        return False
    if hindrance := _hindrance(held, decision):
        raise CannotWithdraw(hindrance)
    stands = queries.standing(held) == decision
    if not keeping.withdraw_decision(paper.message, by=by):
        return False
    Decision.objects.filter(pk=decision.pk).update(withdrawn_at=clock.now())
    documents.withdraw_document(paper.code, by=str(by.public_id))
    if stands and not advance(Case.objects.filter(pk=held.pk), Status.IN_REVIEW, expected=REVISABLE):
        raise IllegalTransition("in review already")
    note = casefile.write_note(held, text=f"{paper.name} zurückgezogen: {why}", by=by)
    events.note(
        held, "decision_withdrawn", str(by.public_id), decision=str(decision.public_id), note=str(note.public_id)
    )
    return True


def owed(paper: Paper) -> Receivable | None:
    """What this decision demanded and nobody has paid."""
    demanded = fees.demanded_by(paper.decision) if paper.decision else None
    return demanded if demanded and demanded.state == ReceivableState.OPEN else None


def _hindrance(case: Case, decision: Decision | None) -> str:
    """Why this decision stays, "" if it may go; what the mailbox knows is not asked."""
    if decision is None or case.status not in REVISABLE:
        return "Der Vorgang hat sich inzwischen geändert. Der Bescheid bleibt."
    if decision.replaces_id is not None:
        return "Dieser Bescheid ersetzt oder beendet einen anderen. Schreiben Sie einen weiteren Bescheid."
    if decision.kind != DecisionKind.FEE_NOTICE and queries.standing(case) != decision:
        return "Inzwischen gibt es einen neueren Bescheid. Nehmen Sie diesen zurück."
    demanded = fees.demanded_by(decision)
    if demanded is not None and demanded.state not in (ReceivableState.OPEN, ReceivableState.CANCELLED):
        return "Die Gebühr ist schon bezahlt. Nehmen Sie den Bescheid förmlich zurück."
    return ""
