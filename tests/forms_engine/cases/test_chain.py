"""The events of a case are a chain that the database writes and a command checks."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from forms_engine.cases import chain
from forms_engine.cases.models import CaseEvent

pytestmark = pytest.mark.django_db


def raw(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def past_the_trigger(sql):
    """As the owner of the table could."""
    raw("set constraints all immediate")
    raw("alter table cases_caseevent disable trigger case_event_append_only")
    raw(sql)
    raw("alter table cases_caseevent enable trigger case_event_append_only")


def test_every_event_of_a_case_has_its_place_and_hash(paid_case, capsys):
    places = list(paid_case.events.order_by("id").values_list("position", flat=True))
    assert places == list(range(1, len(places) + 1)) and len(places) > 1
    assert list(chain.verify()) == []
    call_command("cases_verify")
    assert "unversehrt" in capsys.readouterr().out


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    "sql",
    [
        "update cases_caseevent set kind = 'other'",
        "update cases_caseevent set hash = null",
        "delete from cases_caseevent",
    ],
)
def test_raw_sql_cannot_edit_an_event(sql, paid_case):
    with pytest.raises(DatabaseError, match="append-only"):
        raw(sql)


def test_a_place_given_by_hand_does_not_count(paid_case):
    CaseEvent.objects.create(case=paid_case, kind="x", actor="y", position=99, hash=b"z")
    assert list(chain.verify(paid_case)) == []


@pytest.mark.sample(5)
@pytest.mark.parametrize(
    "change",
    [
        "kind = 'other'",
        "actor = 'system:x'",
        "data = '{\"a\": 1}'",
        "at = at + interval '1 microsecond'",
        "hash = '\\x00'",
    ],
)
def test_what_was_changed_past_the_trigger_is_found(change, paid_case):
    past_the_trigger(f"update cases_caseevent set {change} where position = 2")
    assert [(found.position, found.problem) for found in chain.verify()] == [(2, "Ereignis wurde verändert")]


def test_what_was_deleted_past_the_trigger_is_found(paid_case):
    past_the_trigger("delete from cases_caseevent where position = 1")
    assert [found.problem for found in chain.verify(paid_case)] == ["Ereignis fehlt"]
    with pytest.raises(CommandError, match="1 Vorgänge"):
        call_command("cases_verify")


def test_the_hash_holds_words_of_any_script(paid_case):
    CaseEvent.objects.create(case=paid_case, kind="x", actor="Müller 李", data={"ö": "ß\n", "a": None, "n": 3})
    assert list(chain.verify()) == []


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_parallel_events_of_one_case_stand_in_one_chain(paid_case):
    before, gate = paid_case.events.count(), threading.Barrier(6)

    def happen(number):
        gate.wait()
        CaseEvent.objects.create(case_id=paid_case.pk, kind=f"x{number}", actor="y")
        connection.close()

    threads = [threading.Thread(target=happen, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paid_case.events.count() == before + 6 and list(chain.verify()) == []
