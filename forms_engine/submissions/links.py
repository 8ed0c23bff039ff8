"""Mailed links to a draft: each works once, for a week, and a new one makes the older ones void.

The mail is neutral. The row holds the token's hash, and until the mail is gone the token itself, sealed under the
draft's key. To a draft of an account a link opens nothing alone: it asks for the sign-in of that account. A draft
without one goes over to the browser in which its link is used, and out of the one in which it was begun.
"""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from forms_engine.submissions.models import Draft, ResumeLink
from portal.accounts import mails
from portal.common import clock, crypto, tickets

LIFETIME = dt.timedelta(days=7)
MOST_AN_HOUR = 3
MOST_A_DAY = 5  # to one address without an account: anybody can type in the address of somebody else


class TooMany(Exception):
    """There were links enough in the last hour, or to this address in the last day."""


class AnotherOpen(Exception):
    """The browser holds another draft of this form already."""


def order(draft: Draft, address: str = "") -> ResumeLink:
    """Owe a link to whoever began the draft; the sweep mails it.

    `address`: where to, for a draft without an account. Raises TooMany, KeyDestroyed for a closed draft.
    """
    token, where = clock.token(), _digest(address)
    with transaction.atomic():
        Draft.objects.select_for_update().get(pk=draft.pk)
        mine = ResumeLink.objects.filter(draft=draft)
        if mine.filter(created_at__gt=clock.now() - dt.timedelta(hours=1)).count() >= MOST_AN_HOUR:
            raise TooMany
        same = ResumeLink.objects.filter(address_hash=where, created_at__gt=clock.now() - dt.timedelta(days=1))
        if where and same.count() >= MOST_A_DAY:
            raise TooMany
        mine.filter(used_at=None).update(used_at=clock.now(), sealed=b"", notice_due_at=None)
        link = ResumeLink(draft=draft, token_hash=tickets.digest(token), expires_at=clock.now() + LIFETIME)
        link.address_hash = where
        link.sealed = crypto.Envelope(draft.wrapped_key).seal_json({"token": token, "to": address}, link.place)
        link.save()
    return link


def take(link: ResumeLink, visitor: str) -> bool:
    """Use a link up and give its draft, one without an account, to the browser session of this hash (visitors.begin).

    False if somebody was faster. Raises AnotherOpen; the link then stays good.
    """
    with transaction.atomic():
        draft = Draft.objects.select_for_update().get(pk=link.draft_id)
        held = Draft.objects.open().filter(owner=None, visitor=visitor, form_version__form=link.draft.form_version.form)
        if held.exclude(pk=draft.pk).exists():
            raise AnotherOpen
        if not use(link):
            return False
        # Moving between browsers is being used: the day until the sweep begins anew.
        moved = Draft.objects.open().filter(pk=draft.pk, owner=None).update(visitor=visitor, touched_at=clock.now())
        return bool(moved)


def find(token: str) -> ResumeLink | None:
    """The link of this token if it still works: not used, not expired, its draft not closed."""
    rows = ResumeLink.objects.filter(token_hash=tickets.digest(token), used_at=None, expires_at__gt=clock.now())
    return rows.filter(draft__state="open").select_related("draft__owner", "draft__form_version__form").first()


def use(link: ResumeLink) -> bool:
    """Use a link up. False if somebody was faster."""
    return bool(ResumeLink.objects.filter(pk=link.pk, used_at=None).update(used_at=clock.now(), sealed=b""))


def sweep_links() -> int:
    """Mail what is due and forget what has long been void. Returns how many changed."""
    sent = mails.send_due(ResumeLink.objects.select_related("draft__owner"), _mail)
    ResumeLink.objects.filter(notice_due_at=None).exclude(sealed=b"").update(sealed=b"")
    return sent + ResumeLink.objects.filter(expires_at__lte=clock.now() - LIFETIME).delete()[0]


def _mail(link: ResumeLink) -> mails.Mail:
    owner = link.draft.owner
    try:
        held = crypto.Envelope(link.draft.wrapped_key).open_json(link.sealed, link.place)
    except crypto.CannotOpen:  # closed or replaced in the meantime
        return mails.Mail("", "", "")
    context = {
        "url": settings.PUBLIC_URL + reverse("submissions:resume", args=[held["token"]]),
        "until": link.expires_at,
        "city": settings.CITY,
    }
    text = render_to_string("mail/resume.txt", context)
    return mails.Mail(owner.mail_address if owner else held["to"], _("Ihr Link zum Weitermachen"), text)


def _digest(address: str) -> str:
    return salted_hmac("submissions.links", address.lower(), algorithm="sha256").hexdigest() if address else ""
