"""The database refuses master data that would send people to a closed door, whoever writes it."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from portal.directory.models import Closure, Office, OpeningHours, SearchEntry, SearchWord, Service

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("opens", "closes"), [((11, 0), (15, 0)), ((9, 0), (10, 0)), ((8, 0), (12, 0))])
def test_overlapping_hours_of_one_day_are_refused(office, opens, closes):
    with pytest.raises(IntegrityError, match="hours_do_not_overlap"), transaction.atomic():
        OpeningHours.objects.create(office=office, weekday=0, opens=dt.time(*opens), closes=dt.time(*closes))
    assert office.hours.count() == 2


def test_adjacent_hours_and_other_days_and_offices_are_fine(office, kvr):
    other = Office.objects.create(slug="x", name="X", organisation=kvr, street="Weg 2", postcode="80331")
    OpeningHours.objects.create(office=office, weekday=0, opens=dt.time(12), closes=dt.time(14))
    OpeningHours.objects.create(office=office, weekday=1, opens=dt.time(8), closes=dt.time(12))
    OpeningHours.objects.create(office=other, weekday=0, opens=dt.time(8), closes=dt.time(12))
    assert OpeningHours.objects.count() == 5


@pytest.mark.parametrize("closes", [dt.time(7), dt.time(6)])
def test_an_office_cannot_close_before_it_opens(office, closes):
    # A range that ends before it starts is refused by PostgreSQL itself, an empty one by our constraint.
    with pytest.raises(Exception, match=r"hours_open_before_close|range lower bound"), transaction.atomic():
        OpeningHours.objects.create(office=office, weekday=3, opens=dt.time(7), closes=closes)
    assert not office.hours.filter(weekday=3).exists()


def test_there_is_no_eighth_weekday(office):
    with pytest.raises(IntegrityError, match="hours_weekday_known"), transaction.atomic():
        office.hours.update(weekday=7)


def test_a_closure_cannot_end_before_it_starts(office):
    with pytest.raises(IntegrityError, match="closure_first_day_not_after_last"), transaction.atomic():
        Closure.objects.create(
            office=office, first_day=dt.date(2026, 12, 2), last_day=dt.date(2026, 12, 1), reason="Umzug"
        )


def test_a_postcode_has_five_digits(office):
    with pytest.raises(IntegrityError, match="office_postcode_of_5_digits"), transaction.atomic():
        Office.objects.update(postcode="8033")


def test_a_leika_key_has_fourteen_digits(kvr):
    with pytest.raises(IntegrityError, match="service_leika_of_14_digits"), transaction.atomic():
        Service.objects.create(slug="s", title="S", organisation=kvr, leika="123")


def test_telephone_numbers_become_international_links(office):
    assert office.phone_link == "+498923396000"


@pytest.mark.parametrize("model", [Office, Service])
def test_a_source_names_a_row_once(office, model):
    rows = {
        Office: {"street": "Weg", "postcode": "80331", "name": "A"},
        Service: {"title": "A"},
    }[model] | {"organisation": office.organisation, "source": "dldb", "source_id": "7"}
    model.objects.create(slug="a", **rows)
    model.objects.create(slug="b", **rows | {"source": "andere"})
    with pytest.raises(IntegrityError, match="source_id_once"), transaction.atomic():
        model.objects.create(slug="c", **rows)


@pytest.mark.parametrize(("latitude", "longitude"), [(91, 11), (48, 181), (48, None), (None, 11)])
def test_an_office_lies_on_this_globe_or_nowhere(office, latitude, longitude):
    with pytest.raises(IntegrityError, match="office_on_this_globe"), transaction.atomic():
        Office.objects.filter(pk=office.pk).update(latitude=latitude, longitude=longitude)


def test_a_word_stands_in_a_service_once_and_at_a_known_place(kvr):
    service = Service.objects.create(slug="s", title="S", organisation=kvr)
    word = SearchWord.objects.create(stem="s", label="S")
    SearchEntry.objects.create(word=word, service=service, place=1, weight=1)
    with pytest.raises(IntegrityError, match="searchentry_once_per_word"), transaction.atomic():
        SearchEntry.objects.create(word=word, service=service, place=2, weight=1)
    with pytest.raises(IntegrityError, match="searchentry_place_known"), transaction.atomic():
        SearchEntry.objects.update(place=9)


def test_whatever_is_saved_through_the_orm_is_cleaned(kvr):
    Service.objects.bulk_create([Service(slug="a", title="A", organisation=kvr, fee="<p onclick=x>1</p>")])
    assert Service.objects.get().fee == "<p>1</p>"
    Service.objects.update(fee="<script>x</script><p>2</p>")
    assert Service.objects.get().fee == "<p>2</p>"
