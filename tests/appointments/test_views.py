"""A person's own appointments in the browser."""

import uuid

import pytest
from django.test import Client

from appointments import actions
from appointments.models import Appointment
from appointments.states import State
from portal.common import clock
from portal.directory.models import Closure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now")]
PAGES = ["", "verschieben/", "absagen/", "termin.ics"]


@pytest.fixture
def browser(alice) -> Client:
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def mine(book, monday) -> Appointment:
    return book(monday(9, 30))


def _path(appointment, page="") -> str:
    return f"/termine/{appointment.public_id}/{page}"


def _text(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_foreign_appointments_are_not_found_and_not_touched(mine, bob, page, method):
    stranger = Client()
    stranger.force_login(bob)
    data = {"start": "2026-11-30T10:00:00+01:00"} if method == "post" else {}
    assert getattr(stranger, method)(_path(mine, page), data).status_code in (404, 405)
    assert stranger.get(_path(mine, page)).status_code == 404
    before = mine.starts
    mine.refresh_from_db()
    assert (mine.state, mine.starts) == (State.BOOKED, before)


@pytest.mark.parametrize("page", PAGES)
def test_unknown_appointments_are_not_found(browser, page):
    assert browser.get(f"/termine/{uuid.uuid4()}/{page}").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_without_signing_in_one_is_sent_to_sign_in(mine, page):
    response = Client().get(_path(mine, page))
    assert response.status_code == 302
    assert response.url.startswith("/konto/login/")


def test_the_page_tells_when_where_number_and_what_to_bring(browser, mine):
    page = _text(browser.get(_path(mine)))
    assert "<h1>Ihr Termin am 30. November 2026</h1>" in page
    assert "Montag, 30. November 2026, 09:30</time> bis 09:45 Uhr" in page
    assert 'href="/dienststellen/stelle/"' in page
    assert "Weg 1<br>80331 München" in page
    assert ">1-114</strong>" in page
    assert "Ihren Ausweis." in page


def test_cancelling_asks_first_and_a_visit_alone_cancels_nothing(browser, mine):
    page = _text(browser.get(_path(mine, "absagen/")))
    assert "Möchten Sie den Termin absagen?" in page
    assert "Sie können das nicht rückgängig machen." in page
    assert Appointment.objects.get().state == State.BOOKED


def test_cancelling_twice_is_cancelling_once(browser, mine):
    for _ in range(2):
        response = browser.post(_path(mine, "absagen/"))
        assert (response.status_code, response.url) == (302, _path(mine))
    assert Appointment.objects.get().version == 1
    page = _text(browser.get(_path(mine)))
    assert "Sie haben diesen Termin abgesagt." in page
    assert "Aus dem Kalender entfernen" in page
    assert "Wartenummer" not in page


def test_what_the_office_withdrew_is_said_plainly(browser, mine, clara):
    actions.cancel(mine, by=clara)
    assert "Kommen Sie nicht zu dieser Zeit." in _text(browser.get(_path(mine)))


def test_posts_without_a_token_are_refused(alice, mine):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.raise_request_exception = False
    client.post(_path(mine, "absagen/"))
    client.post(_path(mine, "verschieben/"), {"start": "2026-11-30T10:00:00+01:00"})
    mine.refresh_from_db()
    assert (mine.state, mine.version) == (State.BOOKED, 0)


def test_moving_ends_on_the_page_with_the_new_time(browser, mine, monday):
    response = browser.post(_path(mine, "verschieben/"), {"start": monday(10).isoformat()}, follow=True)
    assert response.redirect_chain == [(_path(mine), 302)]
    assert "Der Termin ist verschoben." in _text(response)
    assert "Montag, 30. November 2026, 10:00</time>" in _text(response)


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        ("", "Wählen Sie eine Uhrzeit aus."),
        ("gestern", "Wählen Sie eine Uhrzeit aus der Liste aus."),
        ("2026-11-29T09:00:00+01:00", "Diese Zeit ist schon vorbei. Wählen Sie eine spätere Zeit."),
        ("2026-11-30T22:00:00+01:00", "Zu dieser Zeit ist die Dienststelle geschlossen. Wählen Sie eine andere Zeit."),
        ("2026-11-30T10:01:00+01:00", "Zu dieser Zeit beginnt kein Termin. Wählen Sie eine Zeit aus der Liste."),
    ],
)
def test_f31_a_missing_or_forged_time_is_answered_at_the_field_and_in_the_summary(browser, mine, start, sentence):
    response = browser.post(_path(mine, "verschieben/"), {"start": start})
    page = _text(response)
    assert response.status_code == 422
    assert "<title>Fehler: " in page
    assert f'<a class="kern-link" href="#id_start_0">{sentence}</a>' in page
    assert page.count('id="id_start_0"') == 1
    assert page.count(sentence) == 2
    mine.refresh_from_db()
    assert mine.version == 0


