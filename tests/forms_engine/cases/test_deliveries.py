"""A case's decision on its way to the person: what the clerk sees, and the proof the clerk takes away."""

import pytest
from django.urls import reverse

from forms_engine.cases import flow
from forms_engine.cases.models import DecisionKind
from mailbox import deliveries, proofs
from mailbox.models import Delivery, Proof
from portal.accounts import consents
from portal.common import clock
from portal.documents import seal
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided(alice, clara, paid_case):
    """Alice's permit, decided and told; she has consented to announcement in the postbox."""
    consents.answer(alice, consents.ANNOUNCEMENT, given=True)
    flow.decide(paid_case, kind=DecisionKind.REFUSED, reasons=["eigener-stellplatz"], by=clara)
    make.work()
    return paid_case


@pytest.fixture
def proof(decided):
    """The day has come; the proof of it is drawn."""
    with clock.frozen(Delivery.objects.get().due_at):
        deliveries.sweep()
        made = Proof.objects.get()
        assert proofs.draw(made.pk)
    return made


def test_the_delivery_knows_address_rule_and_instruction(decided):
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.rule["code"], delivery.instructed) == ("notice_sent", "baydig24", True)
    assert deliveries.address(delivery)[0] == "Alice Ammer"


@pytest.mark.slow
def test_the_case_page_tells_how_it_was_delivered_and_gives_the_proof(client, decided, proof, clara):
    address = reverse("workplace:delivery_proof", args=[decided.public_id, proof.public_id])
    client.force_login(clara)
    page = client.get(reverse("workplace:case", args=[decided.public_id])).content.decode()
    assert "Art. 24 BayDiG" in page
    assert address in page
    assert seal.verify(b"".join(client.get(address))).valid


@pytest.mark.slow
def test_a_proof_is_not_there_before_it_is_drawn_nor_for_another_case(client, decided, proof, bob, clara, fake):
    other = make.paid(make.case(bob), fake)
    client.force_login(clara)
    address = reverse("workplace:delivery_proof", args=[other.public_id, proof.public_id])
    assert client.get(address).status_code == 404
    own = reverse("workplace:delivery_proof", args=[decided.public_id, proof.public_id])
    Proof.objects.update(stored=None, made_at=None, due_at=clock.now())
    assert client.get(own).status_code == 404


@pytest.mark.slow
def test_a_citizen_reaches_no_proof(client, decided, proof, alice):
    client.force_login(alice)
    address = reverse("workplace:delivery_proof", args=[decided.public_id, proof.public_id])
    assert client.get(address).status_code != 200
