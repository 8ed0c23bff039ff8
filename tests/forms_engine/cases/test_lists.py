"""The clerk's lists: filters, saved ones, pages by keyset, the next case, and the tasks."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from forms_engine.cases import casefile, filters, flow, lists
from forms_engine.cases.lists import Choice
from forms_engine.cases.models import Case, SavedFilter
from portal.common import clock
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(clara):
    client = Client()
    client.force_login(clara)
    return client


@pytest.fixture
def three(clara, alice, bob):
    """Cases to take: overdue, due tomorrow, due in ten days."""
    made = [make.case(person) for person in (alice, bob, alice)]
    for case, days in zip(made, (-1, 1, 10), strict=True):
        due = clock.today() + dt.timedelta(days=days)
        Case.objects.filter(pk=case.pk).update(status="in_review", due_on=due)
    return made


def numbers(clerk, **chosen):
    return [row.case.number for row in lists.page(clerk, Choice(**chosen))]


@pytest.mark.sample(4)
@pytest.mark.parametrize(("light", "which"), [("rot", [0]), ("gelb", [1]), ("gruen", [2]), ("", [0, 1, 2])])
def test_the_light_filters(light, which, three, clara):
    assert numbers(clara, light=light) == [three[n].number for n in which]


@pytest.mark.slow
def test_the_light_says_its_colour_in_words(three, at_desk):
    page = at_desk.get(reverse("workplace:queue")).content.decode()
    assert page.index("überfällig") < page.index("bald fällig") and "im Plan" in page


@pytest.mark.sample(8)
@pytest.mark.parametrize(
    ("chosen", "hits"),
    [
        ({"form": "bewohnerparkausweis"}, 3),
        ({"form": "fundsache"}, 0),
        ({"office": "parkausweise"}, 3),
        ({"office": "anderswo"}, 0),
        ({"status": "in_review"}, 3),
        ({"view": "waiting", "status": "in_review"}, 0),
        ({"text": "Brenner", "light": "gelb"}, 1),
        ({"text": "Brenner", "light": "rot"}, 0),
    ],
)
def test_filters_narrow_lists_and_searches(chosen, hits, three, clara):
    make.drain()
    assert len(numbers(clara, **chosen)) == hits


@pytest.mark.sample(2)
@pytest.mark.parametrize("view", ["team", "done"])
def test_pages_follow_each_other_without_gap_or_repetition(view, three, clara, monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 1)
    if view == "done":
        Case.objects.update(status="withdrawn", closed_at=clock.now())
    seen, after, chosen = [], "", Choice(view=view)
    while rows := lists.page(clara, chosen, after)[:1]:
        seen.append(rows[0].case.number)
        after = lists.cursor(rows[0].case, chosen)
    assert sorted(seen) == sorted(case.number for case in three) and len(seen) == 3


@pytest.mark.slow
def test_a_search_is_paged_too(three, clara, monkeypatch):
    make.drain()
    monkeypatch.setattr(lists, "PAGE", 1)
    chosen = Choice(text="Ammer")
    first = lists.page(clara, chosen)
    assert len(first) == 2 and len(lists.page(clara, chosen, lists.cursor(first[0].case, chosen))) == 2
    assert lists.page(clara, Choice(text="nirgends")) == []


@pytest.mark.sample(6)
@pytest.mark.parametrize("after", ["", "x", "_", "2026-01-01_x", "gestern_1", "9" * 40])
def test_a_cursor_that_is_none_is_ignored(after, three, clara):
    assert len(lists.page(clara, Choice(), after)) == 3


@pytest.mark.slow
def test_a_filter_is_saved_opened_and_deleted(three, at_desk, clara):
    make.drain()
    data = {"name": "Eilig", "ansicht": "team", "frist": "gelb", "suche": "Brenner"}
    address = at_desk.post(reverse("workplace:save_filter"), data).url
    assert "Brenner" not in address and three[1].number in at_desk.get(address).content.decode()
    held = SavedFilter.objects.get(clerk=clara, name="Eilig")
    assert b"Brenner" not in bytes(held.choices_sealed) and filters.choice(held).text == "Brenner"
    opened = at_desk.post(reverse("workplace:open_filter", args=[held.pk]))
    assert three[1].number in at_desk.get(opened.url).content.decode()
    at_desk.post(reverse("workplace:open_filter", args=[held.pk]), {"loeschen": "1"})
    assert not SavedFilter.objects.exists()


def test_a_filter_of_somebody_else_is_not_there(at_desk, theo):
    filters.save(theo, "Meins", Choice())
    held = SavedFilter.objects.get()
    assert at_desk.post(reverse("workplace:open_filter", args=[held.pk]), {"loeschen": "1"}).status_code == 404
    assert SavedFilter.objects.exists()


def test_a_filter_has_its_name_once(clara):
    filters.save(clara, "Eilig", Choice())
    filters.save(clara, "Eilig", Choice(light="rot"))
    assert filters.choice(SavedFilter.objects.get()).light == "rot"
    with pytest.raises(IntegrityError, match="filter_name_once"), transaction.atomic():
        SavedFilter.objects.create(clerk=clara, name="Eilig", choices_sealed=b"")


@pytest.mark.slow
def test_next_case_goes_on_in_the_list_it_was_opened_from(three, at_desk, clara):
    at_desk.get(reverse("workplace:case", args=[three[0].public_id]) + "?ansicht=team")
    flow.claim(three[0], by=clara)
    following = at_desk.get(reverse("workplace:next", args=[three[0].public_id]))
    assert following.url == reverse("workplace:case", args=[three[1].public_id])
    last = at_desk.get(reverse("workplace:next", args=[three[2].public_id]))
    assert last.url.startswith(reverse("workplace:queue"))


@pytest.mark.slow
def test_tasks_and_dates_are_listed_by_day(three, at_desk, clara, theo):
    due = clock.today() + dt.timedelta(days=2)
    casefile.add_task(three[0], title="Meine Sache", due_on=due, to=clara, by=theo)
    casefile.add_task(three[0], title="Sache des Teams", due_on=due, to=None, by=theo)
    casefile.add_task(three[0], title="Sache von Theo", due_on=due, to=theo, by=clara)
    flow.claim(three[1], by=clara)
    casefile.set_date(three[1], kind="follow_up", due_on=due, reason="Nachsehen", by=clara)
    pages = {which: at_desk.get(f"{reverse('workplace:tasks')}?liste={which}").content.decode() for which in
             ("mine", "team", "dates")}  # fmt: skip
    assert "Meine Sache" in pages["mine"] and "Sache von Theo" not in str(pages)
    assert "Sache des Teams" in pages["team"] and "Nachsehen" in pages["dates"]


def test_of_a_foreign_case_no_task_is_listed(three, at_desk, clara, theo):
    own = make.case(clara)
    casefile.add_task(own, title="Über Clara", due_on=clock.today(), to=None, by=theo)
    assert "Über Clara" not in at_desk.get(f"{reverse('workplace:tasks')}?liste=team").content.decode()
