"""Verbs of readers: sign up, confirm, choose, end. Everything that a link in a mail can do, and nothing more.

Signing up does the same with every address, known or not: it stores a wish. A worker asks by mail whether it was them,
at most once a day and address, and only the answer makes a subscription. So nobody learns who reads what, and nobody's
inbox is flooded through us.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from django.core import signing
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import translation

from mailbox.topics import addresses, consent, mails
from mailbox.topics.models import (
    Channel,
    Ended,
    Reader,
    SignUp,
    Subscription,
    SubscriptionState,
    Topic,
)
from portal.accounts import mails as owed
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock, crypto, languages, rows, tickets

CONFIRM_WITHIN = dt.timedelta(days=7)
KEEP_PROOF = dt.timedelta(days=3 * 366)  # § 31 (2) OWiG: as long as a mail without consent could be prosecuted
BATCH = 200
SALT = "topics.signup"
LIVE = SubscriptionState.CONFIRMED


def sign_up(*, address: str, topics: Collection[str], once: str) -> None:
    """Remember the wish; the mail follows by the sweep. Two statements, whatever is known about the address.

    `address` is normal (addresses.py). The same `once` counts once; a second wish on the same day joins the first.
    """
    wanted, mark, now = sorted(topics), addresses.fingerprint(address), clock.now()
    wish = SignUp(
        once=once,
        address_hash=mark,
        day=clock.today(),
        topics=wanted,
        consent_hash=consent.FINGERPRINT,
        wrapped_key=crypto.new_wrapped_key(),
        created_at=now,
        notice_due_at=now,
    )
    wish.sealed_address = crypto.Envelope(wish.wrapped_key).seal(address.encode(), _place(wish, "address"))
    with transaction.atomic():
        rows.insert_once(wish)
        _join(mark, wanted)


def _join(mark: str, wanted: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update topics_signup set topics ="
            " (select array_agg(distinct slug order by slug) from unnest(topics || %s::varchar[]) slug)"
            " where address_hash = %s and day = %s and confirmed_at is null",
            [list(wanted), mark, clock.today()],
        )


def _place(row: Reader | SignUp, field: str) -> str:
    kind = "reader" if isinstance(row, Reader) else "signup"
    return f"{kind}:{row.public_id}:{field}"


def ticket(wish: SignUp) -> str:
    """In the link of the mail that asks."""
    return signing.dumps(str(wish.public_id), salt=SALT)


def of_ticket(text: str) -> SignUp | None:
    """None: made up, too old or swept away."""
    try:
        public_id = signing.loads(text, salt=SALT, max_age=CONFIRM_WITHIN)
    except signing.BadSignature:
        return None
    return SignUp.objects.filter(public_id=public_id).first()


@transaction.atomic
def confirm(wish: SignUp) -> Reader:
    """The answer to the mail: the wished topics are subscribed. Twice does no harm. The reader whose they are."""
    locked = SignUp.objects.select_for_update().get(pk=wish.pk)
    reader = reader_of(address_of(locked))
    if locked.confirmed_at is None:
        SignUp.objects.filter(pk=locked.pk).update(confirmed_at=clock.now(), notice_due_at=None)
        for topic in Topic.objects.filter(slug__in=locked.topics, is_open=True):
            subscribe(reader, topic, consent_hash=locked.consent_hash)
    return reader


def address_of(row: Reader | SignUp) -> str:
    """ "" for a reader without one. Raises KeyDestroyed."""
    if not row.sealed_address:
        return ""
    return crypto.Envelope(row.wrapped_key).open(row.sealed_address, _place(row, "address")).decode()


def token_of(row: Reader | Subscription) -> str:
    """The secret of its link, to be written into a mail. Raises KeyDestroyed."""
    reader = row if isinstance(row, Reader) else row.reader
    kind = "reader" if isinstance(row, Reader) else "subscription"
    return crypto.Envelope(reader.wrapped_key).open(row.sealed_token, f"{kind}:{row.public_id}:token").decode()


def reader_of(address: str) -> Reader:
    """The one reader with this address, made or made readable again. In the caller's transaction, locked."""
    mark = addresses.fingerprint(address)
    _ensure(mark)
    reader = Reader.objects.select_for_update().get(address_hash=mark)
    if reader.wrapped_key is None:  # the account was deleted: nothing old can be read, so all is new
        _renew(reader)
    if not reader.sealed_address:
        reader.sealed_address = crypto.Envelope(reader.wrapped_key).seal(address.encode(), _place(reader, "address"))
        reader.save(update_fields=["sealed_address"])
    return reader


