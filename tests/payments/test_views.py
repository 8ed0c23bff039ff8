"""Pages of a receivable through HTTP: what each shows, to whom, and what it does not do."""

import datetime as dt
import json
import time

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from payments import actions
from payments.fakestripe import ringer
from payments.models import Bell, Payment
from portal.common import clock, formats
from tests.payments.conftest import SECRET, TIERS, owe, pay, session_of, started

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, alice, fake):
    """GET as Alice; text of the page."""
    client.force_login(alice)

    def get(path: str, status: int = 200) -> str:
        answer = client.get(path)
        assert answer.status_code == status
        return answer.content.decode()

    return get


def address(owed, name="receivable") -> str:
    return reverse(f"payments:{name}", args=[owed.public_id])


# --- the page of a receivable ---


@pytest.mark.parametrize(("purpose", "cents"), TIERS.items())
def test_the_page_names_amount_purpose_and_number_before_paying(page, alice, purpose, cents):
    owed = owe(alice, cents, purpose)
    text = page(address(owed))
    number = owed.kassenzeichen
    euros = f"{cents // 100},00\N{NO-BREAK SPACE}€"
    assert f"Jetzt kostenpflichtig bezahlen: {euros}" in text
    assert purpose in text
    assert f"{number[:4]} {number[4:8]} {number[8:12]} {number[12:]}" in text
    assert "Testzahlung – es fließt kein Geld" in text


def test_real_money_is_not_called_a_test(page, owed, settings):
    settings.STRIPE_SECRET_KEY = "sk_live_x"
    assert "Testzahlung" not in page(address(owed))


def test_several_items_are_listed(page, alice):
    items = [actions.Item("Gebühr", 3500), actions.Item("Ermäßigung", -500)]
    owed = actions.open_receivable(
        payer=alice, amount_cents=3000, purpose="Ausweis", due_on=clock.today(), return_path="/", items=items
    )
    text = page(address(owed))
    assert "Ermäßigung: -5,00" in text


def test_looking_at_the_page_starts_nothing(page, owed, fake):
    page(address(owed))
    assert not Payment.objects.exists()
    assert not fake.app.seen


def test_what_is_paid_says_when_and_offers_no_button(page, owed, fake):
    payment = started(owed)
    pay(fake, payment)
    actions.settle(payment.pk)
    owed.refresh_from_db()
    text = page(address(owed))
    assert "Bezahlt" in text
    assert formats.in_words(owed.paid_at, "day") in text
    assert "kostenpflichtig" not in text
    assert str(payment.public_id) in text


def test_what_is_cancelled_says_so(page, owed, clara):
    actions.cancel_receivable(owed, by=clara)
    text = page(address(owed))
    assert "Sie müssen nichts bezahlen" in text
    assert "kostenpflichtig" not in text


def test_while_the_bank_decides_nobody_is_asked_to_pay(page, owed, fake):
    payment = started(owed)
    pay(fake, payment, "sepa_debit")
    actions.settle(payment.pk)
    text = page(address(owed))
    assert "wird geprüft" in text
    assert "kostenpflichtig" not in text


# --- paying ---


def test_the_button_leads_to_the_payment_page_with_303(client, owed, fake):
    client.force_login(owed.payer)
    answer = client.post(address(owed, "start"))
    assert (answer.status_code, answer["Location"]) == (
        303,
        fake.store.sessions[session_of(owed.payments.get())]["url"],
    )


def test_only_a_posted_form_with_a_token_starts_a_payment(owed, fake, client):
    strict = type(client)(enforce_csrf_checks=True)
    strict.force_login(owed.payer)
    assert strict.post(address(owed, "start")).status_code == 403
    assert strict.get(address(owed, "start")).status_code == 405
    assert not Payment.objects.exists()


@pytest.mark.slow
def test_a_silent_provider_gets_a_page_that_says_what_to_do(client, owed, nobody_there):
    client.force_login(owed.payer)
    answer = client.post(address(owed, "start"))
    text = answer.content.decode()
    assert (answer.status_code, "Es wurde nichts abgebucht" in text) == (503, True)
    assert "kostenpflichtig bezahlen" in text


