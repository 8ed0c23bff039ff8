"""Decisions for many cases: exactly one letter each, whatever is killed; nobody lets the own run go."""

import datetime as dt
import os
import signal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from forms_engine.cases import flow, papers, runs
from forms_engine.cases.models import Case, Decision, DecisionKind, DecisionRun, DecisionRunItem, Paper
from forms_engine.definitions.models import Form
from mailbox.models import Message
from payments.models import Receivable
from portal.common import clock
from portal.documents import store
from tests import make
from tests.forms_engine.cases.wording.test_texts import text_of

pytestmark = pytest.mark.django_db
ALL = runs.Query()


def granted(person, clara, fake, plate="M-AB 1234") -> Case:
    cars = {"fahrzeuge": [{"kennzeichen": plate, "halterschaft": "eigen", "laenge_cm": 430}]}
    case = make.paid(make.case(person, make.NEW_PERMIT | {"fahrzeuge": cars}), fake)
    end = clock.today() + dt.timedelta(days=364)
    flow.decide(case, kind=DecisionKind.GRANTED, by=clara, valid_from=clock.today(), valid_until=end, area="Altstadt")
    make.work()
    return case


@pytest.fixture
def cases(alice, bob, clara, fake) -> list[Case]:
    return [granted(alice, clara, fake), granted(bob, clara, fake, "M-CD 77")]


def proposed(theo, query=ALL) -> DecisionRun:
    form = Form.objects.get(slug=make.FORM)
    run = DecisionRun(form=form, kind="fee_notice", title="Jahresgebühr", fee_cents=45_00, explanation="Für 2027.")
    return runs.propose(run, query, by=theo)


def notices() -> dict[str, int]:
    found: dict[str, int] = {}
    for row in Decision.objects.filter(kind="fee_notice").select_related("case"):
        found[row.case.number] = found.get(row.case.number, 0) + 1
    return found


def test_everybody_gets_one_letter_and_one_receivable(cases, theo, clara):
    run = proposed(theo)
    assert runs.sweep_runs() == 0  # not yet approved
    runs.approve(run, by=clara)
    assert [runs.sweep_runs(), runs.sweep_runs()] == [2, 0]
    make.work()
    assert notices() == {case.number: 1 for case in cases}
    assert DecisionRun.objects.get().state == "done"
    owed = Receivable.objects.filter(decision__kind="fee_notice")
    assert [row.amount_cents for row in owed] == [45_00, 45_00]
    letter = text_of(store.read(Paper.objects.filter(decision__kind="fee_notice").first().stored))
    for words in ("Gebührenbescheid", "45,00", "Für 2027.", "Rechtsbehelfsbelehrung", "zu bezahlen bis"):
        assert words in letter, words
    assert Message.objects.filter(dedupe_key__startswith="paper:", kind="decision").count() == 4


@pytest.mark.slow
def test_a_fee_notice_leaves_the_case_and_its_decision_as_they_are(cases, theo, clara):
    runs.approve(proposed(theo), by=clara)
    runs.sweep_runs()
    make.work()
    assert {case.status for case in Case.objects.all()} == {"closed"}
    assert Decision.objects.filter(kind="granted", replaced_by=None).count() == 2


@pytest.mark.slow
def test_paying_a_fee_notice_is_told_once(cases, theo, clara, fake):
    from forms_engine.cases import handlers

    runs.approve(proposed(theo), by=clara)
    runs.sweep_runs()
    owed = Receivable.objects.filter(decision__kind="fee_notice").first()
    for _ in range(2):
        handlers.payment_settled(str(owed.public_id))
    assert Case.objects.get(decisions__receivable=owed).events.filter(kind="fee_paid").count() == 1


@pytest.mark.slow
def test_nobody_lets_the_own_run_go(cases, theo):
    run = proposed(theo)
    with pytest.raises(flow.SameClerk):
        runs.approve(run, by=theo)
    assert runs.sweep_runs() == 0 and not notices()


@pytest.mark.slow
def test_a_discarded_run_sends_nothing(cases, theo, clara):
    run = proposed(theo)
    runs.discard(run, by=theo)
    with pytest.raises(runs.NotNow):
        runs.approve(run, by=clara)
    assert runs.sweep_runs() == 0 and not notices()


