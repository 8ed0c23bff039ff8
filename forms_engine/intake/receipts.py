"""The acknowledgement to whoever wrote a mail: neutral, once, and never a word to a machine (RFC 3834).

It says neither what came nor where it lies: whoever forged the sender learns nothing.
"""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _lazy

from forms_engine.intake.models import Acknowledged, InboundItem, Source
from portal.accounts import mails
from portal.common import clock, rows

SUBJECT = _lazy("Ihre Nachricht ist bei uns eingegangen")


def owe(item: InboundItem) -> bool:
    """Note that the sender of this mail gets an acknowledgement, the first of the day. In the caller's transaction."""
    address = item.facts.get("address", "")
    if item.source != Source.MAIL or not address or _is_ours(address):
        return False
    told = Acknowledged(day=clock.today(), address_hash=_hashed(address))
    if not rows.insert_once(told):
        return False
    return bool(InboundItem.objects.filter(pk=item.pk, notice_due_at=None).update(notice_due_at=clock.now()))


def sweep_receipts() -> int:
    """Send the mails that are due; forget whom we told before yesterday. Returns how many went out."""
    Acknowledged.objects.filter(day__lt=clock.today()).delete()
    return mails.send_due(InboundItem.objects.filter(emptied_at=None), _mail)


def _mail(item: InboundItem) -> mails.Mail:
    context = {"url": settings.PUBLIC_URL, "city": settings.CITY}
    headers = {"Auto-Submitted": "auto-replied", "Precedence": "bulk", "X-Auto-Response-Suppress": "All"}
    if item.facts.get("message_id"):
        headers |= {"In-Reply-To": item.facts["message_id"], "References": item.facts["message_id"]}
    return mails.Mail(item.facts["address"], str(SUBJECT), render_to_string("mail/inbound.txt", context), headers)


def _is_ours(address: str) -> bool:
    """Our own machines never write to each other."""
    ours = (settings.DEFAULT_FROM_EMAIL, settings.INTAKE_IMAP_USER)
    return any(address.lower() in mine.lower() for mine in ours if mine)


def _hashed(address: str) -> str:
    return salted_hmac("intake.sender", address.lower(), algorithm="sha256").hexdigest()
