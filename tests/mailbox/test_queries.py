"""Lists: unread first, pages without gaps or doubles, own messages only, a fixed number of queries."""

import datetime as dt

import pytest
from django.db import connection

from mailbox import actions, queries
from mailbox.models import Message
from portal.common import clock

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def many(post, alice):
    """Seven messages, one an hour; the even ones are read."""
    made = []
    for hour in range(7):
        with clock.frozen(START + dt.timedelta(hours=hour)):
            made.append(post(subject=f"Nachricht {hour}"))
            if hour % 2 == 0:
                actions.mark_read(made[-1], by=alice)
    return made


def subjects(headings):
    return [heading.subject[-1] for heading in headings]


def walk(user, size):
    found, after = [], ""
    while True:
        page = queries.inbox(user, after=after, size=size)
        found += subjects(page.headings)
        after = page.older
        if not after:
            return found


def test_unread_come_first_then_the_newest(many, alice):
    assert subjects(queries.inbox(alice).headings) == ["5", "3", "1", "6", "4", "2", "0"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20])
def test_pages_have_neither_gaps_nor_doubles(many, alice, size):
    assert walk(alice, size) == ["5", "3", "1", "6", "4", "2", "0"]


def test_opening_the_last_of_a_page_hides_nothing_on_the_next(many, alice):
    page = queries.inbox(alice, size=2)
    actions.mark_read(many[3], by=alice)
    assert "1" in subjects(queries.inbox(alice, after=page.older, size=5).headings)


def test_messages_of_the_same_moment_are_not_lost_between_pages(post, alice):
    with clock.frozen(START):
        for number in range(5):
            post(subject=str(number))
    assert sorted(walk(alice, 2)) == list("01234")


@pytest.mark.parametrize("after", ["x", "u-x", "r-00000000-0000-4000-8000-000000000000", "u-"])
def test_an_unknown_key_starts_at_the_top(many, alice, after):
    assert len(queries.inbox(alice, after=after).headings) == 7


def test_a_foreign_key_tells_nothing(many, bob, post):
    post(recipient=bob, subject="9")
    assert subjects(queries.inbox(bob, after=f"u-{many[3].public_id}").headings) == ["9"]


def test_counts_and_latest(many, alice, bob):
    assert queries.unread_count(alice) == 3
    assert queries.unread_count(bob) == 0
    assert subjects(queries.latest(alice, 2)) == ["5", "3"]
    actions.archive(many[5], by=alice)
    assert queries.unread_count(alice) == 2


def test_the_archive_is_a_list_of_its_own(many, alice):
    actions.archive(many[0], by=alice)
    assert subjects(queries.inbox(alice, where=queries.ARCHIVE).headings) == ["0"]
    assert "0" not in subjects(queries.inbox(alice).headings)


def test_own_replies_are_not_in_the_inbox_but_mark_the_message(letter, alice):
    actions.reply(letter, body="Ja.", by=alice)
    heading = queries.inbox(alice).headings[0]
    assert heading.answered
    assert len(queries.inbox(alice).headings) == 1


def test_the_thread_shows_both_sides_and_all_mailboxes_in_order(post, letter, alice, bob):
    actions.reply(letter, body="Von Alice", by=alice)
    post(recipient=bob, body="An Bob")
    post(thread="case:2", body="Anderer Vorgang")
    thread = queries.thread_messages("case:1")
    assert [item.body for item in thread][1:] == ["Von Alice", "An Bob"]
    assert [item.received for item in thread] == [True, False, True]


def test_a_conversation_stays_in_the_own_mailbox(post, letter, alice, bob):
    answer = actions.reply(letter, body="Von Alice", by=alice)
    post(recipient=bob)
    assert [item.public_id for item in queries.conversation(alice, letter)] == [answer.public_id]
    assert queries.conversation(bob, letter) == []


@pytest.mark.parametrize("count", [1, 6])
def test_the_inbox_costs_the_same_however_full_it_is(post, alice, pdf, django_assert_num_queries, count):
    for _ in range(count):
        post(attachments=[(pdf, "a.pdf")])
    with django_assert_num_queries(1):
        headings = queries.inbox(alice).headings
    assert [heading.enclosures for heading in headings] == [1] * count
    with django_assert_num_queries(3):
        queries.thread_messages("case:1")


def test_figures_for_operators(letter, post, alice):
    with clock.frozen(clock.now() + dt.timedelta(minutes=5)):
        status = queries.status()
    assert (status["mailboxes"], status["messages"], status["unread"]) == (1, 1, 1)
    assert status["notices"] == {"queued": 1, "sending": 0, "sent": 0, "failed": 0, "dropped": 0}
    assert status["oldest_waiting_since"] == letter.visible_from


def test_the_count_written_out_for_other_statements_is_the_same(post, alice, bob):
    first, second = post(), post()
    post(recipient=bob)
    Message.objects.filter(pk=second.pk).update(archived_at=clock.now())

    def written_out(user) -> int:
        with connection.cursor() as cursor:
            cursor.execute(queries.UNREAD, {"owner": user.pk, "now": clock.now()})
            return cursor.fetchone()[0]

    by_rows = [Message.objects.of(user).unread().filter(archived_at=None).count() for user in (alice, bob)]
    assert [queries.unread_count(user) for user in (alice, bob)] == by_rows == [1, 1]
    assert written_out(alice) == 1
    Message.objects.filter(pk=first.pk).update(first_read_at=clock.now())
    assert written_out(alice) == queries.unread_count(alice) == 0
