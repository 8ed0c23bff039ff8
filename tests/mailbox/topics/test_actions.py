"""Readers: double opt-in, one wish a day, links that hold, and no trace of an address that is not needed."""

import datetime as dt

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from mailbox.topics import access, actions, addresses, queries
from mailbox.topics.models import Channel, Ended, Reader, SignUp, Subscription
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.common.crypto import KeyDestroyed
from tests.mailbox.topics.conftest import later, subscribed

pytestmark = pytest.mark.django_db
JO = "jo@stadt.example"
DAY = dt.timedelta(days=1)


def wish(*topics: str, address: str = JO, once: str = "") -> None:
    actions.sign_up(address=address, topics=topics, once=once or clock.token(24))


def running(address: str = JO) -> set[str]:
    return set(queries.running(Reader.objects.filter(address_hash=addresses.fingerprint(address)).first()))


def test_nothing_is_subscribed_before_the_answer(topics):
    wish("bauen")
    assert actions.sweep_sign_ups() == 1 and not Subscription.objects.exists()
    [question] = mail.outbox
    assert question.to == [JO] and "Bauen und Wohnen" in question.body and "/newsletter/bestaetigen/" in question.body
    actions.confirm(SignUp.objects.get())
    assert running() == {"bauen"}
    assert Subscription.objects.get().consent_hash == SignUp.objects.get().consent_hash


def test_confirming_twice_gives_one_subscription(topics):
    wish("bauen")
    found = SignUp.objects.get()
    actions.confirm(found)
    actions.end(list(Subscription.objects.all()), Ended.ASKED)
    actions.confirm(found)  # the old link does not undo the end
    assert running() == set() and Subscription.objects.count() == 1


def test_one_mail_a_day_however_often_somebody_types(topics):
    for slug in ("bauen", "stellen", "bauen"):
        wish(slug)
    assert actions.sweep_sign_ups() == 1 and actions.sweep_sign_ups() == 0
    actions.confirm(SignUp.objects.get())
    assert running() == {"bauen", "stellen"} and len(mail.outbox) == 1
    with later(DAY):
        wish("digitalisierung")
        assert actions.sweep_sign_ups() == 1


def test_after_the_answer_a_new_wish_is_asked_on_the_same_day(topics):
    wish("bauen")
    actions.confirm(SignUp.objects.get())
    wish("stellen")
    assert SignUp.objects.count() == 2 and actions.sweep_sign_ups() == 1


def test_one_filled_in_form_counts_once(topics):
    wish("bauen", once="x" * 32)
    wish("bauen", once="x" * 32, address="li@stadt.example")
    assert SignUp.objects.count() == 1


def test_who_has_ended_can_begin_again_under_the_same_link(topic):
    found = subscribed(topic)
    actions.end([found], Ended.ASKED)
    again = subscribed(topic)
    assert (again.pk, again.token_hash, again.state, again.ended_why) == (found.pk, found.token_hash, "confirmed", "")
    assert actions.address_of(Reader.objects.get()) == JO


def test_with_the_last_subscription_the_address_goes(topics):
    one, two = subscribed(topics["bauen"]), subscribed(topics["stellen"])
    actions.end([one], Ended.ASKED)
    assert actions.address_of(Reader.objects.get()) == JO
    actions.end([two], Ended.ASKED)
    assert actions.address_of(Reader.objects.get()) == "" and actions.end([two], Ended.ASKED) == 0
    assert [e.data["why"] for e in AuditEntry.objects.filter(action="newsletter.ended")] == ["asked"] * 2


def test_choosing_means_exactly_this(topics):
    reader = subscribed(topics["bauen"]).reader
    subscribed(topics["stellen"])
    actions.choose(reader, {"stellen": Channel.MAIL, "digitalisierung": Channel.MAIL})
    assert running() == {"stellen", "digitalisierung"}


def test_a_closed_topic_takes_nobody_new_but_keeps_who_is_there(topics):
    reader = subscribed(topics["bauen"]).reader
    type(topics["bauen"]).objects.filter(slug__in=["bauen", "stellen"]).update(is_open=False)
    actions.choose(reader, {"bauen": Channel.MAIL, "stellen": Channel.MAIL})
    assert running() == {"bauen"}


def test_who_never_answers_is_forgotten_after_a_week(topics):
    wish("bauen")
    actions.sweep_sign_ups()
    with later(actions.CONFIRM_WITHIN + dt.timedelta(minutes=1)):
        ticket = actions.ticket(SignUp.objects.get())
        assert actions.sweep_sign_ups() == 1 and actions.of_ticket(ticket) is None


