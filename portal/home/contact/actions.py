"""Questions to the city: asked, confirmed, answered, forgotten. Mails go out by the sweep, never in a transaction."""

import datetime as dt
import uuid

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from mailbox import actions as mailbox
from portal.accounts import mails
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock, crypto, languages
from portal.directory.models import Service
from portal.home.models import Question

ANSWER_WITHIN = dt.timedelta(days=14)
CONFIRM_WITHIN = dt.timedelta(days=2)
KEEP = dt.timedelta(days=90)  # after the answer, for questions to it
MOST_WAITING = 3  # unconfirmed questions of one address in CONFIRM_WITHIN: nobody's inbox is flooded through us
BATCH = 100
SALT = "home.question"


class AlreadyAnswered(Exception):
    """Somebody else was faster, or there is nothing to answer any more."""


def ask(*, text: str, once: str, mail: str = "", user: User | None = None, service: Service | None = None) -> Question:
    """A signed-in person's question is open at once; one from an address waits until that is confirmed.

    The same `once` gives the same question again. An address with too many waiting questions gets no further mail.
    """
    now = clock.now()
    question = Question(
        service=service,
        organisation=service.organisation if service else None,
        asked_by=user,
        language=languages.current(),
        once=once,
        mail_digest="" if user else _digest(mail),
        wrapped_key=crypto.new_wrapped_key(),
        answer_by=clock.today() + ANSWER_WITHIN,
        confirmed_at=now if user else None,
        notice_due_at=None if user or _waiting(mail) >= MOST_WAITING else now,
    )
    question.text_sealed = question.sealed("text", text)
    question.mail_sealed = b"" if user else question.sealed("mail", mail)
    try:
        with transaction.atomic():
            question.save(force_insert=True)
    except IntegrityError:
        twin = Question.objects.filter(once=once).first()
        if twin is None:
            raise
        return twin
    return question


def _digest(mail: str) -> str:
    return salted_hmac(SALT, mail.lower(), algorithm="sha256").hexdigest()


def _waiting(mail: str) -> int:
    since = clock.now() - CONFIRM_WITHIN
    return Question.objects.filter(mail_digest=_digest(mail), confirmed_at=None, created_at__gt=since).count()


def ticket(question: Question) -> str:
    """What proves that the mail has arrived."""
    return signing.dumps(str(question.public_id), salt=SALT)


def of_ticket(text: str) -> Question | None:
    """None: made up, too old, or forgotten."""
    try:
        public_id = signing.loads(text, salt=SALT, max_age=CONFIRM_WITHIN)
    except signing.BadSignature:
        return None
    return Question.objects.filter(public_id=uuid.UUID(public_id), disposed_at=None).first()


def confirm(question: Question) -> bool:
    """True if this call opened it for the clerks."""
    now = clock.now()
    rows = Question.objects.filter(pk=question.pk, confirmed_at=None, disposed_at=None)
    return bool(rows.update(confirmed_at=now, answer_by=clock.local(now).date() + ANSWER_WITHIN))


@transaction.atomic
def answer(question: Question, *, text: str, by: User) -> None:
    """To the postbox of the account, else a mail is owed. Raises AlreadyAnswered; then nothing has changed."""
    locked = Question.objects.select_for_update(of=("self",)).select_related("asked_by", "organisation")
    found = locked.filter(pk=question.pk).to_answer().first()
    if found is None:
        raise AlreadyAnswered
    found.answer_sealed = found.sealed("answer", text)
    found.answered_at, found.answered_by = clock.now(), by
    found.notice_due_at = None if found.asked_by else found.answered_at
    found.notice_attempts = 0
    changed = ["answer_sealed", "answered_at", "answered_by", "notice_due_at", "notice_attempts"]
    found.save(update_fields=changed)
    if found.asked_by:
        with translation.override(found.language):
            subject = _("Antwort auf Ihre Frage %(number)s") % {"number": found.number}
            body = f"{text}\n\n{_('Ihre Frage:')}\n{found.opened('text')}"
        sender = found.organisation.name if found.organisation else settings.CITY["name"]
        mailbox.post(
            recipient=found.asked_by,
            sender=sender,
            subject=subject,
            body=body,
            thread=found.place,
            dedupe_key=f"{found.place}:answer",
            reply_allowed=False,
            by=by,
        )
    audit.record("question.answered", found.place, str(by.public_id))


def sweep_mails() -> int:
    """Sends confirmations and answers that are due."""
    return mails.send_due(Question.objects.filter(disposed_at=None), _mail)


def _mail(question: Question) -> mails.Mail:
    with translation.override(question.language):
        if question.answered_at:
            subject = _("Antwort auf Ihre Frage %(number)s") % {"number": question.number}
            context = {"answer": question.opened("answer"), "text": question.opened("text")}
            text = render_to_string("home/contact/mail_answer.txt", context)
        else:
            subject = _("Bestätigen Sie Ihre Frage an die Stadt")
            link = settings.PUBLIC_URL + reverse("home:contact_confirm", args=[ticket(question)])
            text = render_to_string("home/contact/mail_confirm.txt", {"link": link, "number": question.number})
    return mails.Mail(question.opened("mail"), subject, text)


def sweep_questions() -> int:
    """Forgets what nobody confirmed, and what was answered long enough ago. Returns how many."""
    now = clock.now()
    stale = Question.objects.filter(confirmed_at=None, asked_by=None, created_at__lte=now - CONFIRM_WITHIN)
    ids = list(stale.order_by("id").values_list("id", flat=True)[:BATCH])
    forgotten, _kinds = Question.objects.filter(id__in=ids, confirmed_at=None).delete() if ids else (0, {})
    done = Question.objects.filter(disposed_at=None, answered_at__lte=now - KEEP)
    return forgotten + _dispose(list(done.order_by("id").values_list("id", flat=True)[:BATCH]))


def forget(user: User) -> None:
    """The account is being deleted: what it asked can be read no more, and nobody has to answer."""
    _dispose(list(Question.objects.filter(asked_by=user, disposed_at=None).values_list("id", flat=True)))


def _dispose(ids: list[int]) -> int:
    gone = {"wrapped_key": None, "text_sealed": b"", "mail_sealed": b"", "answer_sealed": b""}
    rows = Question.objects.filter(id__in=ids, disposed_at=None)
    return rows.update(disposed_at=clock.now(), notice_due_at=None, **gone) if ids else 0
