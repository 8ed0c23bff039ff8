"""The directory in a real browser: search with and without a script, suggestions by keyboard, no barrier."""

import pytest

from tests import sown
from tests.browser.conftest import axe

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PAGES = [
    *("/leistungen/", "/leistungen/?suche=anwohnerparken", "/leistungen/?suche=qqqq", "/leistungen/?buchstabe=B"),
    *("/leistungen/bewohnerparkausweis/", "/lebenslagen/umzug/", "/auskunft/weitergeben/?frage=Wo"),
    "/auskunft/?frage=Was kostet der Bewohnerparkausweis?",
]


@pytest.fixture(autouse=True)
def seeded(db) -> None:
    sown.directory()
    sown.forms()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_directory_has_no_barrier_that_axe_finds(visit, path):
    axe(visit(path))
    axe(visit(path, width=320, dark=True))
    visit(path, width=320, javascript=False)


def test_without_a_script_the_search_leads_to_the_service(visit):
    page = visit("/", javascript=False, width=320)
    page.get_by_label("Was möchten Sie erledigen?").fill("Parkausweis")
    page.get_by_role("button", name="Suchen").click()
    page.get_by_role("link", name="Bewohnerparkausweis").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Bewohnerparkausweis"


def test_a_suggestion_is_chosen_with_the_keyboard(visit):
    page = visit("/leistungen/")
    field = page.get_by_role("combobox")
    field.press_sequentially("bewohn")
    page.get_by_role("option", name="Bewohnerparkausweis").wait_for()
    axe(page)
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == page.get_by_role("option").first.get_attribute("id")
    field.press("Enter")
    page.wait_for_url("**/leistungen/bewohnerparkausweis/")


def test_escape_closes_the_suggestions_and_keeps_what_was_typed(visit):
    page = visit("/leistungen/", width=320)
    field = page.get_by_role("combobox")
    field.press_sequentially("bewohn")
    page.get_by_role("option").first.wait_for()
    field.press("Escape")
    assert page.get_by_role("option").count() == 0 and field.input_value() == "bewohn"
