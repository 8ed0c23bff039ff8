"""Planted sentences are found nowhere: not in the admin, not in any column, not in any file."""

from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from mailbox import actions, sending
from mailbox.admin import NoticeAdmin
from mailbox.models import Notice
from portal.accounts.models import User
from tests.mailbox.conftest import CANARY

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(post, alice, pdf, mail_server):
    """A mailbox in which everything has happened, with the canary in subject, text, file name, file and reply."""
    message = post(attachments=[(pdf, f"{CANARY}.pdf")])
    actions.mark_read(message, by=alice)
    actions.note_download(message.attachments.get(), by=alice)
    actions.reply(message, body=f"Antwort {CANARY}", by=alice)
    sending.send_notice(message.notices.get().pk)
    return message


@pytest.fixture
def root(client, db):
    user = User.objects.create_superuser("wurzel@stadt.invalid", "ein gutes Kennwort")
    client.force_login(user)
    return client


def everything_stored():
    """Each row of each table of the project as text, binary columns as their bytes."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'select * from "{model._meta.db_table}"')
            for row in cursor.fetchall():
                yield model, b"|".join(bytes(v) if isinstance(v, memoryview | bytes) else str(v).encode() for v in row)


def test_no_row_of_any_table_holds_a_planted_word(busy):
    rows = list(everything_stored())
    assert {"Message", "Attachment", "MessageEvent", "Notice", "AuditEntry", "OutboxMessage"} <= {
        model.__name__ for model, _ in rows
    }
    for word in CANARY.split():
        assert not [model for model, row in rows if word.encode() in row]


def test_no_file_on_disk_holds_a_planted_word(busy, settings):
    files = [file for file in Path(settings.FILE_STORE).rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if b"Kanarienvogel" in file.read_bytes() or "Kanarienvogel" in str(file)]


@pytest.mark.sample(3)
@pytest.mark.parametrize("model", ["mailbox", "message", "notice"])
def test_the_admin_shows_numbers_and_moments_but_no_content(busy, root, alice, model):
    row = apps.get_model("mailbox", model).objects.first()
    pages = [f"/verwaltung/mailbox/{model}/", f"/verwaltung/mailbox/{model}/{row.pk}/change/"]
    for page in pages:
        response = root.get(page)
        assert response.status_code == 200
        text = response.content.decode()
        for word in ("Kanarienvogel", "Zitronengelb", alice.email, "Ammer"):
            assert word not in text
        assert str(busy if model != "mailbox" else busy.mailbox) in text


@pytest.mark.parametrize("model", ["mailbox", "message", "notice"])
def test_nothing_can_be_made_changed_or_deleted_in_the_admin(busy, root, model):
    row = apps.get_model("mailbox", model).objects.first()
    assert root.get(f"/verwaltung/mailbox/{model}/add/").status_code == 403
    assert root.post(f"/verwaltung/mailbox/{model}/{row.pk}/change/", {"number": "1"}).status_code == 403
    assert root.post(f"/verwaltung/mailbox/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_admin_search_takes_any_word(busy, root):
    for word in (str(busy), "case:1", busy.mailbox.number, "kein Treffer"):
        assert root.get("/verwaltung/mailbox/message/", {"q": word}).status_code == 200


def test_operators_can_send_a_failed_notice_again(letter, root, mail_server):
    mail_server.plan.append({"rcpt": 550})
    notice = Notice.objects.get()
    sending.send_notice(notice.pk)
    root.post("/verwaltung/mailbox/notice/", {"action": NoticeAdmin.actions[0], "_selected_action": [notice.pk]})
    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == ("queued", 0)
