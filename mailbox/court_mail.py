"""Receipts of court mail, told to the parcel they are about: once each, whatever crashes in between."""

from collections import Counter

from django.conf import settings
from django.db import transaction

from mailbox import dispatches
from mailbox.channels import bebpo
from mailbox.models import Channel, Dispatch


def poll() -> Counter[str]:
    """Read what the OSCI client has laid down: "done" or "foreign" (no receipt, or not about a parcel of ours)."""
    told: Counter[str] = Counter()
    if settings.MAILBOX_SPOOL is None:
        return told
    for path, receipt in bebpo.receipts(settings.MAILBOX_SPOOL / bebpo.FOLDER / "in"):
        try:
            bebpo.put_away(path, "done" if receipt and _take(receipt) else "foreign", told)
        except FileNotFoundError:  # another worker has moved it
            continue
    return told


def sweep() -> int:
    return poll()["done"]


@transaction.atomic
def _take(receipt: bebpo.Receipt) -> bool:
    found = Dispatch.objects.filter(public_id=receipt.key, channel=Channel.BEBPO).first()
    if found is None:
        return False
    if receipt.kind == bebpo.REJECTED:
        dispatches.refused(found, once=receipt.once, detail=receipt.detail)
    else:
        dispatches.confirm(found, at=receipt.at, once=receipt.once, detail=receipt.detail)
    return True
