"""Verbs of the postbox. post() runs in the transaction of the fact it tells; sending.py sends the notice afterwards.

Topic: "mailbox.replied" (key: public id of the reply), published only by the transaction that stored it.
"""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from mailbox import deliveries, journal, sending, texts
from mailbox.channels import email
from mailbox.letters import Opener, attachment_place, place, seal
from mailbox.models import (
    NEUTRAL_TITLE,
    Attachment,
    Delivery,
    Direction,
    Event,
    Kind,
    Mailbox,
    Message,
    MessageQuerySet,
    Notice,
    mailbox_of,
    next_number,
)
from mailbox.states import NoticeState
from portal.accounts import notices
from portal.accounts.levels import TrustLevel
from portal.accounts.models import AccountKind, MailWhen, User
from portal.audit import actions as audit
from portal.common import clock, rows
from portal.common.crypto import Envelope, new_wrapped_key
from portal.common.written import together
from portal.documents.models import StoredFile
from portal.documents.scans import queue as scans
from portal.outbox import relay

DIGEST_HOUR = 17


class DedupeKeyTaken(ValueError):
    """The key already names a message to somebody else: returning it would show it to the wrong eyes."""


class ReplyRefused(Exception):
    """The message cannot be answered, or the text cannot be taken; the sentence is German and fit for the page."""


def open_mailbox(user: User) -> Mailbox:
    """The person's mailbox, opened if there is none. Any number of parallel calls end with the same one."""
    return _opened(user, mailbox_of(user))


def _opened(user: User, found: list[Mailbox]) -> Mailbox:
    if not found:
        fresh = Mailbox(user=user, number=next_number(), wrapped_key=new_wrapped_key())
        Mailbox.objects.bulk_create([fresh], ignore_conflicts=True)
        found = [Mailbox.objects.get(user=user)]
    return found[0]


def post(
    *,
    recipient: User,
    sender: str,
    subject: str,
    body: str,
    thread: str,
    dedupe_key: str | None = None,
    attachments: Sequence[tuple[StoredFile, str]] = (),
    link_path: str = "",
    link_text: str = "",
    reply_allowed: bool = True,
    neutral_title: str = NEUTRAL_TITLE,
    visible_from: dt.datetime | None = None,
    in_reply_to: Message | None = None,
    by: User | None = None,
    kind: Kind = Kind.MESSAGE,
    level: TrustLevel = TrustLevel.NONE,
    copy: bool = False,
    notify: str | None = None,
    order: deliveries.Order | None = None,
    about: str = "",
) -> Message:
    """Put a message with its attachments (file, name) into the recipient's mailbox and queue the neutral notice.

    Everything happens in the caller's transaction; outside one: RuntimeError. The same `dedupe_key` again returns the
    first message untouched; for another recipient: DedupeKeyTaken. `link_text` and `neutral_title` stay readable for
    operators: numbers and general words only. `by` is the clerk who writes, None for the system. `level` is asked of
    whoever opens it. `copy`: for an agent. `notify`: where the notice goes, if not to the recipient's own address.
    A decision begins its Delivery here; `order` is what the caller knows about it. `about`: case or service, sealed.
    """
    _needs_transaction()
    now = clock.now()
    plan = order or deliveries.Order() if kind == Kind.DECISION and not copy else None
    boxes, *basis = together(mailbox_of.asked(recipient), *(deliveries.asked(recipient, plan) if plan else ()))
    message = Message(
        mailbox=_opened(recipient, boxes),
        thread=thread,
        kind=kind,
        level=level,
        is_copy=copy,
        direction=Direction.CITY,
        sender=texts.one_line(sender, 120),
        neutral_title=neutral_title,
        link_path=link_path,
        link_text=link_text,
        reply_allowed=reply_allowed,
        in_reply_to=in_reply_to,
        dedupe_key=dedupe_key,
        created_at=now,
        visible_from=max(now, visible_from or now),
    )
    seal(message, texts.one_line(subject), texts.many_lines(body), texts.one_line(about))
    first = _insert_once(message)
    if first.mailbox_id != message.mailbox_id:
        raise DedupeKeyTaken(dedupe_key)
    if first.public_id == message.public_id:
        planned = deliveries.planned(first, recipient, plan, *basis) if plan else None
        _follow(first, recipient, attachments, notify, planned, by)
    return first


