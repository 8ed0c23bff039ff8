"""Asks the FIT-Connect sender what became of parcels that it has, until it knows."""

import datetime as dt

from django.db import transaction

from mailbox import dispatches
from mailbox.channels import fitconnect
from mailbox.models import Channel, Dispatch, DispatchState
from portal.common import clock
from portal.outbox import relay

ASK_EVERY = dt.timedelta(minutes=30)
SWEEP_BATCH = 50


def sweep() -> int:
    """Ring for each parcel that is to be asked about. Returns how many."""
    rows = Dispatch.objects.filter(channel=Channel.FITCONNECT, state=DispatchState.HANDED, due_at__lte=clock.now())
    waiting = list(rows.order_by("due_at").values_list("pk", flat=True)[:SWEEP_BATCH])
    for key in waiting:
        relay.ring("mailbox.ask_dispatch", str(key))
    return len(waiting)


def ask(dispatch_id: int) -> bool:
    """Ask about one parcel with no transaction open. True if its state is known now."""
    now = clock.now()
    rows = Dispatch.objects.filter(pk=dispatch_id, channel=Channel.FITCONNECT, state=DispatchState.HANDED)
    if not rows.filter(due_at__lte=now).update(due_at=now + ASK_EVERY):
        return False
    found = rows.get()
    said = fitconnect.standing(found.public_id)
    if said is None or said.state not in (fitconnect.ACCEPTED, fitconnect.REJECTED):
        return False
    detail = {"state": said.state, "submission": said.submission}
    with transaction.atomic():
        if said.state == fitconnect.ACCEPTED:
            dispatches.confirm(found, at=said.at, once=said.state, detail=detail)
        else:
            dispatches.refused(found, once=said.state, detail=detail)
    return True
