"""What clerks add to a case file, through its page: it stays, it is sealed, and strangers neither see nor change it."""

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from forms_engine.cases import casefile, flow
from forms_engine.cases.models import CaseDate, CaseDocument, CaseLink, CaseNote, CaseTask, ChecklistTick, Replacement
from portal.common import clock
from portal.documents import store
from tests import make

pytestmark = pytest.mark.django_db
TOMORROW = clock.today() + dt.timedelta(days=1)


@pytest.fixture
def at_desk(clara):
    client = Client()
    client.force_login(clara)
    return client


def post(client, case, name, data=None, *more, **kwargs):
    return client.post(reverse(f"workplace:{name}", args=[case.public_id, *more]), data or {}, **kwargs)


def page(client, case) -> str:
    return client.get(reverse("workplace:case", args=[case.public_id])).content.decode()


def raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def document(case, clara):
    stored = store.put(b"%PDF-1.7", media_type="application/pdf")
    row = CaseDocument(case=case, stored=stored, added_by=clara)
    row.name_sealed = case.envelope.seal(b"Neu.pdf", case.place(f"document:{row.public_id}"))
    row.save()
    return row


@pytest.mark.slow
def test_a_note_is_read_by_clerks_and_sealed(at_desk, paid_case):
    post(at_desk, paid_case, "note", {"notiz-text": "Rückruf am Montag"})
    assert "Rückruf am Montag" in page(at_desk, paid_case)
    assert b"Montag" not in bytes(CaseNote.objects.get().text_sealed)


@pytest.mark.slow
def test_citizens_never_read_a_note(at_desk, paid_case, alice, clara):
    casefile.write_note(paid_case, text="Rückruf am Montag", by=clara)
    client = Client()
    client.force_login(alice)
    text = client.get(reverse("cases:case", args=[paid_case.public_id])).content.decode()
    assert "Rückruf" not in text and "Notiz geschrieben" not in text


@pytest.mark.slow
def test_an_empty_note_is_asked_for(at_desk, paid_case):
    answer = post(at_desk, paid_case, "note", {"notiz-text": " "})
    assert answer.status_code == 422 and "Schreiben Sie eine Notiz." in answer.content.decode()
    assert not CaseNote.objects.exists()


@pytest.mark.sample(2)
@pytest.mark.parametrize("sql", ["update cases_casenote set text_sealed = ''", "delete from cases_casenote"])
def test_a_note_cannot_be_changed_or_deleted_by_raw_sql(sql, paid_case, clara):
    casefile.write_note(paid_case, text="bleibt", by=clara)
    with pytest.raises(DatabaseError, match="append-only"):
        raw(sql)


@pytest.mark.slow
def test_a_task_for_a_colleague_is_done_once(at_desk, paid_case, clara, theo):
    data = {"aufgabe-title": "Halter fragen", "aufgabe-to": str(theo.public_id), "aufgabe-due_on": TOMORROW.isoformat()}
    post(at_desk, paid_case, "task", data)
    task = CaseTask.objects.get(assigned_to=theo, due_on=TOMORROW)
    assert "Halter fragen" in page(at_desk, paid_case)
    post(at_desk, paid_case, "task_done", None, task.public_id)
    assert not casefile.finish_task(task, by=theo)
    assert CaseTask.objects.get().done_by == clara


@pytest.mark.slow
def test_a_task_is_not_given_to_the_person_of_the_case(paid_case, alice, clara):
    with pytest.raises(flow.OwnCase):
        casefile.add_task(paid_case, title="x", due_on=TOMORROW, to=alice, by=clara)
    assert not CaseTask.objects.exists()


def test_a_task_ends_with_the_name_of_whoever_did_it(paid_case, clara):
    task = casefile.add_task(paid_case, title="x", due_on=TOMORROW, to=None, by=clara)
    with pytest.raises(IntegrityError, match="task_done_by_somebody"):
        raw("update cases_casetask set done_at = now() where id = %s", task.pk)


@pytest.mark.slow
def test_a_follow_up_carries_its_reason_and_its_light(at_desk, paid_case):
    data = {"frist-kind": "follow_up", "frist-due_on": TOMORROW.isoformat(), "frist-reason": "Gutachten abwarten"}
    post(at_desk, paid_case, "date", data)
    text = page(at_desk, paid_case)
    assert "Wiedervorlage" in text and "Gutachten abwarten" in text and "bald fällig" in text
    post(at_desk, paid_case, "date_done", None, CaseDate.objects.get().public_id)
    assert CaseDate.objects.get().done_at