def _ensure(mark: str) -> None:
    if not Reader.objects.filter(address_hash=mark).exists():
        fresh = Reader(address_hash=mark, wrapped_key=crypto.new_wrapped_key())
        fresh.token_hash, fresh.sealed_token = _secret(fresh, f"reader:{fresh.public_id}:token")
        rows.insert_once(fresh)


def _renew(reader: Reader) -> None:
    reader.wrapped_key = crypto.new_wrapped_key()
    reader.token_hash, reader.sealed_token = _secret(reader, _place(reader, "token"))
    reader.save(update_fields=["wrapped_key", "token_hash", "sealed_token"])
    for row in reader.subscriptions.all():
        row.token_hash, row.sealed_token = _secret(reader, f"subscription:{row.public_id}:token")
        row.save(update_fields=["token_hash", "sealed_token"])


def _secret(reader: Reader, place: str) -> tuple[str, bytes]:
    token = clock.token()
    return tickets.digest(token), crypto.Envelope(reader.wrapped_key).seal(token.encode(), place)


def subscribe(
    reader: Reader, topic: Topic, *, channel: Channel = Channel.MAIL, consent_hash: str = consent.FINGERPRINT
) -> Subscription:
    """Confirmed from now on. One that has ended begins again under the same link; a running one only changes its way.

    In the transaction that holds the reader's lock.
    """
    found = Subscription.objects.filter(reader=reader, topic=topic).first()
    if found is None:
        found = Subscription(reader=reader, topic=topic, channel=channel, consent_hash=consent_hash)
        found.token_hash, found.sealed_token = _secret(reader, f"subscription:{found.public_id}:token")
        found.save(force_insert=True)
    elif found.state == LIVE:
        found.channel = channel
        found.save(update_fields=["channel"])
        return found
    else:
        fresh = {"confirmed_at": clock.now(), "ended_at": None, "ended_why": "", "consent_hash": consent_hash}
        Subscription.objects.filter(pk=found.pk).update(state=LIVE, channel=channel, **fresh)
        found.refresh_from_db()
    audit.record("newsletter.subscribed", f"subscription:{found.public_id}", "reader", topic=topic.slug)
    return found


def end(subscriptions: Collection[Subscription], why: Ended, *, actor: str = "reader") -> int:
    """Over from now on; a mail that is being sent this very moment is the last. How many were running.

    With the last one the reader's address is wiped: nothing is owed to it any more.
    """
    ids = [row.pk for row in subscriptions]
    with transaction.atomic():
        readers = list(
            Reader.objects.select_for_update().filter(pk__in={row.reader_id for row in subscriptions}).order_by("pk")
        )
        running = list(Subscription.objects.filter(pk__in=ids, state=LIVE))
        gone = Subscription.objects.filter(pk__in=[row.pk for row in running], state=LIVE).update(
            state=SubscriptionState.ENDED, ended_at=clock.now(), ended_why=why
        )
        for row in running:
            audit.record("newsletter.ended", f"subscription:{row.public_id}", actor, why=why.value)
        for reader in readers:
            _wipe_if_idle(reader)
    return gone


def _wipe_if_idle(reader: Reader) -> None:
    if not reader.subscriptions.filter(state=LIVE).exists():
        Reader.objects.filter(pk=reader.pk).update(sealed_address=b"")


