"""What the database refuses, whatever the app's code does."""

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from mailbox import actions, looks
from mailbox.models import Attachment, Export, Mailbox, Message, MessageEvent, Notice
from portal.common import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused():
    """Run the statement or callable; the database must refuse it, by the constraint of that name."""

    def check(attempt, by=None):
        with pytest.raises((IntegrityError, DataError), match=by), transaction.atomic():
            if isinstance(attempt, str):
                with connection.cursor() as cursor:
                    cursor.execute(attempt)
            else:
                attempt()

    return check


def test_one_mailbox_per_person_and_one_number_per_mailbox(letter, bob, alice, refused):
    refused(lambda: Mailbox.objects.create(user=alice, number="0000000000"))
    refused(lambda: Mailbox.objects.create(user=bob, number=letter.mailbox.number))


@pytest.mark.parametrize("number", ["12345", "12345678901", "12345678x0"])
def test_a_number_has_ten_digits(bob, refused, number):
    refused(lambda: Mailbox.objects.create(user=bob, number=number))


def test_one_message_per_key(post, refused):
    message = post(dedupe_key="k")
    message.pk, message.public_id = None, clock.uuid()
    refused(lambda: message.save(force_insert=True))


@pytest.mark.parametrize(
    "change",
    [
        {"direction": "sideways"},
        {"sender": ""},
        {"direction": "citizen", "reply_allowed": False},  # a citizen's message names no office
        {"direction": "citizen", "sender": "", "reply_allowed": True},
        {"link_path": "//boese.invalid/"},
        {"link_path": "/\\boese.invalid/"},
        {"link_path": "https://boese.invalid/"},
        {"link_path": "javascript:alert(1)"},
        {"link_path": "/a\nb"},
    ],
)
def test_impossible_messages_are_refused(letter, refused, change):
    by = "message_link_is_local" if "link_path" in change else "message_(direction_known|city_has_sender)"
    letter.pk, letter.public_id = None, clock.uuid()
    for name, value in change.items():
        setattr(letter, name, value)
    refused(lambda: letter.save(force_insert=True), by)
    assert Message.objects.count() == 1


@pytest.mark.parametrize("path", ["", "/", "/konto/antraege/4c1f/?a=1#b"])
def test_paths_of_our_own_are_taken(post, path):
    assert post(link_path=path).link_path == path


@pytest.mark.parametrize(
    "change",
    [
        {"state": "lost"},
        {"state": "sending"},  # without a lease
        {"state": "sent"},  # without a moment
        {"lease_until": clock.now()},  # a lease without a claim
        {"sent_at": clock.now()},
    ],
)
def test_impossible_notices_are_refused(letter, refused, change):
    refused(lambda: Notice.objects.update(**change), by="notice_(state_known|lease_while_sending|sent_has_moment)")


def test_one_notice_per_message_and_plan_day(letter, refused):
    refused(lambda: Notice.objects.create(message=letter, plan_day=0, mail_id="<b@x>"), by="notice_once_per_plan_day")


def test_a_message_id_is_used_once(letter, refused):
    used = Notice.objects.get().mail_id
    refused(lambda: Notice.objects.create(message=letter, plan_day=7, mail_id=used), by="mail_id")


def test_one_attachment_per_place(post, pdf, refused):
    message = post(attachments=[(pdf, "a.pdf")])
    refused(
        lambda: Attachment.objects.create(message=message, stored=pdf, position=1, sealed_name=b"x"),
        by="attachment_place_once",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "update mailbox_messageevent set actor = 'x'",
        "delete from mailbox_messageevent",
        "insert into mailbox_messageevent (message_id, kind, at, actor, detail)"
        " select message_id, 'dreamt', at, actor, '' from mailbox_messageevent limit 1",
    ],
)
def test_events_are_append_only_and_known(letter, refused, statement):
    refused(statement)
    assert MessageEvent.objects.get().actor == "system:mailbox"


def test_events_cannot_be_emptied(letter, refused):
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table mailbox_messageevent enable trigger mailbox_event_no_truncate")
    refused("truncate mailbox_messageevent", by="append-only")
    assert MessageEvent.objects.exists()


def test_there_is_one_first_retrieval(letter, alice, refused):
    actions.mark_read(letter, by=alice)
    refused(lambda: MessageEvent.objects.create(message=letter, kind="read", actor="x"), by="message_read_once")


@pytest.mark.parametrize(
    "change",
    [
        "sealed_body = 'x'",
        "sealed_subject = 'x'",
        "sealed_about = 'x'",
        "thread = 'case:2'",
        "sender = 'Stadtwerke'",
        "created_at = now()",
        "visible_from = now() - interval '9 days'",
        "dedupe_key = 'other'",
    ],
)
def test_a_posted_message_does_not_change(letter, refused, change):
    refused(f"update mailbox_message set {change}", by="does not change")


@pytest.mark.parametrize("value", ["null", "now() - interval '9 days'"])
def test_the_moment_of_the_first_retrieval_does_not_change(letter, alice, refused, value):
    actions.mark_read(letter, by=alice)
    refused(f"update mailbox_message set first_read_at = {value}", by="does not change")


def test_messages_and_attachments_cannot_be_deleted_or_exchanged(post, pdf, refused):
    post(attachments=[(pdf, "a.pdf")])
    refused("delete from mailbox_attachment", by="does not change")
    refused("update mailbox_attachment set position = 9", by="does not change")
    refused("delete from mailbox_message", by="does not change")


@pytest.mark.parametrize(
    "change",
    ["first_read_at = now()", "direction = 'citizen', sender = '', reply_allowed = false"],
)
def test_only_what_the_city_sent_and_nobody_read_is_withdrawn(letter, refused, change):
    with connection.cursor() as cursor:
        cursor.execute(
            "set constraints all immediate; alter table mailbox_message disable trigger mailbox_message_fixed"
        )
    refused(f"update mailbox_message set withdrawn_at = now(), {change}", by="message_withdrawn_unread")


@pytest.mark.parametrize("value", ["null", "now() + interval '1 day'"])
def test_what_is_withdrawn_stays_withdrawn(letter, refused, value):
    Message.objects.filter(pk=letter.pk).update(withdrawn_at=clock.now())
    refused(f"update mailbox_message set withdrawn_at = {value}", by="does not change")


def test_an_archive_is_ready_only_with_its_file(letter, alice, refused):
    Export.objects.create(mailbox=letter.mailbox, asked_by=alice)
    refused("update mailbox_export set state = 'ready'", by="export_ready_has_file")
    refused("update mailbox_export set level = 9", by="export_level_known")


def test_an_answer_to_a_look_is_whole(letter, otto, edda, refused):
    looks.ask(letter, reason="Notfall", by=otto)
    refused("update mailbox_emergencylook set allowed = true", by="look_answer_is_whole")


def test_half_a_digest_is_none(letter, refused):
    refused("update mailbox_notice set digest_on = now()", by="notice_digest_is_whole")
