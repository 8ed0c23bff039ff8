"""Searches in vain are counted for the editors, never more than fit."""

import datetime as dt

import pytest

from portal.common import clock
from portal.directory import empty_searches
from portal.directory.models import EmptySearch

pytestmark = pytest.mark.django_db


def test_the_same_search_is_counted_on():
    with clock.frozen(dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)):
        empty_searches.note("Strafzettel")
    with clock.frozen(dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)):
        empty_searches.note("Strafzettel")
    row = EmptySearch.objects.get()
    assert (row.count, row.first_on, row.last_on) == (2, dt.date(2026, 11, 1), dt.date(2026, 11, 3))


def test_a_flood_fills_nothing_but_known_words_count_on(monkeypatch):
    monkeypatch.setattr(empty_searches, "MOST_ROWS", 1)
    for text in ("Strafzettel", "Unsinn", "Strafzettel"):
        empty_searches.note(text)
    assert list(EmptySearch.objects.values_list("text", "count")) == [("Strafzettel", 2)]


def test_a_text_that_is_only_a_person_is_dropped():
    empty_searches.note("Maria Huber 0151 2345")
    assert not EmptySearch.objects.exists()