# --- coming back ---


@pytest.mark.parametrize(
    ("method", "name", "words"),
    [
        ("card", "return", "Vielen Dank"),
        ("card", "abort", "Vielen Dank"),
        ("sepa_debit", "return", "bis zu fünf Werktage"),
        (None, "return", "wird noch geprüft"),
        (None, "abort", "Sie haben die Zahlung abgebrochen"),
        ("declined", "return", "wird noch geprüft"),
    ],
)
def test_coming_back_shows_the_truth_of_the_provider(page, owed, fake, method, name, words):
    payment = started(owed)
    if method:
        pay(fake, payment, method)
    text = page(address(owed, name))
    assert words in text
    assert ("kostenpflichtig" in text) == (name == "abort" and method is None)


def test_whoever_paid_goes_on_to_where_they_came_from(page, owed, fake):
    pay(fake, started(owed))
    assert 'href="/antraege/"' in page(address(owed, "return"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["return", "abort"])
def test_a_silent_provider_is_doubt_and_doubt_is_never_a_failure(page, owed, fake, name):
    payment = started(owed)
    pay(fake, payment)
    fake.plan.set({"api": [{"on": "GET /v1/checkout/sessions/", "do": "slow", "seconds": 4}]})
    begun = time.monotonic()
    text = page(address(owed, name))
    assert time.monotonic() - begun < 3
    assert "wird noch geprüft" in text
    assert "nicht bezahlt" not in text
    assert "abgebrochen" not in text


def test_what_surely_failed_may_be_tried_again(page, owed, fake):
    payment = started(owed)
    pay(fake, payment, "sepa_debit_returned")
    fake.store.bank_answers(session_of(payment), "returned")
    text = page(address(owed, "return"))
    assert "Noch nicht bezahlt" in text
    assert "kostenpflichtig" in text


def test_a_closed_matter_says_so_on_return(page, owed, fake, clara):
    actions.cancel_receivable(owed, by=clara)
    assert "Hier ist nichts zu bezahlen" in page(address(owed, "return"))


def test_the_address_alone_says_nothing_about_being_paid(page, owed, fake):
    started(owed)
    assert "Vielen Dank" not in page(address(owed, "return") + "?status=paid&session_id=cs_test_1")


def test_without_a_session_the_page_is_neutral_and_still_rings(client, owed, fake):
    pay(fake, started(owed))
    text = client.get(address(owed, "return")).content.decode()
    owed.refresh_from_db()
    assert owed.state == "paid"
    assert "Melden Sie sich an" in text
    assert f'?next={address(owed, "return")}"' in text
    for secret in ("30,00", owed.kassenzeichen, "Ausweis", "Alice", "bezahlt"):
        assert secret not in text


# --- whose it is ---


@pytest.mark.parametrize("name", ["receivable", "return", "abort", "proof"])
def test_bob_does_not_see_what_alice_owes(client, owed, bob, fake, name):
    pay(fake, started(owed))
    client.force_login(bob)
    assert client.get(address(owed, name)).status_code == 404
    owed.refresh_from_db()
    assert owed.state == "open"


def test_bob_cannot_start_a_payment_for_alice(client, owed, bob, fake):
    client.force_login(bob)
    assert client.post(address(owed, "start")).status_code == 404
    assert not Payment.objects.exists()


@pytest.mark.parametrize("name", ["receivable", "start", "proof"])
def test_strangers_are_asked_to_sign_in(client, owed, name):
    answer = client.post(address(owed, name)) if name == "start" else client.get(address(owed, name))
    assert (answer.status_code, "/konto/login/" in answer["Location"]) == (302, True)


def test_an_unknown_number_is_not_found(client, alice):
    path = "/zahlung/00000000-0000-4000-8000-000000000000/"
    assert client.get(f"{path}rueckkehr/").status_code == 404
    client.force_login(alice)
    assert client.get(path).status_code == 404


# --- list and proof ---


def test_the_list_shows_the_persons_own_with_their_standing(page, alice, bob, fake, clara):
    owe(bob, purpose="Bobs Sache")
    actions.cancel_receivable(owe(alice, purpose="Aufgehobene Sache"), by=clara)
    paid = started(owe(alice, purpose="Bezahlte Sache"))
    pay(fake, paid)
    actions.settle(paid.pk)
    waiting = started(owe(alice, purpose="Wartende Sache"))
    pay(fake, waiting, "sepa_debit")
    actions.settle(waiting.pk)
    owe(alice, purpose="Offene Sache")
    text = page("/zahlungen/")
    for words in ("aufgehoben", "bezahlt am", "wird geprüft", "zu bezahlen"):
        assert words in text
    assert "Bobs Sache" not in text
    with clock.frozen(clock.now() + dt.timedelta(days=20)):
        assert "überfällig" in page("/zahlungen/")


def test_an_empty_list_says_so(page):
    assert "Sie haben keine Zahlungen" in page("/zahlungen/")


def test_the_list_needs_two_questions_to_the_database(page, alice, django_assert_max_num_queries):
    for _ in range(5):
        owe(alice)
    with django_assert_max_num_queries(8):  # session, person, roles, receivables, payments, and the frame
        page("/zahlungen/")


def test_the_proof_of_payment_is_a_text_to_keep(client, owed, fake):
    client.force_login(owed.payer)
    assert client.get(address(owed, "proof")).status_code == 404
    payment = started(owed)
    pay(fake, payment)
    actions.settle(payment.pk)
    answer = client.get(address(owed, "proof"))
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    for words in ("Zahlungsbestätigung", "30,00", "Karte", str(payment.public_id), "Landeshauptstadt München"):
        assert words in text


# --- webhook ---


def knock(client, kind="v1.checkout.session.completed", *, ref="cs_test_1", event="evt_1", age=0, secret=SECRET):
    about = {"id": ref, "type": "checkout.session", "url": f"/v1/checkout/sessions/{ref}"}
    body = json.dumps(
        {"id": event, "object": "v2.core.event", "type": kind, "created": "2026-11-01T00:00:00Z",
         "livemode": False, "context": None, "related_object": about}
    )  # fmt: skip
    signature = ringer.signature(body, [secret], int(time.time()) - age)
    return client.post(
        "/zahlung/webhook/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature}
    )


def test_a_genuine_event_is_stored_and_acknowledged_without_a_csrf_token(client, owed, fake):
    payment = started(owed)
    strict = type(client)(enforce_csrf_checks=True)
    assert knock(strict, ref=session_of(payment)).status_code == 200
    assert Bell.objects.get().ref == payment.provider_ref


def test_an_unknown_event_is_stored_and_acknowledged(client, fake):
    assert knock(client, "v1.something.new").status_code == 200
    assert (Bell.objects.get().outcome, Bell.objects.get().event_type) == ("foreign", "v1.something.new")


@pytest.mark.parametrize("how", [{"secret": "whsec_wrong"}, {"age": 301}])
def test_a_forged_or_old_event_is_refused_and_not_stored(client, fake, how):
    assert knock(client, **how).status_code == 400
    assert not Bell.objects.exists()


def test_unsigned_empty_and_misdirected_calls_are_refused(client, fake):
    assert client.post("/zahlung/webhook/stripe/", b"", content_type="application/json").status_code == 400
    assert client.get("/zahlung/webhook/stripe/").status_code == 405
    assert client.post("/zahlung/webhook/nobody/").status_code == 404


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_without_a_database_the_event_is_not_acknowledged(client, fake):
    client.raise_request_exception = False
    with connection.execute_wrapper(_down):
        assert knock(client).status_code == 500
    assert not Bell.objects.exists()
    assert knock(client).status_code == 200


def _down(execute, sql, *args):
    raise OperationalError("server closed the connection")