def test_a_taken_time_is_answered_with_the_next_free_ones(browser, mine, book, bob, monday):
    book(monday(10), bob, "case:2")
    page = _text(browser.post(_path(mine, "verschieben/"), {"start": monday(10).isoformat()}))
    assert "Diese Zeit hat gerade jemand anderes gebucht." in page
    assert "Die nächsten freien Termine" in page
    assert page.index("Montag, 30. November, <time") < page.index("Dienstag, 1. Dezember</legend>")


def test_weeks_are_turned_by_links(browser, mine):
    page = _text(browser.get(_path(mine, "verschieben/")))
    assert "Woche vom 30. November bis 6. Dezember 2026" in page
    assert 'href="?ab=2026-12-07">Spätere Termine' in page
    assert "Frühere Termine" not in page
    assert 'href="?ab=2026-12-04">Frühere Termine' in _text(browser.get(_path(mine, "verschieben/?ab=2026-12-07")))


def test_f35_nothing_free_is_said_with_the_next_step_and_without_a_button(browser, mine, office, monday):
    Closure.objects.create(office=office, first_day=clock.today(), last_day=monday(0, 0, 90).date(), reason="Umzug")
    page = _text(browser.get(_path(mine, "verschieben/")))
    assert "Zurzeit ist kein Termin frei" in page
    assert 'href="tel:+498923344100"' in page
    assert 'type="submit"><span class="kern-label">Termin verschieben' not in page


def test_f35_an_offering_that_is_switched_off_promises_nothing(browser, mine, offering):
    offering.active = False
    offering.save()
    page = _text(browser.get(_path(mine, "verschieben/")))
    assert "vergibt hierfür im Moment keine Termine" in page
    assert "Schauen Sie morgen" not in page


def test_an_empty_week_leads_to_the_next_free_time(browser, mine, office, monday):
    Closure.objects.create(office=office, first_day=clock.today(), last_day=monday(0, 0, 4).date(), reason="Umzug")
    page = _text(browser.get(_path(mine, "verschieben/?ab=2026-11-30")))
    assert "In dieser Woche ist kein Termin frei." in page
    assert '<a class="kern-link" href="?ab=2026-12-07">Zum nächsten freien Termin am Montag, 7. Dezember</a>' in page


@pytest.mark.parametrize("page", ["verschieben/", "absagen/"])
def test_what_has_begun_can_only_be_looked_at(browser, mine, monday, page):
    with clock.frozen(monday(9, 30)):
        assert browser.get(_path(mine, page)).status_code == 302
        assert browser.post(_path(mine, page)).status_code == 302
    assert Appointment.objects.get().state == State.BOOKED


def test_the_list_has_mine_and_only_mine(browser, mine, book, bob, monday):
    foreign = book(monday(10), bob, "case:2")
    page = _text(browser.get("/termine/"))
    assert _path(mine) in page
    assert _path(foreign) not in page


def test_the_list_keeps_what_is_over(browser, mine, monday):
    with clock.frozen(monday(12)):
        page = _text(browser.get("/termine/"))
    assert "Sie haben keinen Termin vor sich." in page
    assert "30. November 2026, 09:30 Uhr</a>: Unterlagen zeigen, vorbei" in page


def test_the_calendar_file_follows_the_appointment(browser, mine, monday, alice):
    first = browser.get(_path(mine, "termin.ics"))
    actions.rebook(mine, start=monday(10), by=alice)
    second = browser.get(_path(mine, "termin.ics"))
    actions.cancel(mine, by=alice)
    third = browser.get(_path(mine, "termin.ics"))
    assert all(f"UID:{mine.public_id}".encode() in r.content for r in (first, second, third))
    assert [f"SEQUENCE:{n}".encode() in r.content for n, r in enumerate((first, second, third))] == [True] * 3
    assert b"DTSTART:20261130T090000Z" in second.content
    assert third["Content-Type"] == "text/calendar; charset=utf-8; method=CANCEL"
    assert b"METHOD:CANCEL" in third.content
    assert "no-store" in first["Cache-Control"]