def _needs_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("post() needs the transaction of the fact that it tells")


def _follow(
    message: Message,
    recipient: User,
    attachments: Sequence[tuple[StoredFile, str]],
    notify: str | None,
    delivery: Delivery | None,
    by: User | None,
) -> None:
    """What comes with a new message. Read beforehand, so that all that is written travels together."""
    when = MailWhen.NOW if message.kind == Kind.DECISION else notices.when(recipient, message.kind)
    with rows.gathered():
        _attach(message, attachments)
        journal.note(message, Event.CREATED, journal.name_of(by))
        if delivery:
            deliveries.begin(delivery)
        _announce(message, recipient.mail_address if notify is None else notify, when)


def _announce(message: Message, address: str, when: MailWhen) -> None:
    """A notice by the recipient's wishes. A decision's goes at once: the legal clock hangs on it (Art. 24, 25
    BayDiG)."""
    if when == MailWhen.DAILY and address:
        _queue_digest(message, address)
    elif when != MailWhen.NONE:
        _queue_notice(message, address)


def _insert_once(message: Message) -> Message:
    """The stored message: this one, or the one that carried the dedupe key before. Waits for a parallel insert."""
    if message.dedupe_key is None:
        rows.insert(message)
        return message
    if rows.insert_once(message):
        return message
    return Message.objects.select_related("mailbox").get(dedupe_key=message.dedupe_key)


def _attach(message: Message, attachments: Sequence[tuple[StoredFile, str]]) -> None:
    if not attachments:
        return
    envelope = Envelope(message.mailbox.wrapped_key)
    for position, (stored, name) in enumerate(attachments, start=1):
        row = Attachment(message=message, stored=stored, position=position)
        row.sealed_name = envelope.seal(texts.file_name(name).encode(), attachment_place(row))
        rows.insert(row)


def _queue_notice(message: Message, address: str) -> None:
    due = message.visible_from
    notice = Notice(message=message, address=address, mail_id=email.new_message_id(), due_at=due)
    if not address:
        notice.state, notice.last_error = NoticeState.FAILED, "no address"
    rows.insert(notice)
    if address:
        relay.ring("mailbox.send_notices")
    else:
        sending.tell_failure(notice)


def _queue_digest(message: Message, address: str) -> None:
    """One mail for whatever comes up to the next hour of the digest: the first message of the day orders it.

    The order is held until the caller commits, so that its mail never goes out before a message that counts on it.
    """
    due, box = next_digest(message.visible_from), message.mailbox
    while True:
        day = clock.local(due).date()
        mail_id = email.new_message_id()
        notice = Notice(message=message, address=address, mail_id=mail_id, due_at=due, digest_of=box, digest_on=day)
        ordered = Notice.objects.select_for_update(no_key=True).filter(digest_of=box, digest_on=day)
        if rows.insert_once(notice) or ordered.filter(state=NoticeState.QUEUED).exists():
            return
        due = next_digest(due)  # that day's mail has gone


def next_digest(at: dt.datetime) -> dt.datetime:
    """The next time of day at which the mail of the day goes out, in Munich's time."""
    local = clock.local(at)
    today = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0, fold=0)
    return today if local < today else today + dt.timedelta(days=1)  # the same hour by the clock on the wall


