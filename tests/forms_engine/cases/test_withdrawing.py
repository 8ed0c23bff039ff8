"""A decision that nobody has opened is taken back: by its clerks, with a reason, and the case goes on."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from forms_engine.cases import fees, flow, withdrawing
from forms_engine.cases.models import Case, Decision, DecisionKind, Paper
from forms_engine.definitions import actions as definitions
from forms_engine.definitions import document
from mailbox import actions as mailbox
from mailbox import deliveries
from mailbox.models import Delivery, Dispatch, Notice
from opendata.datasets import parking_permits
from payments.models import Receivable
from portal.accounts import consents
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.directory.teams.models import TeamMember
from portal.documents.models import IssuedDocument
from tests import make
from tests.forms_engine.submissions.conftest import client_of

pytestmark = pytest.mark.django_db
WHY = {"why": "An die falsche Person."}


@pytest.fixture
def decided(alice, clara, paid_case):
    consents.answer(alice, consents.ANNOUNCEMENT, given=True)
    flow.decide(paid_case, kind=DecisionKind.REFUSED, reasons=["eigener-stellplatz"], by=clara)
    make.work()
    return Case.objects.for_pages().get(pk=paid_case.pk)


def letter(case):
    return Paper.objects.filter(case=case, kind="decision").latest("pk").message


def address(case, message=None):
    return reverse("workplace:withdraw_decision", args=[case.public_id, (message or letter(case)).public_id])


def case_page(clerk, case):
    return clerk.get(reverse("workplace:case", args=[case.public_id])).content.decode()


def test_an_unread_decision_is_taken_back_and_the_case_is_in_review_again(decided, clara):
    desk = client_of(clara)
    assert address(decided) in case_page(desk, decided)
    page = desk.get(address(decided)).content.decode()
    assert "Noch niemand hat diesen Bescheid geöffnet" in page and decided.number in page
    said = desk.post(address(decided), WHY, follow=True).content.decode()
    assert "Der Bescheid ist zurückgezogen" in said
    assert Case.objects.get(pk=decided.pk).status == "in_review"
    assert Delivery.objects.get().state == "withdrawn"
    for words in ("zurückgezogen am", "Bescheid zurückgezogen", "An die falsche Person."):
        assert words in said
    entry = AuditEntry.objects.get(action="case.decision_withdrawn")
    assert entry.actor == str(clara.public_id) and "falsche" not in str(entry.data)
    assert IssuedDocument.objects.get(code=Decision.objects.get().paper.code).withdrawn_at


def test_the_person_reads_that_there_was_one_and_nothing_of_it(decided, alice, clara):
    message = letter(decided)
    client_of(clara).post(address(decided), WHY)
    hers = client_of(alice)
    page = hers.get(reverse("mailbox:message", args=[message.public_id])).content.decode()
    assert "hat die Stadt zurückgezogen" in page and "Er gilt nicht" in page and "Stellplatz" not in page
    assert hers.get(reverse("mailbox:attachment", args=[message.public_id, 1])).status_code == 404
    message.refresh_from_db()
    assert message.first_read_at is None and message.withdrawn_at
    case = hers.get(reverse("cases:case", args=[decided.public_id])).content.decode()
    assert "Bescheid zurückgezogen" in case and "In Prüfung" in case and "/bescheid/" not in case
    assert hers.get(reverse("cases:paper", args=[decided.public_id, "bescheid"])).status_code == 404
    assert not Notice.objects.filter(message=message, state="queued").exists()


@pytest.mark.slow
def test_clerks_still_open_what_they_took_back(decided, clara):
    desk = client_of(clara)
    desk.post(address(decided), WHY)
    assert desk.get(reverse("workplace:paper", args=[decided.public_id, "bescheid"])).status_code == 200


@pytest.mark.slow
def test_afterwards_the_case_is_decided_anew(decided, alice, clara):
    desk = client_of(clara)
    desk.post(address(decided), WHY)
    held, today = Case.objects.for_pages().get(pk=decided.pk), clock.today()
    until = today.replace(year=today.year + 1, day=1)
    flow.decide(held, kind=DecisionKind.GRANTED, valid_from=today, valid_until=until, area="Gärtnerplatz", by=clara)
    make.work()
    held.refresh_from_db()
    assert (held.status, Decision.objects.latest("pk").revision) == ("closed", 2)
    assert client_of(alice).get(reverse("cases:paper", args=[held.public_id, "bescheid-2"])).status_code == 200


def test_who_fetches_the_decision_from_the_case_page_has_opened_it(decided, alice, clara):
    message = letter(decided)
    assert client_of(alice).get(reverse("cases:paper", args=[decided.public_id, "bescheid"])).status_code == 200
    message.refresh_from_db()
    assert message.first_read_at is not None
    assert {"retrieved", "downloaded"} & set(Delivery.objects.get().events.values_list("kind", flat=True))
    assert [event.kind for event in message.events.filter(kind__in=["read", "downloaded"])] == ["read", "downloaded"]
    assert "schon geöffnet" in client_of(clara).post(address(decided), WHY, follow=True).content.decode()
    assert Decision.objects.get().withdrawn_at is None


def test_what_a_browser_fetches_on_a_guess_is_not_opened(decided, alice):
    address = reverse("cases:paper", args=[decided.public_id, "bescheid"])
    assert client_of(alice).get(address, headers={"Sec-Purpose": "prefetch"}).status_code == 503
    assert letter(decided).first_read_at is None


def test_what_a_clerk_opens_stays_unread(decided, clara):
    client_of(clara).get(reverse("workplace:paper", args=[decided.public_id, "bescheid"]))
    assert letter(decided).first_read_at is None


@pytest.mark.slow
def test_what_was_opened_meanwhile_stays(decided, alice, clara):
    desk = client_of(clara)
    mailbox.mark_read(letter(decided), by=alice)
    assert address(decided) not in case_page(desk, decided)
    assert "lässt sich nicht mehr zurückziehen" in desk.get(address(decided), follow=True).content.decode()
    assert "schon geöffnet" in desk.post(address(decided), WHY, follow=True).content.decode()
    assert Case.objects.get(pk=decided.pk).status == "closed" and Decision.objects.get().withdrawn_at is None
    assert not AuditEntry.objects.filter(action="case.decision_withdrawn").exists()


@pytest.mark.slow
def test_what_counts_already_stays(decided, clara):
    with clock.frozen(Delivery.objects.get().due_at):
        deliveries.sweep()
        said = client_of(clara).post(address(decided), WHY, follow=True).content.decode()
    assert "schon bekannt gegeben" in said
    assert letter(decided).withdrawn_at is None and Decision.objects.get().withdrawn_at is None


@pytest.mark.slow
def test_without_a_reason_nothing_happens(decided, clara):
    answer = client_of(clara).post(address(decided), {"why": " "})
    assert answer.status_code == 422 and "Schreiben Sie, warum" in answer.content.decode()
    assert Decision.objects.get().withdrawn_at is None


@pytest.mark.slow
def test_a_second_click_changes_nothing(decided, clara):
    desk = client_of(clara)
    paper = Paper.objects.select_related("message").get(kind="decision")
    desk.post(address(decided), WHY)
    assert not withdrawing.withdraw(decided, paper, why="noch einmal", by=clara)
    assert decided.events.filter(kind="decision_withdrawn").count() == 1


@pytest.mark.slow
def test_messages_and_decisions_of_other_cases_are_not_there(decided, clara, bob, fake):
    other = make.paid(make.case(bob), fake)
    make.work()
    desk, receipt = client_of(clara), Paper.objects.get(case=decided, kind="receipt").message
    for wrong in (address(other, letter(decided)), address(decided, receipt)):
        assert desk.get(wrong).status_code == desk.post(wrong, WHY).status_code == 404
    assert Decision.objects.get().withdrawn_at is None


@pytest.mark.slow
def test_who_may_not_decide_the_case_finds_no_page(decided, alice, clara, theo):
    TeamMember.objects.filter(user=clara).delete()
    assert client_of(clara).post(address(decided), WHY).status_code == 404
    assert client_of(alice).post(address(decided), WHY).status_code != 200
    assert Decision.objects.get().withdrawn_at is None


@pytest.mark.slow
def test_a_letter_that_waits_for_the_print_shop_does_not_go_out(decided, clara):
    deliveries.notice_failed(letter(decided), "SMTPRecipientsRefused 550")
    assert Dispatch.objects.get().state == "queued"
    client_of(clara).post(address(decided), WHY)
    assert Dispatch.objects.get().state == "cancelled"


@pytest.mark.slow
def test_what_replaced_an_earlier_one_is_not_taken_back(decided, clara):
    Delivery.objects.update()
    first = Decision.objects.get()
    newer = Decision.objects.create(
        case=decided, revision=2, kind="refused", reasons=["eigener-stellplatz"], author=clara, replaces=first
    )
    assert "ersetzt" in withdrawing._hindrance(decided, newer)
    Decision.objects.filter(pk=newer.pk).update(issued_at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=newer.pk).update(withdrawn_at=clock.now())


@pytest.mark.slow
def test_the_statistics_forget_what_was_taken_back(alice, clara, paid_case):
    today = clock.today()
    until = today.replace(year=today.year + 1, day=1)
    flow.decide(paid_case, kind="granted", valid_from=today, valid_until=until, area="Gärtnerplatz", by=clara)
    make.work()
    assert parking_permits()
    client_of(clara).post(address(paid_case), WHY)
    assert parking_permits() == []
    assert fees.sweep_withdrawn() == 0  # what was paid on sending is not owed because of the decision


@pytest.fixture
def charged(alice, clara):
    """A permit whose fee is owed with the decision: granted, posted, not opened."""
    data = document.read((definitions.CATALOGUE / f"{make.FORM}.yaml").read_text(encoding="utf-8"))
    data["fee"] |= {"due": "decision"}
    definitions.publish(make.FORM, document.write(data), by=None)
    case, today = make.case(alice), clock.today()
    until = today.replace(year=today.year + 1, day=1)
    said = {"valid_from": today, "valid_until": until, "area": "Gärtnerplatz", "fee_cents": 3000}
    flow.decide(Case.objects.for_pages().get(pk=case.pk), kind=DecisionKind.GRANTED, by=clara, **said)
    make.work()
    return Case.objects.for_pages().get(pk=case.pk)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_fee_that_came_with_the_decision_is_owed_no_more(charged, clara, fake):
    desk = client_of(clara)
    assert "Die Forderung über 30,00" in desk.get(address(charged)).content.decode()
    desk.post(address(charged), WHY)
    assert Receivable.objects.get().state == "cancelled"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_sweep_cancels_what_a_dead_process_left(charged, clara, fake, monkeypatch):
    monkeypatch.setattr(fees, "cancel_demand", lambda case, demanded: None)
    client_of(clara).post(address(charged), WHY)
    monkeypatch.undo()
    assert Receivable.objects.get().state == "open" and fees.sweep_withdrawn() == 0
    with clock.frozen(clock.now() + dt.timedelta(minutes=2)):
        assert fees.sweep_withdrawn() == 1
        assert Receivable.objects.get().state == "cancelled" and fees.sweep_withdrawn() == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_is_paid_already_is_not_withdrawn(charged, clara, fake):
    make.paid(charged, fake)
    desk = client_of(clara)
    assert address(charged) not in case_page(desk, charged)
    assert "schon bezahlt" in desk.post(address(charged), WHY, follow=True).content.decode()
    assert Decision.objects.get().withdrawn_at is None and Case.objects.get().status == "closed"
