"""Sending: one submission, one case, one receivable, one receipt, however often and from however many windows."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from forms_engine.cases import flow
from forms_engine.cases.models import Case, CaseEvent, FileNumber, Paper
from forms_engine.submissions import actions as submissions
from forms_engine.submissions.models import Submission
from payments.models import Receivable
from portal.common import references
from tests import make

pytestmark = pytest.mark.django_db


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Submission, Case, Receivable, Paper, CaseEvent))


def test_a_complete_draft_becomes_a_case_that_waits_for_its_fee(alice):
    case = make.case(alice)
    assert (case.status, case.receivable.amount_cents, case.title) == ("awaiting_payment", 3000, "Bewohnerparkausweis")
    assert references.is_file_number(case.number)
    assert counts() == (1, 1, 1, 1, 1)


def test_sending_again_leads_to_the_same_case(alice):
    draft = make.draft(alice)
    assert flow.submit(draft, by=alice).pk == flow.submit(draft, by=alice).pk
    assert counts() == (1, 1, 1, 1, 1)


def test_an_incomplete_draft_changes_nothing(alice):
    draft = make.draft(alice, {key: page for key, page in make.NEW_PERMIT.items() if key != "adresse"})
    with pytest.raises(submissions.Incomplete) as missing:
        flow.submit(draft, by=alice)
    assert missing.value.page == "adresse"
    assert counts() == (0, 0, 0, 0, 0)


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_eight_parallel_sends_make_one_submission(alice):
    draft, gate, cases = make.draft(alice), threading.Barrier(8), []

    def send():
        gate.wait()
        cases.append(flow.submit(draft, by=alice).pk)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cases) == 8
    assert len(set(cases)) == 1
    assert counts() == (1, 1, 1, 1, 1)


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_file_numbers_have_no_gaps_under_parallel_sends(alice, bob, otto):
    drafts = [make.draft(person) for person in (alice, bob, otto)]
    gate, numbers = threading.Barrier(3), []

    def send(draft):
        gate.wait()
        numbers.append(flow.submit(draft, by=draft.owner).number)
        connection.close()

    threads = [threading.Thread(target=send, args=[draft]) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(number.split("-")[2]) for number in numbers) == [1, 2, 3]
    assert FileNumber.objects.get().last == 3


def test_a_refused_send_takes_no_file_number(alice):
    draft = make.draft(alice, {key: page for key, page in make.NEW_PERMIT.items() if key != "adresse"})
    with pytest.raises(submissions.Incomplete):
        flow.submit(draft, by=alice)
    assert not FileNumber.objects.exists()


@pytest.mark.parametrize("change", [{"status": "lost"}, {"closed_at": "2026-01-01T00:00Z"}, {"status": "closed"}])
def test_the_database_refuses_impossible_cases(alice, change):
    case = make.case(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**change)


def test_the_database_refuses_a_second_case_for_a_submission(alice):
    case = make.case(alice)
    case.pk, case.public_id, case.number, case.receivable = None, "0" * 32, "X", None
    with pytest.raises(IntegrityError), transaction.atomic():
        case.save(force_insert=True)


def test_events_cannot_be_changed(alice):
    make.case(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseEvent.objects.update(kind="other")
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute("delete from cases_caseevent")