@pytest.mark.slow
def test_the_query_asks_for_days(cases, theo):
    form, today = Form.objects.get(slug=make.FORM), clock.today()
    day = dt.timedelta(days=1)
    for query, hits in [
        (runs.Query(decided_from=today), 2),
        (runs.Query(decided_from=today + day), 0),
        (runs.Query(decided_until=today - day), 0),
        (runs.Query(valid_on=today), 2),
        (runs.Query(valid_on=today + 365 * day), 0),
    ]:
        assert runs.candidates(form, query, lead=theo).count() == hits, query


@pytest.mark.slow
def test_what_has_changed_meanwhile_is_left_out_with_a_reason(cases, theo, clara, alice):
    runs.approve(proposed(theo), by=clara)
    Case.objects.filter(pk=cases[0].pk).update(status="in_revision", closed_at=None)
    runs.sweep_runs()
    skipped = DecisionRunItem.objects.get(state="skipped")
    assert (skipped.case, skipped.why) == (cases[0], "Der Vorgang wird gerade bearbeitet")
    assert notices() == {cases[1].number: 1}


@pytest.mark.slow
def test_runs_let_single_letters_through(cases, theo, clara):
    runs.approve(proposed(theo), by=clara)
    assert runs.sweep_runs(limit=1) == 1
    assert runs.sweep_runs(limit=1) == 0  # the one before is not drawn yet
    make.work()
    assert runs.sweep_runs(limit=1) == 1


@pytest.mark.slow
def test_the_database_refuses_a_case_twice_and_a_run_of_one_person(cases, theo, clara):
    run = proposed(theo)
    wrong = [
        lambda: DecisionRunItem.objects.create(run=run, case=cases[0]),
        lambda: DecisionRunItem.objects.update(state="ordered"),
        lambda: DecisionRun.objects.update(state="approved", approver=theo, approved_at=clock.now()),
        lambda: DecisionRun.objects.update(state="approved"),
        lambda: DecisionRun.objects.update(approver=clara, approved_at=clock.now()),
        lambda: DecisionRun.objects.update(kind="refused"),
        lambda: DecisionRun.objects.update(fee_cents=None),
        lambda: DecisionRun.objects.update(state="lost"),
    ]
    for act in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_every_case_with_exactly_one_letter(cases, theo, clara, monkeypatch):
    runs.approve(proposed(theo), by=clara)
    child = os.fork()
    if not child:
        _sweep_and_die_in_the_second(monkeypatch)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert sum(notices().values()) == 1  # the first is whole, of the second nothing
    assert DecisionRunItem.objects.filter(state="ordered").count() == 1
    runs.sweep_runs()
    make.work()
    assert notices() == {case.number: 1 for case in cases}
    assert Receivable.objects.filter(subject__in=[case.thread for case in cases]).count() == 4


def _sweep_and_die_in_the_second(monkeypatch) -> None:
    """In a forked child: its own connection, and kill -9 after everything is written, before the commit."""
    connection.connection = None  # the parent's, left alone
    ordered, order = [], papers.order

    def fatal(*args, **kwargs):
        made = order(*args, **kwargs)
        ordered.append(made)
        if len(ordered) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    monkeypatch.setattr(papers, "order", fatal)
    try:
        runs.sweep_runs()
    finally:
        os._exit(3)


@pytest.mark.slow
def test_the_pages_from_the_query_to_the_progress(cases, theo, clara, edda):
    lead, clerk = Client(), Client()
    lead.force_login(theo)
    clerk.force_login(clara)
    data = {"of": make.FORM, "kind": "fee_notice", "title": "Jahresgebühr 2027", "fee": "45,00", "explanation": ""}
    assert clerk.get(reverse("workplace:run_new")).status_code == 404
    page = lead.post(reverse("workplace:run_new"), data).content.decode()
    assert "2 Vorgänge" in page and "45,00" in page and not DecisionRun.objects.exists()
    wrong = lead.post(reverse("workplace:run_new"), data | {"fee": "", "kind": "certificate"})
    assert wrong.status_code == 422 and "kein solches Schreiben" in wrong.content.decode()
    address = lead.post(reverse("workplace:run_new"), data | {"vorschlagen": "1"}).url
    assert "Eine andere Person" in lead.get(address).content.decode()
    assert "eine andere Person freigeben" in lead.post(f"{address}freigeben/", follow=True).content.decode()
    assert "Freigegeben." in clerk.post(f"{address}freigeben/", follow=True).content.decode()
    runs.sweep_runs()
    make.work()
    assert "2 von 2" in clerk.get(address).content.decode()
    outside = Client()
    outside.force_login(edda)
    assert outside.get(address).status_code == 404