def choose(reader: Reader, wished: Mapping[str, Channel]) -> None:
    """What somebody wants who has proven to be the reader, by the link in a mail or by an account: exactly this."""
    with transaction.atomic():
        locked = Reader.objects.select_for_update().get(pk=reader.pk)
        running = list(locked.subscriptions.filter(state=LIVE).select_related("topic"))
        for topic in Topic.objects.filter(slug__in=wished):
            if topic.is_open or any(row.topic_id == topic.pk for row in running):
                subscribe(locked, topic, channel=wished[topic.slug])
        end([row for row in running if row.topic.slug not in wished], Ended.ASKED)


@transaction.atomic
def reader_of_account(user: User) -> Reader:
    """Of the account: under its confirmed address, or under none if it has none. Made if needed, and locked.

    After a change of address the account goes on with the new one; the old one keeps what it had, less the postbox.
    """
    address = _normal(user.mail_address)
    held = Reader.objects.select_for_update().filter(user=user).first()
    mark = addresses.fingerprint(address or f"account:{user.public_id}")
    if held is not None and held.address_hash == mark and held.wrapped_key:
        if address and not held.sealed_address:
            return reader_of(address)
        return held
    channels: Mapping[str, Channel] = {}
    if held is not None:
        running = list(held.subscriptions.filter(state=LIVE).select_related("topic"))
        channels = {row.topic.slug: Channel(row.channel) for row in running}
        end(running, Ended.ASKED)
        Reader.objects.filter(pk=held.pk).update(user=None)
    reader = reader_of(address) if address else _nameless(mark)
    Reader.objects.filter(pk=reader.pk).update(user=user)
    reader.user = user
    for topic in Topic.objects.filter(slug__in=channels):
        subscribe(reader, topic, channel=channels[topic.slug] if address else Channel.POSTBOX)
    return reader


def _nameless(mark: str) -> Reader:
    _ensure(mark)
    reader = Reader.objects.select_for_update().get(address_hash=mark)
    if reader.wrapped_key is None:
        _renew(reader)
    return reader


def _normal(address: str) -> str:
    try:
        return addresses.normal(address) if address else ""
    except addresses.NotAnAddress:
        return ""


@transaction.atomic
def forget(user: User) -> None:
    """The account is being deleted: its subscriptions end, and its key goes."""
    for reader in Reader.objects.select_for_update().filter(user=user):
        end(list(reader.subscriptions.all()), Ended.ACCOUNT, actor=str(user.public_id))
        Reader.objects.filter(pk=reader.pk).update(user=None, wrapped_key=None, sealed_address=b"", sealed_token=b"")


def sweep_sign_ups() -> int:
    """Ask the addresses that wait, and forget those who never answered. How many."""
    sent = owed.send_due(SignUp.objects.filter(confirmed_at=None), _question)
    stale = SignUp.objects.filter(created_at__lte=clock.now() - CONFIRM_WITHIN)
    ids = list(stale.order_by("id").values_list("id", flat=True)[:BATCH])
    return sent + (SignUp.objects.filter(id__in=ids).delete()[0] if ids else 0)


def _question(wish: SignUp) -> owed.Mail:
    titles = list(Topic.objects.filter(slug__in=wish.topics).values_list("title", flat=True))
    with translation.override(languages.GERMAN):
        context = {"titles": titles, "link": mails.address("topics:confirm", ticket(wish))}
        text = render_to_string("mail/newsletter_confirm.txt", context)
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": mails.mail_id(wish.public_id.hex)}
    return owed.Mail(address_of(wish), "Möchten Sie diese Newsletter bekommen?", text, headers)


def sweep_readers() -> int:
    """Forget readers whose subscriptions are over for so long that nobody can ask for the proof any more."""
    running = Subscription.objects.filter(state=LIVE).values("reader")
    recent = Subscription.objects.filter(ended_at__gt=clock.now() - KEEP_PROOF).values("reader")
    idle = Reader.objects.filter(created_at__lt=clock.now() - KEEP_PROOF, user=None)
    ids = list(idle.exclude(pk__in=running).exclude(pk__in=recent).order_by("id").values_list("id", flat=True)[:BATCH])
    return Reader.objects.filter(id__in=ids).delete()[0] if ids else 0
