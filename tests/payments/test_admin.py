"""Operators see money and cannot change it; clerks see the fee with the case, and nothing of other people's."""

import pytest
from django.urls import reverse

from payments import actions
from payments.models import Payment, Receivable
from portal.common import references
from tests.payments.conftest import owe, pay, started

pytestmark = pytest.mark.django_db
MODELS = ("receivable", "payment", "posting", "bell", "outboundcall")


@pytest.fixture
def settled(fake, owed) -> Payment:
    payment = started(owed)
    pay(fake, payment)
    actions.settle(payment.pk)
    return payment


def seen(client, model: str, query: str = "") -> str:
    return client.get(reverse(f"admin:payments_{model}_changelist") + query).content.decode()


@pytest.mark.parametrize("typed", [lambda n: n, references.grouped, lambda n: f" {n[:6]} "])
def test_an_operator_finds_a_receivable_by_its_number_however_it_is_typed(client, otto, owed, bob, typed):
    other = owe(bob)
    client.force_login(otto)
    text = seen(client, "receivable", f"?q={typed(owed.kassenzeichen)}")
    assert references.grouped(owed.kassenzeichen) in text
    if len(typed(owed.kassenzeichen).strip()) > 8:
        assert references.grouped(other.kassenzeichen) not in text
    assert client.get(reverse("admin:payments_payment_changelist") + f"?q={owed.kassenzeichen}").status_code == 200


def test_an_operator_sees_items_and_payments_of_a_receivable(client, otto, settled):
    client.force_login(otto)
    text = client.get(reverse("admin:payments_receivable_change", args=[settled.receivable_id])).content.decode()
    assert "30,00" in text
    assert "Forderung beglichen" in text


@pytest.mark.sample(5)
@pytest.mark.parametrize("model", MODELS)
def test_nobody_can_add_change_or_delete(client, otto, settled, model):
    otto.is_superuser = True
    otto.save(update_fields=["is_superuser"])
    client.force_login(otto)
    pk = {"receivable": settled.receivable_id, "payment": settled.pk}.get(model, 1)
    assert client.get(reverse(f"admin:payments_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:payments_{model}_add")).status_code == 403
    assert client.post(reverse(f"admin:payments_{model}_change", args=[pk]), {"state": "open"}).status_code in (
        302,
        403,
    )
    assert client.post(reverse(f"admin:payments_{model}_delete", args=[pk]), {"post": "yes"}).status_code in (302, 403)
    assert Receivable.objects.get().state == "paid"
    assert Payment.objects.get().state == "succeeded"


def test_the_page_of_a_payment_does_not_show_the_persons_payment_page(client, otto, settled):
    client.force_login(otto)
    text = client.get(reverse("admin:payments_payment_change", args=[settled.pk])).content.decode()
    assert str(settled.provider_ref) in text
    assert "/c/pay/" not in text


@pytest.mark.sample(3)
@pytest.mark.parametrize("who", ["clara", "theo", "edda"])
def test_nobody_else_of_staff_sees_any_of_it(client, request, settled, who):
    client.force_login(request.getfixturevalue(who))
    assert {client.get(reverse(f"admin:payments_{model}_changelist")).status_code for model in MODELS} == {403}


def test_an_operator_learns_neither_who_pays_nor_what_for(client, otto, settled, alice):
    client.force_login(otto)
    page = client.get(reverse("admin:payments_receivable_change", args=[settled.receivable_id])).content.decode()
    for text in (alice.family_name, settled.receivable.purpose, settled.receivable.return_path):
        assert text not in page.split('id="content"')[1]
    assert "Verrechnung Zahlungsdienstleister 30,00" in seen(client, "posting")


def test_citizens_see_nothing_of_it(client, alice, settled):
    client.force_login(alice)
    for model in MODELS:
        assert client.get(reverse(f"admin:payments_{model}_changelist")).status_code == 302


def test_what_needs_a_person_can_be_listed_alone(client, otto, settled, bob):
    Payment.objects.filter(pk=settled.pk).update(problem="mismatch")
    client.force_login(otto)
    assert settled.receivable.kassenzeichen in seen(client, "payment", "?klaeren=ja")
    Payment.objects.filter(pk=settled.pk).update(problem="")
    assert settled.receivable.kassenzeichen not in seen(client, "payment", "?klaeren=ja")
