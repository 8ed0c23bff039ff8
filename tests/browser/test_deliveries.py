"""What people see of a delivery in a real browser: the citizen's page and the clerk's, light, dark and on a phone."""

import pytest
from django.urls import reverse

from forms_engine.cases import flow
from forms_engine.cases.models import DecisionKind
from mailbox import deliveries, proofs
from mailbox.models import Delivery, Proof
from portal.accounts import consents
from portal.common import clock
from tests import make
from tests.browser.test_decisions import by_worker, pictured
from tests.payments.conftest import fake  # noqa: F401 - the payment provider

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def delivered(alice, clara, fake, settings, tmp_path):  # noqa: F811 - the fixture
    """Alice's refusal, announced by lapse of time, with its proof."""
    settings.FILE_STORE = tmp_path / "files"
    consents.answer(alice, consents.ANNOUNCEMENT, given=True)
    case = make.paid(make.case(alice), fake)
    flow.decide(case, kind=DecisionKind.REFUSED, reasons=["eigener-stellplatz"], by=clara)
    by_worker(make.work)

    def prove():
        with clock.frozen(Delivery.objects.get().due_at):
            deliveries.sweep()
            proofs.draw(Proof.objects.get().pk)

    by_worker(prove)
    return case


def test_the_citizen_reads_from_when_it_counts_and_the_clerk_how_it_came(visit, delivered, alice, clara):
    letter = reverse("mailbox:message", args=[Delivery.objects.get().message.public_id])
    assert "Gilt als bekannt gegeben am" in visit(letter, user=alice).inner_text("main")
    pictured(visit, alice, letter)
    pictured(visit, alice, reverse("account:privacy"))
    case = reverse("workplace:case", args=[delivered.public_id])
    assert "Zustellnachweis vom" in visit(case, user=clara).inner_text("body")
    pictured(visit, clara, case)


@pytest.fixture
def unread(alice, clara, fake, settings, tmp_path):  # noqa: F811 - the fixture
    """Alice's refusal, posted and not opened."""
    settings.FILE_STORE = tmp_path / "files"
    case = make.paid(make.case(alice), fake)
    flow.decide(case, kind=DecisionKind.REFUSED, reasons=["eigener-stellplatz"], by=clara)
    by_worker(make.work)
    return case


def test_an_unread_decision_is_taken_back_and_its_reader_sees_that(visit, unread, alice, clara):
    message = Delivery.objects.get().message.public_id
    address = reverse("workplace:withdraw_decision", args=[unread.public_id, message])
    pictured(visit, clara, address)
    page = visit(reverse("workplace:case", args=[unread.public_id]), user=clara)
    page.get_by_role("link", name="Bescheid zurückziehen").click()
    page.get_by_role("button", name="Bescheid zurückziehen").click()
    assert "Schreiben Sie, warum Sie den Bescheid zurückziehen." in page.inner_text("main")
    page.get_by_label("Grund für das Zurückziehen").fill("An die falsche Person.")
    page.get_by_role("button", name="Bescheid zurückziehen").click()
    assert "Der Bescheid ist zurückgezogen" in page.inner_text("body")
    pictured(visit, clara, reverse("workplace:case", args=[unread.public_id]))
    pictured(visit, alice, reverse("mailbox:message", args=[message]))
    assert "Er gilt nicht" in visit(reverse("mailbox:message", args=[message]), user=alice).inner_text("main")
