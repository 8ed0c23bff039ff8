"""A list of two thousand entries: found by typing, chosen by keyboard, usable without the script."""

import pytest
from django.urls import reverse

from forms_engine.definitions import actions as definitions
from forms_engine.definitions import document
from forms_engine.submissions import actions
from tests.browser.conftest import axe
from tests.forms_engine.definitions.conftest import SMALL

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def place(alice, settings, tmp_path):
    """The page with the list, in a draft of Alice."""
    settings.FILE_STORE = tmp_path / "files"
    data = document.read(SMALL)
    towns = [{"value": f"{n:05}", "label": f"Würzweiler {n}"} for n in range(1998)]
    towns += [{"value": "muc", "label": "Groß Münching"}, {"value": "x", "label": "Anderer Ort"}]
    question = {"name": "ort", "type": "choice", "widget": "select", "label": "Gemeinde", "choices": towns}
    data["pages"][0]["fields"] = [{**question, "messages": {"empty": "Wählen Sie die Gemeinde aus."}}]
    data |= {"pages": data["pages"][:1], "refusals": [], "fee": None}
    draft = actions.start_draft(alice, definitions.publish("klein", document.write(data), by=None))
    return reverse("submissions:page", args=[draft.public_id, "anfang"])


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (320, False), (320, True)])
def test_typing_narrows_the_list_and_never_changes_the_answer(visit, alice, place, width, dark):
    page = visit(place, width=width, dark=dark, user=alice)
    search, town = page.get_by_label("Liste eingrenzen"), page.get_by_label("Gemeinde", exact=True)
    assert town.locator("option").count() == 2001
    town.select_option("00007")
    search.fill("gross munch")
    page.get_by_text("Ein Eintrag passt.").wait_for()
    assert town.locator("option").all_inner_texts() == ["Bitte auswählen", "Würzweiler 7", "Groß Münching"]
    assert town.input_value() == "00007"
    axe(page)
    visit.look(page)
    search.press("Enter")
    town.select_option("muc")
    with page.expect_navigation():
        page.get_by_role("button", name="Speichern und weiter", exact=True).click()
    assert visit(place, width=width, dark=dark, user=alice).get_by_label("Gemeinde", exact=True).input_value() == "muc"


def test_without_a_script_the_list_is_a_list(visit, alice, place):
    page = visit(place, javascript=False, user=alice)
    assert page.get_by_label("Liste eingrenzen").count() == 0
    page.get_by_label("Gemeinde", exact=True).select_option("muc")
