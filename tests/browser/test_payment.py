"""Paying, as people do it: from our page to the provider's and back, by keyboard, on a phone, without a script."""

import pytest
from django.urls import reverse

from payments import actions
from tests.browser.conftest import OVERFLOW, Visits, axe
from tests.payments.conftest import fake, owe, owed, pay, started  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(chromium, live_server, fake, settings):  # noqa: F811 - the fixture
    """The portal with a policy that allows the stand-in, as the demo sets it; the stand-in itself is no stranger."""
    settings.PUBLIC_URL = live_server.url
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**policy, "form-action": ["'self'", fake.url]}}
    visits = Visits(chromium, live_server.url)
    yield visits
    for page in visits.tabs.values():
        page.context.close()
    problems = [line for line in visits.problems if not line.startswith(f"fremde Anfrage: {fake.url}")]
    assert not problems, "\n".join(problems)


def address(receivable, name="receivable") -> str:
    return reverse(f"payments:{name}", args=[receivable.public_id])


def heading(page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def test_a_person_pays_by_card_on_a_phone_without_a_script(shop, owed):  # noqa: F811 - the fixture
    page = shop(address(owed), width=320, javascript=False, user=owed.payer)
    page.get_by_role("button", name="Jetzt kostenpflichtig bezahlen: 30,00 €").click()
    assert page.title() == "Bezahlen – Testzahlung"
    shop.look(page)
    page.get_by_label("Karte", exact=False).first.check()
    page.get_by_role("button", name="Zum Test bezahlen").click()
    assert heading(page) == "Bezahlt"
    shop.look(page)
    owed.refresh_from_db()
    assert owed.state == "paid"
    assert page.get_by_role("link", name="Weiter", exact=True).get_attribute("href") == "/antraege/"


def test_a_person_pays_with_the_keyboard_alone(shop, owed):  # noqa: F811 - the fixture
    page = shop(address(owed), user=owed.payer)
    page.get_by_role("button", name="Jetzt kostenpflichtig bezahlen").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/pay/**")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rueckkehr/")
    assert heading(page) == "Bezahlt"


def test_giving_up_and_a_blocked_card_cost_nothing(shop, owed):  # noqa: F811 - the fixture
    page = shop(address(owed), user=owed.payer)
    page.get_by_role("button", name="kostenpflichtig").click()
    page.get_by_label("Gesperrte Karte").check()
    page.get_by_role("button", name="Zum Test bezahlen").click()
    assert "abgelehnt" in page.get_by_role("alert").inner_text()
    axe(page)
    page.get_by_role("button", name="Zahlung abbrechen").click()
    assert heading(page) == "Sie haben die Zahlung abgebrochen"
    axe(page)
    owed.refresh_from_db()
    assert owed.state == "open"


def test_the_back_button_after_paying_shows_a_closed_page(shop, owed):  # noqa: F811 - the fixture
    page = shop(address(owed), user=owed.payer)
    page.get_by_role("button", name="kostenpflichtig").click()
    page.get_by_label("PayPal").check()
    page.get_by_role("button", name="Zum Test bezahlen").click()
    assert heading(page) == "Bezahlt"
    page.go_back()
    assert heading(page) == "Diese Zahlung ist schon erledigt"
    page.get_by_role("link", name="Zurück zum Portal").click()
    assert heading(page) == "Bezahlt"


@pytest.mark.parametrize("setting", [{"width": 320}, {"dark": True}, {}])
def test_every_page_of_a_payment_is_accessible(shop, fake, alice, clara, setting):  # noqa: F811 - the fixture
    def see(receivable, name="receivable") -> None:
        page = shop(address(receivable, name), user=alice, **setting)
        axe(page)

    open_one = owe(alice)
    see(open_one)
    page = shop(address(open_one), user=alice, **setting)
    page.get_by_role("button", name="kostenpflichtig").click()
    axe(page)
    assert not page.evaluate(OVERFLOW)
    see(open_one)
    see(open_one, "return")
    pay(fake, open_one.payments.get(), "sepa_debit")
    see(open_one, "return")
    see(open_one)
    paid = owe(alice)
    pay(fake, started(paid))
    see(paid, "return")
    see(paid)
    dropped = owe(alice)
    actions.cancel_receivable(dropped, by=clara)
    see(dropped)
    see(dropped, "return")
    owe(alice)
    axe(shop(reverse("payments:list"), user=alice, **setting))
    axe(shop(address(owe(alice), "return"), **setting))


def test_a_silent_provider_gets_an_accessible_page(shop, owed, settings):  # noqa: F811 - the fixture
    page = shop(address(owed), user=owed.payer)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    shop.problems.clear()
    page.get_by_role("button", name="kostenpflichtig").click()
    assert heading(page) == "Bezahlen geht gerade nicht"
    axe(page)
    shop.problems[:] = [line for line in shop.problems if "status of 503" not in line]
