"""The public page of an office."""

import datetime as dt

import pytest
from django.test import Client

from portal.common import clock
from portal.directory.models import Closure

pytestmark = pytest.mark.django_db
MONDAY_9 = dt.datetime(2026, 11, 30, 8, 0, tzinfo=dt.UTC)  # 9 o'clock in Munich


def _page(path="/dienststellen/stelle/") -> str:
    with clock.frozen(MONDAY_9):
        response = Client().get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_it_tells_where_and_when_without_signing_in(office):
    page = _page()
    assert "Weg 1<br>80331 München" in page
    assert 'href="tel:+498923396000"' in page
    assert "08:00 bis 12:00 Uhr<br>14:00 bis 18:00 Uhr" in page
    assert "Jetzt geöffnet, heute bis 12:00 Uhr." in page


def test_it_lists_closures_and_holidays_of_the_next_months(office):
    Closure.objects.create(
        office=office, first_day=dt.date(2026, 12, 23), last_day=dt.date(2026, 12, 24), reason="Inventur"
    )
    page = _page()
    assert "Mittwoch, 23. Dezember 2026 bis Donnerstag, 24. Dezember 2026: <span>Inventur</span>" in page
    assert "Mittwoch, 6. Januar 2027: <span>Heilige Drei Könige</span>" in page


def test_it_says_so_when_nothing_is_known(office):
    office.hours.all().delete()
    page = _page()
    assert "keine Öffnungszeiten eingetragen. Rufen Sie vor Ihrem Besuch an." in page
    assert "noch keine Angaben zum Gebäude" in page


def test_an_unknown_office_is_not_found(office):
    assert Client().get("/dienststellen/nirgends/").status_code == 404


def test_names_are_escaped(office):
    office.note = "<script>"
    office.save()
    assert "<script>" not in _page()