@transaction.atomic
def reply(
    message: Message,
    *,
    body: str,
    by: User,
    once: str | None = None,
    allowed: bool = False,
    attachments: Sequence[tuple[StoredFile, str]] = (),
) -> Message:
    """The person's answer in the same thread, sealed in the same mailbox; publishes "mailbox.replied".

    `allowed`: the caller knows that `by` may answer although they may not read the mailbox (the case page does).

    `once` names one filled-in form: sent twice with the same text and files it gives one reply, and whose files are not
    on it may be discarded; with another text (the browser's back button) it is a new reply, so that nothing a person
    wrote is dropped. Raises ReplyRefused.
    """
    mine = allowed or Message.objects.open_to(by).filter(pk=message.pk).exists()
    open_to = message.reply_allowed and message.direction == Direction.CITY and message.withdrawn_at is None
    if not (mine and open_to and message.mailbox.wrapped_key):
        raise ReplyRefused(_("Auf diese Nachricht können Sie nicht antworten."))
    text = texts.many_lines(body)
    if not 0 < len(text) <= texts.REPLY_LENGTH:
        raise ReplyRefused(_("Die Antwort muss zwischen 1 und 5.000 Zeichen lang sein."))
    subject = Opener().subject(message)
    now = clock.now()
    answer = Message(
        mailbox=message.mailbox,
        thread=message.thread,
        direction=Direction.CITIZEN,
        reply_allowed=False,
        kind=message.kind,
        level=message.level,
        author=None if message.mailbox.user_id == by.pk else by,
        in_reply_to=message,
        link_path=message.link_path,
        link_text=message.link_text,
        dedupe_key=f"reply:{message.public_id}:{once}" if once else None,
        created_at=now,
        visible_from=now,
    )
    seal(answer, texts.one_line(f"Antwort: {subject}"), text, Opener().about(message))
    first = _insert_once(answer)
    if first.public_id != answer.public_id:
        if _body(first) == text and _files(first) == [stored.sha256 for stored, _name in attachments]:
            return first
        answer.dedupe_key = None
        rows.insert(answer)
    else:
        answer = first
    with rows.gathered():
        _attach(answer, attachments)
    scans.hold(stored for stored, _name in attachments)
    journal.note(message, Event.REPLIED, journal.name_of(by))
    journal.note(answer, Event.CREATED, journal.name_of(by))
    relay.publish("mailbox.replied", answer.public_id)
    return answer


def _body(message: Message) -> str:
    where = place(message.public_id, "body")
    return Envelope(message.mailbox.wrapped_key).open(message.sealed_body, where).decode()


def _files(message: Message) -> list[str]:
    return list(message.attachments.order_by("position").values_list("stored__sha256", flat=True))


def own_row(message: Message, user: User) -> MessageQuerySet:
    """The row, if it is visible and the user's to keep in order: their own, or one of an account without a sign-in of
    its own that they may read. Without a join: an UPDATE whose condition sits in a subquery would not look at the row
    again after waiting for a parallel one."""
    now = clock.now()
    boxes = Mailbox.objects.filter(user=user)
    if message.mailbox.user_id != user.pk and Message.objects.open_to(user).filter(pk=message.pk).exists():
        boxes = Mailbox.objects.filter(pk=message.mailbox_id).exclude(user__kind=AccountKind.PERSON)
    return Message.objects.filter(pk=message.pk, mailbox__in=boxes, visible_from__lte=now)


@transaction.atomic
def mark_read(message: Message, *, by: User) -> bool:
    """The first retrieval by the owner. True if this call was the first; the moment never changes afterwards.

    An agent who looks into the mailbox of a person with an own sign-in leaves it unread for them, and leaves a trace.
    """
    if message.mailbox.user_id != by.pk:
        journal.note(message, Event.SEEN, journal.name_of(by))
        audit.record("case.agent_read_post", message.thread, journal.name_of(by))
    own = own_row(message, by)
    if message.marked_unread:
        own.filter(marked_unread=True).update(marked_unread=False)
    if not own.unread().update(first_read_at=clock.now()):
        return False
    journal.note(message, Event.READ, journal.name_of(by))
    if message.kind == Kind.DECISION:
        deliveries.retrieved(message, at=clock.now(), by=by)
    return True


@transaction.atomic
def note_download(attachment: Attachment, *, by: User) -> None:
    """Each retrieval of an attachment is written down, with its position."""
    journal.note(attachment.message, Event.DOWNLOADED, journal.name_of(by), str(attachment.position))
    if attachment.message.kind == Kind.DECISION:
        deliveries.downloaded(attachment.message, position=attachment.position, by=by)


def archive(message: Message, *, by: User) -> bool:
    """Take the message out of the inbox. It stays readable, and an unread one stays unread. True if it moved."""
    return bool(own_row(message, by).filter(archived_at=None).update(archived_at=clock.now()))


def unarchive(message: Message, *, by: User) -> bool:
    """Back into the inbox. True if it moved."""
    return bool(own_row(message, by).filter(archived_at__isnull=False).update(archived_at=None))
