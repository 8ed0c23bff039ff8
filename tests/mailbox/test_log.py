"""The owner's log: every access, by whom and why, page by page, and nobody else's."""

import datetime as dt

import pytest
from django.urls import reverse

from mailbox import actions, log
from portal.audit import actions as audit
from portal.common import clock
from tests.forms_engine.submissions.conftest import client_of

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def told(owner):
    return [(str(e.who), str(e.what), str(e.why)) for e in log.page(owner).entries]


def test_own_reading_and_clerks_stand_side_by_side(letter, alice, clara):
    with clock.frozen(clock.now() + dt.timedelta(minutes=1)):
        actions.mark_read(letter, by=alice)
    with clock.frozen(clock.now() + dt.timedelta(minutes=2)):
        audit.record("case.read", letter.thread, str(clara.public_id))
    assert told(alice) == [
        ("Sachbearbeitung", "Vorgang mit seinen Nachrichten geöffnet", "Bearbeitung Ihres Antrags"),
        ("Sie selbst", "zum ersten Mal geöffnet", "Eigener Zugriff"),
    ]


def test_the_city_is_an_office_and_never_a_name(letter, alice, clara):
    audit.record("case.read", letter.thread, str(clara.public_id))
    page = client_of(alice).get(reverse("mailbox:log")).content.decode()
    assert "Clara" not in page


def test_what_happens_in_other_mailboxes_is_not_told(letter, post, bob, alice):
    other = post(recipient=bob, thread="case:9")
    actions.mark_read(other, by=bob)
    audit.record("case.read", "case:9", "system:x")
    assert told(alice) == []


def test_pages_lose_nothing(letter, alice, monkeypatch):
    monkeypatch.setattr(log, "PAGE", 3)
    for minute in range(8):
        with clock.frozen(START + dt.timedelta(minutes=minute)):
            audit.record("case.read", letter.thread, "system:x")
    assert turned(alice) == [START + dt.timedelta(minutes=minute) for minute in range(7, -1, -1)]


def turned(owner):
    """The moments of every page, one after the other."""
    found, before = [], ""
    while True:
        page = log.page(owner, before)
        found += [entry.at for entry in page.entries]
        before = page.older
        if not before:
            return found


def test_what_happened_in_one_moment_is_not_torn_apart(letter, alice, monkeypatch):
    monkeypatch.setattr(log, "PAGE", 3)
    for minute in (0, 1, 1, 1, 1, 1, 2, 2):
        with clock.frozen(START + dt.timedelta(minutes=minute)):
            audit.record("case.read", letter.thread, "system:x")
    assert [at.minute for at in turned(alice)] == [2, 2, 1, 1, 1, 1, 1, 0]


def test_a_forged_place_starts_at_the_top(letter, alice):
    actions.mark_read(letter, by=alice)
    for before in ("x", "2026-01-01", "9999-99-99T00:00:00"):
        assert len(log.page(alice, before).entries) == 1


def test_the_log_takes_as_many_statements_for_many_as_for_few(letter, post, alice, django_assert_max_num_queries):
    for number in range(10):
        actions.mark_read(post(thread=f"case:{number}"), by=alice)
    with django_assert_max_num_queries(6):
        log.page(alice)
