"""Real transactions in real threads: one mailbox, one message, one first retrieval, one mail."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from mailbox import actions, sending
from mailbox.models import Event, Mailbox, Message, MessageEvent, Notice
from mailbox.states import NoticeState
from portal.outbox.models import OutboxMessage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def at_once(count, work):
    """Run work() in `count` threads that start together; their results."""
    gate = threading.Barrier(count)

    def run(_):
        try:
            gate.wait(30)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count), timeout=60))


@pytest.mark.slow
def test_fifty_posts_with_one_key_are_one_message_and_one_notice(post, alice):
    results = at_once(50, lambda: post(dedupe_key="decision:1").public_id)
    assert len(set(results)) == 1
    assert Message.objects.get().public_id == results[0]
    assert (Mailbox.objects.count(), Notice.objects.count(), MessageEvent.objects.count()) == (1, 1, 1)


@pytest.mark.slow
def test_a_post_waits_for_the_first_and_takes_over_when_it_rolls_back(post, alice):
    actions.open_mailbox(alice)
    posted, done = threading.Event(), []

    def second():
        posted.wait(10)
        done.append(post(dedupe_key="decision:1", body="zweiter"))
        connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        post(dedupe_key="decision:1", body="erster")
        posted.set()
        thread.join(0.5)
        assert not done
        transaction.set_rollback(True)
    thread.join(10)
    assert [message.pk for message in done] == [Message.objects.get().pk]
    assert Notice.objects.count() == 1


@pytest.mark.slow
def test_one_of_many_parallel_retrievals_is_the_first(post, alice):
    letter = post()
    assert at_once(10, lambda: actions.mark_read(letter, by=alice)).count(True) == 1
    assert letter.events.filter(kind=Event.READ).count() == 1


@pytest.mark.slow
def test_a_double_click_sends_one_reply(post, alice):
    letter = post()
    replies = at_once(10, lambda: actions.reply(letter, body="Ja.", by=alice, once="f1").public_id)
    assert len(set(replies)) == 1
    assert Message.objects.filter(direction="citizen").count() == 1
    assert OutboxMessage.objects.filter(topic="mailbox.replied").count() == 1


@pytest.mark.slow
def test_many_workers_send_one_mail(post, mail_server):
    notice = post().notices.get()
    states = at_once(10, lambda: sending.send_notice(notice.pk))
    assert states.count(NoticeState.SENT) == 1
    assert states.count(None) == 9
    assert len(mail_server.accepted) == 1
    assert OutboxMessage.objects.filter(topic="delivery.finished").count() == 1


@pytest.mark.slow
def test_no_transaction_is_open_while_the_server_thinks(post, mail_server):
    notice = post().notices.get()
    seen = []

    def look():
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity"
                " where datname = current_database() and state like 'idle in transaction%'"
            )
            seen.append(cursor.fetchone()[0])
        connection.close()

    mail_server.plan.append({"end": look})
    assert sending.send_notice(notice.pk) == NoticeState.SENT
    assert seen == [0]
