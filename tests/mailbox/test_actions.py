"""Posting, reading, replying and filing away: once each, sealed, and only by the owner."""

import datetime as dt

import pytest
from django.db import transaction

from mailbox import actions, queries
from mailbox.models import Event, Mailbox, Message, MessageEvent, Notice
from portal.audit.models import AuditEntry
from portal.common import clock, references
from portal.outbox.models import OutboxMessage

pytestmark = pytest.mark.django_db


def kinds(message):
    return list(message.events.values_list("kind", flat=True))


def test_a_mailbox_is_opened_once_and_its_number_checks(alice, bob):
    box = actions.open_mailbox(alice)
    assert actions.open_mailbox(alice) == box
    assert references.is_valid(box.number)
    assert actions.open_mailbox(bob).number != box.number


def test_posting_makes_message_event_and_notice(letter, alice):
    notice = Notice.objects.get()
    assert (notice.message, notice.state, notice.address) == (letter, "queued", alice.email)
    assert kinds(letter) == [Event.CREATED]
    assert AuditEntry.objects.get().subject == f"message:{letter.public_id}"


def test_posting_does_not_put_content_into_the_clear(letter):
    row = Message.objects.values().get()
    assert "Kanarienvogel" not in repr({key: bytes(v) if isinstance(v, memoryview) else v for key, v in row.items()})
    assert queries.letter(letter).subject == "Ihr Bescheid Kanarienvogel Zitronengelb"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_posting_needs_the_transaction_of_its_cause(alice):
    with pytest.raises(RuntimeError):
        actions.post(recipient=alice, sender="KVR", subject="S", body="B", thread="t")
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_cause_leaves_no_message_and_no_notice(post):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        post(dedupe_key="decision:1")
        _ = 1 / 0
    assert not Message.objects.exists()
    assert not Notice.objects.exists()


def test_the_same_key_returns_the_first_message_untouched(post, pdf):
    first = post(dedupe_key="decision:1", body="Erste Fassung")
    again = post(dedupe_key="decision:1", body="Zweite Fassung", attachments=[(pdf, "b.pdf")])
    assert again == first
    assert queries.letter(again).body == "Erste Fassung"
    assert (Notice.objects.count(), MessageEvent.objects.count(), first.attachments.count()) == (1, 1, 0)


def test_a_key_never_returns_somebody_elses_message(post, bob):
    post(dedupe_key="decision:1")
    with pytest.raises(actions.DedupeKeyTaken):
        post(dedupe_key="decision:1", recipient=bob)
    assert Message.objects.count() == 1


def test_without_a_key_each_post_is_a_message(post):
    assert post().pk != post().pk


def test_attachments_keep_their_order_and_their_names_are_sealed(post, pdf):
    message = post(attachments=[(pdf, "Bescheid für Müller.pdf"), (pdf, "../Anlage.pdf")])
    names = [enclosure.name for enclosure in queries.letter(message).attachments]
    assert names == ["Bescheid für Müller.pdf", "_Anlage.pdf"]
    assert b"Bescheid" not in bytes(message.attachments.first().sealed_name)


def test_somebody_without_an_address_gets_the_message_and_a_failed_notice(post, alice):
    alice.email = ""
    alice.save(update_fields=["email"])
    message = post()
    assert Notice.objects.get().state == "failed"
    assert kinds(message) == [Event.CREATED, Event.NOTICE_FAILED]
    assert OutboxMessage.objects.get().topic == "notice.failed"


def test_a_message_for_later_is_invisible_until_then(post, alice):
    later = clock.now() + dt.timedelta(days=1)
    message = post(visible_from=later)
    assert not queries.inbox(alice).headings
    assert not actions.mark_read(message, by=alice)
    assert Notice.objects.get().due_at == later
    with clock.frozen(later):
        assert queries.unread_count(alice) == 1


def test_the_first_retrieval_is_written_down_once(letter, alice):
    moment = clock.now()
    with clock.frozen(moment):
        assert actions.mark_read(letter, by=alice)
    assert not actions.mark_read(letter, by=alice)
    letter.refresh_from_db()
    assert letter.first_read_at == moment
    assert kinds(letter).count(Event.READ) == 1


def test_nobody_else_can_mark_a_message_as_read(letter, bob, clara):
    assert not actions.mark_read(letter, by=bob)
    assert not actions.mark_read(letter, by=clara)
    letter.refresh_from_db()
    assert letter.first_read_at is None
    assert Event.READ not in kinds(letter)


def test_a_reply_is_sealed_in_the_same_thread_and_travels_upward(letter, alice):
    answer = actions.reply(letter, body="Das Kennzeichen ist M-AB 1.", by=alice)
    assert [item.body for item in queries.thread_messages("case:1")][-1] == "Das Kennzeichen ist M-AB 1."
    assert queries.letter(answer).sender == "Alice Ammer"
    assert OutboxMessage.objects.get(topic="mailbox.replied").key == str(answer.public_id)
    assert kinds(letter)[-1] == Event.REPLIED
    assert Notice.objects.filter(message=answer).count() == 0


def test_the_same_form_sent_twice_gives_one_reply(letter, alice):
    first = actions.reply(letter, body="Ja.", by=alice, once="f1")
    assert actions.reply(letter, body="Ja.", by=alice, once="f1") == first
    assert OutboxMessage.objects.filter(topic="mailbox.replied").count() == 1


def test_another_text_in_the_same_form_is_not_dropped(letter, alice):
    first = actions.reply(letter, body="Ja.", by=alice, once="f1")
    second = actions.reply(letter, body="Doch nicht.", by=alice, once="f1")
    assert first != second
    assert [item.body for item in queries.thread_messages("case:1")][1:] == ["Ja.", "Doch nicht."]


def test_replies_are_refused_to_strangers_and_where_none_is_allowed(letter, post, alice, bob):
    with pytest.raises(actions.ReplyRefused):
        actions.reply(letter, body="Hallo", by=bob)
    with pytest.raises(actions.ReplyRefused):
        actions.reply(post(reply_allowed=False), body="Hallo", by=alice)
    with pytest.raises(actions.ReplyRefused):
        actions.reply(actions.reply(letter, body="Hallo", by=alice), body="Hallo", by=alice)
    assert Message.objects.filter(direction="citizen").count() == 1


@pytest.mark.parametrize("body", ["", " \r\n\x00 ", "x" * 5001])
def test_replies_have_a_length(letter, alice, body):
    with pytest.raises(actions.ReplyRefused):
        actions.reply(letter, body=body, by=alice)
    assert Message.objects.count() == 1


def test_filing_away_and_back(letter, alice, bob):
    assert not actions.archive(letter, by=bob)
    assert actions.archive(letter, by=alice)
    assert not actions.archive(letter, by=alice)
    assert not queries.inbox(alice).headings
    assert actions.unarchive(letter, by=alice)
    assert queries.inbox(alice).headings


def test_after_disposal_only_the_neutral_title_is_left(letter, alice, pdf, post):
    with_file = post(attachments=[(pdf, "geheim.pdf")])
    Mailbox.objects.update(wrapped_key=None)
    gone = queries.letter(Message.objects.get(pk=with_file.pk))
    assert (gone.subject, gone.attachments[0].name) == ("Neue Nachricht", "Anlage 1")
    assert gone.body == "Der Inhalt dieser Nachricht wurde gelöscht."
    with pytest.raises(actions.ReplyRefused):
        actions.reply(Message.objects.get(pk=letter.pk), body="Hallo", by=alice)
