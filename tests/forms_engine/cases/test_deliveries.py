"""A case's decision on its way to the person: what the clerk sees, and the proof the clerk takes away."""

import pytest
from django.urls import reverse

from forms_engine.cases import flow
from forms_engine.cases.models import DecisionKind
from mailbox import deliveries, dispatches, proofs
from mailbox.models import Delivery, Dispatch, Proof
from portal.accounts import consents
from portal.audit.models import AuditEntry
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


@pytest.fixture
def stuck(alice, clara, paid_case, settings, tmp_path):
    """A decision that could be told neither by mail nor by letter: nobody knows where Alice lives."""
    settings.MAILBOX_SPOOL = tmp_path / "spool"
    flow.decide(paid_case, kind=DecisionKind.REFUSED, reasons=["eigener-stellplatz"], by=clara)
    make.work()
    Dispatch.objects.all().delete()
    delivery = Delivery.objects.get()
    Delivery.objects.update(sealed_address=None)
    deliveries.notice_failed(delivery.message, "SMTPRecipientsRefused 550")
    return Dispatch.objects.get()


ADDRESS = {"name": "Alice Ammer", "addition": "bei Meier", "street": "Weg 1", "place": "80331 München"}


def test_a_letter_without_an_address_gets_one_from_the_clerk(client, paid_case, stuck, clara):
    client.force_login(clara)
    address = reverse("workplace:letter_address", args=[paid_case.public_id, stuck.public_id])
    assert address in client.get(reverse("workplace:case", args=[paid_case.public_id])).content.decode()
    assert 'value="Alice Ammer"' in client.get(address).content.decode()
    assert client.post(address, ADDRESS).status_code == 302
    stuck.refresh_from_db()
    assert stuck.state == "queued" and AuditEntry.objects.get(action="letter.readdressed").actor == str(clara.public_id)
    assert dispatches.lines(stuck) == ("Alice Ammer", "bei Meier", "Weg 1", "80331 München")
    assert dispatches.send(stuck.pk) == "handed"
    assert client.post(address, ADDRESS).status_code == 404  # it is on its way


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Geben Sie den Namen ein."),
        ({"street": " "}, "Geben Sie Straße und Hausnummer ein."),
        ({"place": ""}, "Geben Sie Postleitzahl und Ort ein."),
        ({"place": "München"}, "mit fünf Ziffern"),
        ({"place": "80331 München\r\nZeile"}, "mit fünf Ziffern"),
    ],
)
def test_half_an_address_sends_nothing_and_keeps_the_rest(client, paid_case, stuck, clara, wrong, said):
    client.force_login(clara)
    address = reverse("workplace:letter_address", args=[paid_case.public_id, stuck.public_id])
    answer = client.post(address, ADDRESS | wrong)
    assert answer.status_code == 422 and said in answer.content.decode() and "bei Meier" in answer.content.decode()
    stuck.refresh_from_db()
    assert stuck.state == "failed"


def test_the_letter_of_another_case_is_not_there(client, stuck, bob, clara, fake):
    other = make.paid(make.case(bob), fake)
    client.force_login(clara)
    address = reverse("workplace:letter_address", args=[other.public_id, stuck.public_id])
    assert client.get(address).status_code == client.post(address, ADDRESS).status_code == 404
