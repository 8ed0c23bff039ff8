"""The story between sending and deciding: pay, ask, answer, write, book, withdraw."""

import pytest
from django.db import IntegrityError, transaction

from appointments import queries as slots
from appointments.models import Appointment, Offering
from forms_engine.cases import fees, flow, handlers, queries
from forms_engine.cases.models import Case, CaseEvent, DocumentRequest
from forms_engine.cases.states import ALLOWED, OPEN, IllegalTransition, Status, advance
from mailbox import actions as mailbox
from mailbox.models import Message
from portal.common import clock
from portal.documents import store
from tests import make

pytestmark = pytest.mark.django_db


def kinds(case) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


def fresh(case) -> Case:
    return Case.objects.for_pages().get(pk=case.pk)


def test_a_settled_payment_moves_the_case_once(paid_case):
    handlers.payment_settled(str(paid_case.receivable.public_id))
    assert (fresh(paid_case).status, kinds(paid_case)) == ("in_review", ["submitted", "paid"])


def test_a_late_payment_does_not_wake_a_withdrawn_case(case, alice, fake):
    flow.withdraw(case, by=alice)
    make.paid(case, fake)
    assert fresh(case).status == "withdrawn"


@pytest.mark.parametrize("status", Status)
def test_only_allowed_transitions_happen(case, status):
    Case.objects.filter(pk=case.pk).update(status=status, closed_at=None if status in OPEN else clock.now())
    one = Case.objects.filter(pk=case.pk)
    for target in Status:
        one.update(status=status, closed_at=None if status in OPEN else clock.now())
        if target in ALLOWED[status]:
            assert advance(one, target)
        elif target != status:
            with pytest.raises(IllegalTransition):
                advance(one, target)
            assert one.get().status == status


def test_asking_waits_for_the_citizen_and_an_answer_brings_the_case_back(paid_case, alice, clara):
    flow.request_documents(paid_case, text="Bitte die Rückseite des Scheins.", by=clara)
    assert fresh(paid_case).status == "waiting_for_citizen"
    assert queries.open_request(paid_case)[1] == "Bitte die Rückseite des Scheins."
    stored = store.put(b"%PDF-1.7", media_type="application/pdf")
    assert flow.hand_in(paid_case, files=[(stored, "Rückseite.pdf")], text="Hier ist sie.", by=alice)
    assert fresh(paid_case).status == "in_review"
    assert [name for _, name, *_ in queries.documents(paid_case)] == ["Rückseite.pdf"]


def test_a_second_click_hands_in_nothing_twice(paid_case, alice, clara):
    flow.request_documents(paid_case, text="Bitte …", by=clara)
    assert flow.hand_in(paid_case, files=[], text="Antwort", by=alice)
    assert not flow.hand_in(paid_case, files=[], text="Antwort", by=alice)
    assert Message.objects.filter(direction="citizen").count() == 1


def test_the_database_refuses_a_second_open_request(paid_case, clara):
    request = flow.request_documents(paid_case, text="Bitte …", by=clara)
    request.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        request.save(force_insert=True)
    assert DocumentRequest.objects.count() == 1


def test_a_reply_in_the_postbox_stands_on_the_timeline(paid_case, alice, clara):
    message = flow.write(paid_case, text="Eine Frage …", by=clara)
    mailbox.reply(message, body="Eine Antwort", by=alice)
    make.drain()
    assert kinds(paid_case)[-2:] == ["clerk_wrote", "citizen_wrote"]


def test_two_clerks_claim_and_one_gets_the_case(paid_case, clara, theo):
    assert flow.claim(paid_case, by=clara)
    assert not flow.claim(paid_case, by=theo)
    assert fresh(paid_case).assigned_to == clara
    assert not flow.release(paid_case, by=theo)
    assert flow.release(paid_case, by=clara)


def test_a_withdrawn_case_owes_nothing(case, alice, fake):
    assert flow.withdraw(case, by=alice)
    fees.cancel(fresh(case))
    assert (fresh(case).status, fresh(case).receivable.state) == ("withdrawn", "cancelled")


def test_a_fee_left_open_by_a_crash_is_cancelled_by_the_sweep(case, alice, fake):
    flow.withdraw(case, by=alice)
    Case.objects.filter(pk=case.pk).update(changed_at=clock.now() - clock.dt.timedelta(minutes=5))
    assert fees.sweep_withdrawn() == 1
    assert fresh(case).receivable.state == "cancelled"


@pytest.mark.slow
def test_an_appointment_is_booked_once_and_cancelling_frees_the_case(paid_case, alice):
    make.catalogue()
    offering = Offering.objects.get(slug="unterlagen-zeigen")
    start = slots.free_starts(offering, clock.today(), 30)[0]
    first = flow.book_appointment(paid_case, offering=offering, start=start, by=alice, key="k")
    again = flow.book_appointment(paid_case, offering=offering, start=start, by=alice, key="k")
    assert first.pk == again.pk
    assert kinds(paid_case).count("appointment_booked") == 1
    flow.appointment_cancelled(Appointment.objects.get())
    assert fresh(paid_case).appointment is None


@pytest.mark.slow
def test_withdrawing_calls_the_appointment_off(paid_case, alice):
    make.catalogue()
    offering = Offering.objects.get(slug="unterlagen-zeigen")
    start = slots.free_starts(offering, clock.today(), 30)[-1]
    flow.book_appointment(paid_case, offering=offering, start=start, by=alice, key="k")
    flow.withdraw(paid_case, by=alice)
    assert queries.appointment(paid_case) is None
    assert start in slots.free_starts(offering, clock.today(), 61)


def test_a_missed_appointment_does_not_stand_in_the_way(paid_case, alice):
    make.catalogue()
    offering = Offering.objects.get(slug="unterlagen-zeigen")
    first = slots.free_starts(offering, clock.today(), 30)[0]
    flow.book_appointment(paid_case, offering=offering, start=first, by=alice, key="k")
    with clock.frozen(first + clock.dt.timedelta(days=1)):
        assert queries.appointment(paid_case) is None
        later = slots.free_starts(offering, clock.today(), 30)[0]
        flow.book_appointment(paid_case, offering=offering, start=later, by=alice, key="k2")
        assert queries.appointment(paid_case).starts == later