@pytest.mark.sample(3)
@pytest.mark.parametrize("day", ["", "gestern", "1.1.2020"])
def test_a_day_that_is_none_or_has_passed_is_refused(day, at_desk, paid_case):
    data = {"frist-kind": "internal", "frist-due_on": day, "frist-reason": "x"}
    assert post(at_desk, paid_case, "date", data).status_code == 422
    assert not CaseDate.objects.exists()


@pytest.mark.slow
def test_linked_cases_show_each_other(at_desk, paid_case, bob):
    other = make.case(bob)
    post(at_desk, paid_case, "relate", {"verknuepfen-number": other.number.lower()})
    assert other.number in page(at_desk, paid_case) and paid_case.number in page(at_desk, other)
    post(at_desk, other, "unrelate", None, paid_case.public_id)
    assert not CaseLink.objects.exists()


@pytest.mark.slow
def test_a_case_the_clerk_may_not_open_is_not_linked(at_desk, paid_case, clara):
    own = make.case(clara)
    answer = post(at_desk, paid_case, "relate", {"verknuepfen-number": own.number})
    assert answer.status_code == 422 and not CaseLink.objects.exists()


@pytest.mark.slow
def test_of_a_linked_case_that_is_closed_to_a_clerk_nothing_is_told(at_desk, paid_case, clara, theo):
    own = make.case(clara)
    casefile.relate(paid_case, own, by=theo)
    text = page(at_desk, paid_case)
    assert own.number not in text


@pytest.mark.sample(2)
@pytest.mark.parametrize("order", ["low", "high"])
def test_a_link_stands_once_and_in_order(order, paid_case, clara, bob):
    pair = sorted([paid_case, make.case(bob)], key=lambda case: case.pk)
    if order == "low":
        casefile.relate(*pair, by=clara)
    low, high = pair if order == "low" else reversed(pair)
    with pytest.raises(IntegrityError, match="cases_linked"), transaction.atomic():
        CaseLink.objects.create(low=low, high=high, author=clara)


@pytest.mark.slow
def test_the_checklist_is_ticked_with_name_and_event(at_desk, paid_case, clara):
    post(at_desk, paid_case, "checklist", {"punkt": ["identitaet", "erfunden"]})
    known = [item.key for item in paid_case.definition.decision.checklist]
    ticked = post(at_desk, paid_case, "checklist", {"punkt": known[:1]})
    assert ticked.status_code == 302
    assert list(ChecklistTick.objects.values_list("key", "author")) == [(known[0], clara.pk)]
    post(at_desk, paid_case, "checklist", {})
    kinds = set(paid_case.events.values_list("kind", flat=True))
    assert not ChecklistTick.objects.exists() and {"checked", "unchecked"} <= kinds


@pytest.mark.slow
def test_a_newer_file_replaces_an_older_one_and_both_stay(at_desk, paid_case, clara):
    new, old = document(paid_case, clara), paid_case.submission.files.get()
    post(at_desk, paid_case, "replace", {"ersetzen-old": str(old.public_id), "ersetzen-new": str(new.public_id)})
    assert Replacement.objects.get().old == old.public_id
    text = page(at_desk, paid_case)
    assert "„Neu.pdf“ ersetzt „Schein.pdf“" in text and text.count("Schein.pdf") > 1


@pytest.mark.slow
def test_an_older_file_never_replaces_a_newer_one(paid_case, clara):
    first, second = document(paid_case, clara), document(paid_case, clara)
    assert not casefile.replace(paid_case, old=str(second.public_id), new=first, by=clara)
    assert casefile.replace(paid_case, old=str(first.public_id), new=second, by=clara)
    assert not casefile.replace(paid_case, old=str(first.public_id), new=second, by=clara)


def test_a_file_is_replaced_once(paid_case, clara):
    first, second, third = (document(paid_case, clara) for _ in range(3))
    casefile.replace(paid_case, old=str(first.public_id), new=second, by=clara)
    with pytest.raises(IntegrityError, match="replaced_once"), transaction.atomic():
        Replacement.objects.create(case=paid_case, old=first.public_id, new=third, author=clara)


@pytest.mark.sample(6)
@pytest.mark.parametrize("name", ["note", "task", "date", "relate", "checklist", "replace"])
def test_nobody_outside_the_team_writes_into_the_file(name, paid_case, otto, bob):
    for person in (otto, bob):
        client = Client()
        client.force_login(person)
        before = paid_case.events.count()
        assert post(client, paid_case, name, {"notiz-text": "x"}).status_code in (302, 403, 404)
        assert paid_case.events.count() == before


@pytest.mark.slow
def test_tasks_of_another_case_are_not_found(at_desk, paid_case, bob, clara):
    foreign = casefile.add_task(make.case(bob), title="x", due_on=TOMORROW, to=None, by=clara)
    assert post(at_desk, paid_case, "task_done", None, foreign.public_id).status_code == 404
    assert CaseTask.objects.get().done_at is None
