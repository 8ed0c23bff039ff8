"""Reporting a barrier: without an account, sealed at rest, answered within a month, forgotten half a year later."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import IntegrityError, connection
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.common import clock, crypto
from portal.home import actions
from portal.home.models import BarrierReport
from tests.portal.home.test_pages import check

pytestmark = pytest.mark.django_db
ADDRESS = "/barriere-melden/"
TEXT = "Die Tabelle wird nicht vorgelesen. Kanarienvogel."


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


@pytest.fixture
def report():
    return actions.report_barrier(page="/konto/login/", text=TEXT, contact="bob@stadt.invalid")


@pytest.fixture
def editor(client, clara):
    clara.user_permissions.set(Permission.objects.filter(codename="view_barrierreport"))
    client.force_login(clara)
    return client


def test_anybody_can_report_and_is_told_what_happens_next(client):
    page = check(client.get(f"{ADDRESS}?seite=/kontakt/"))
    assert 'name="page" value="/kontakt/"' in page
    sent = client.post(ADDRESS, {"page": "/kontakt/", "text": TEXT, "contact": ""})
    assert sent["Location"] == reverse("home:barrier_sent")
    assert "Ihre Meldung ist angekommen" in check(client.get(sent["Location"]))
    held = BarrierReport.objects.get()
    assert (held.page, held.opened()) == ("/kontakt/", (TEXT, ""))
    assert held.answer_by == clock.today() + dt.timedelta(days=30)


def test_what_was_written_is_not_readable_in_the_database(report):
    with connection.cursor() as cursor:
        cursor.execute("select t::text from home_barrierreport t")
        row = cursor.fetchone()[0]
    for word in ("Kanarienvogel", "bob@"):
        assert word not in row and word.encode().hex() not in row


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"text": " "}, "Schreiben Sie, was nicht funktioniert hat"),
        ({"text": "x" * 5001}, "Kürzen Sie die Meldung auf 5000 Zeichen"),
        ({"contact": "x" * 255}, "Kürzen Sie Ihre Angabe auf 254 Zeichen"),
        ({"text": "a\0b"}, "Null"),
    ],
)
def test_each_wrong_answer_has_its_sentence_and_nothing_is_kept(client, change, sentence):
    answer = client.post(ADDRESS, {"page": "/", "text": TEXT, "contact": "0151 1"} | change)
    assert answer.status_code == 422
    assert sentence in check(answer)
    assert not BarrierReport.objects.exists()


@pytest.mark.parametrize("page", ["https://boese.example/", "//boese.example", "/\\boese", "javascript:1", "/a\nb", ""])
def test_a_page_that_is_not_ours_becomes_the_start_page(client, page):
    assert 'name="page" value="/"' in client.get(ADDRESS, {"seite": page}).content.decode()
    client.post(ADDRESS, {"page": page, "text": TEXT})
    assert BarrierReport.objects.get().page == "/"


def test_the_sixth_report_in_a_minute_is_asked_to_wait(client):
    for _ in range(5):
        assert client.post(ADDRESS, {"text": TEXT}).status_code == 302
    assert client.post(ADDRESS, {"text": TEXT}).status_code == 429
    assert BarrierReport.objects.count() == 5


def test_editors_read_and_close_a_report_once(editor, clara, report):
    page = editor.get(f"/verwaltung/home/barrierreport/{report.pk}/change/").content.decode()
    assert TEXT in page and "bob@stadt.invalid" in page
    for _ in range(2):
        editor.post("/verwaltung/home/barrierreport/", {"action": "close", "_selected_action": [report.pk]})
    report.refresh_from_db()
    assert report.answered_at is not None
    assert AuditEntry.objects.filter(action="barrier.closed", actor=str(clara.public_id)).count() == 1


def test_staff_without_the_right_reads_nothing(client, otto, report):
    client.force_login(otto)
    assert client.get(f"/verwaltung/home/barrierreport/{report.pk}/change/").status_code == 403


def test_half_a_year_after_the_answer_nothing_is_left_to_read(editor, clara, report):
    open_one = actions.report_barrier(page="/", text=TEXT, contact="")
    actions.close_report(report, by=clara)
    assert actions.sweep_reports() == 0
    with clock.frozen(clock.now() + dt.timedelta(days=181)):
        assert actions.sweep_reports() == 1
        assert actions.sweep_reports() == 0
    report.refresh_from_db()
    with pytest.raises(crypto.KeyDestroyed):
        report.opened()
    assert "gelöscht" in editor.get(f"/verwaltung/home/barrierreport/{report.pk}/change/").content.decode()
    open_one.refresh_from_db()
    assert open_one.opened() == (TEXT, "")


def test_the_database_forgets_no_report_that_waits_for_its_answer(report):
    with pytest.raises(IntegrityError, match="barrier_disposed_only_once_answered"):
        BarrierReport.objects.filter(pk=report.pk).update(wrapped_key=None, disposed_at=clock.now())