def test_a_ticket_ends_and_cannot_be_made_up(topics):
    wish("bauen")
    good = actions.ticket(SignUp.objects.get())
    assert actions.of_ticket(good) == SignUp.objects.get()
    for bad in ("", "x", good[:-1] + ("a" if good[-1] != "a" else "b")):
        assert actions.of_ticket(bad) is None


def test_the_proof_of_a_consent_goes_after_three_years(topic):
    actions.end([subscribed(topic)], Ended.ASKED)
    live = subscribed(topic, "li@stadt.example")
    with later(actions.KEEP_PROOF - DAY):
        assert actions.sweep_readers() == 0
    with later(actions.KEEP_PROOF + DAY):
        assert actions.sweep_readers() > 0
    assert list(Reader.objects.all()) == [live.reader]


def test_no_row_shows_an_address_or_a_secret(topic):
    wish("bauen", address="kanarienvogel@stadt.example")
    found = subscribed(topic, "kanarienvogel@stadt.example")
    with connection.cursor() as cursor:
        for table in ("topics_signup", "topics_reader", "topics_subscription"):
            cursor.execute(f"select t::text from {table} t")
            for (row,) in cursor.fetchall():
                assert "kanarienvogel" not in row and b"kanarienvogel".hex() not in row
    assert found.token_hash not in str(found.sealed_token)


# --- accounts ---


def of(user) -> Reader:
    return actions.reader_of_account(user)


def test_an_account_takes_over_what_its_address_has(topic, alice):
    found = subscribed(topic, "alice@stadt.invalid")
    assert of(alice).pk == found.reader_id and queries.reader_of(alice) == found.reader


def test_an_account_goes_on_with_its_new_address(topic, alice):
    actions.choose(of(alice), {topic.slug: Channel.POSTBOX})
    alice.email = "neu@stadt.example"
    alice.save(update_fields=["email"])
    reader = of(alice)
    assert actions.address_of(reader) == "neu@stadt.example" and queries.running(reader) == {topic.slug: "postbox"}
    assert running("alice@stadt.invalid") == set()


def test_an_account_without_an_address_reads_in_the_postbox(topic, alice):
    alice.email = alice.unreachable_address(alice.public_id)
    alice.save(update_fields=["email"])
    actions.choose(of(alice), {topic.slug: Channel.POSTBOX})
    assert actions.address_of(of(alice)) == "" and queries.running(of(alice)) == {topic.slug: "postbox"}


def test_with_the_account_all_of_it_goes(topic, alice):
    actions.choose(of(alice), {topic.slug: Channel.MAIL})
    assert "alice@stadt.invalid" in str(queries.of_account(alice))
    actions.forget(alice)
    reader = Reader.objects.get()
    assert reader.user is None and reader.wrapped_key is None and not queries.running(reader)
    with pytest.raises(KeyDestroyed):
        reader.sealed_address = b"x"
        actions.address_of(reader)
    assert actions.address_of(subscribed(topic, "alice@stadt.invalid").reader) == "alice@stadt.invalid"


# --- the database itself ---


def refused(change) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_the_database_keeps_one_subscription_per_topic_and_reader(subscription):
    twin = Subscription(topic=subscription.topic, reader=subscription.reader, token_hash="x", sealed_token=b"")
    refused(twin.save)


def test_the_database_keeps_one_reader_per_address(subscription):
    refused(Reader(address_hash=subscription.reader.address_hash, token_hash="x", sealed_token=b"").save)


def test_the_database_keeps_one_waiting_wish_a_day(topics):
    wish("bauen")
    row = SignUp.objects.get()
    refused(SignUp(once="y", address_hash=row.address_hash, day=row.day, topics=["bauen"], sealed_address=b"").save)


def test_the_database_wants_a_reason_for_an_end(subscription):
    rows = Subscription.objects.filter(pk=subscription.pk)
    refused(lambda: rows.update(state="ended"))
    refused(lambda: rows.update(ended_at=clock.now()))
    refused(lambda: rows.update(state="ended", ended_at=clock.now(), ended_why="laune"))
    refused(lambda: rows.update(channel="taube"))
    refused(lambda: Reader.objects.update(wrapped_key=None))


def test_links_open_by_their_secret_only(subscription):
    assert access.reader(actions.token_of(subscription.reader)) == subscription.reader
    assert access.subscription(actions.token_of(subscription)) == subscription
