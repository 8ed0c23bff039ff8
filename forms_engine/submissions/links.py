"""Mailed links to a draft: each works once, for a week, and a new one makes the older ones void.

The mail is neutral. The row holds the token's hash, and until the mail is gone the token itself, sealed under the
draft's key. A link opens nothing alone: a draft of an account asks for the sign-in of that account.
"""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from forms_engine.submissions.models import Draft, ResumeLink
from portal.accounts import mails
from portal.common import clock, crypto, tickets

LIFETIME = dt.timedelta(days=7)
MOST_AN_HOUR = 3


class TooMany(Exception):
    """There were links enough in the last hour."""


def order(draft: Draft) -> ResumeLink:
    """Owe a link to whoever began the draft; the sweep mails it. Raises TooMany, KeyDestroyed for a closed draft."""
    token = clock.token()
    with transaction.atomic():
        Draft.objects.select_for_update().get(pk=draft.pk)
        mine = ResumeLink.objects.filter(draft=draft)
        if mine.filter(created_at__gt=clock.now() - dt.timedelta(hours=1)).count() >= MOST_AN_HOUR:
            raise TooMany
        mine.filter(used_at=None).update(used_at=clock.now(), sealed=b"", notice_due_at=None)
        link = ResumeLink(draft=draft, token_hash=tickets.digest(token), expires_at=clock.now() + LIFETIME)
        link.sealed = crypto.Envelope(draft.wrapped_key).seal(token.encode(), link.place)
        link.save()
    return link


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
    if owner is None:  # only drafts of an account are mailed about
        return mails.Mail("", "", "")
    try:
        token = crypto.Envelope(link.draft.wrapped_key).open(link.sealed, link.place).decode()
    except crypto.CannotOpen:  # closed or replaced in the meantime
        return mails.Mail("", "", "")
    context = {
        "url": settings.PUBLIC_URL + reverse("submissions:resume", args=[token]),
        "until": link.expires_at,
        "city": settings.CITY,
    }
    text = render_to_string("mail/resume.txt", context)
    return mails.Mail(owner.mail_address, _("Ihr Link zum Weitermachen"), text)
