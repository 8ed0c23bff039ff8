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
