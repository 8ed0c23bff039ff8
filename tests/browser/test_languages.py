"""The language switch in a real browser, with and without a script; English and Leichte Sprache without barriers."""

import re

import pytest

from forms_engine.submissions import actions as submissions
from tests import make
from tests.browser.conftest import axe

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(alice):
    version = make.permit()
    made = submissions.start_draft(alice, version)
    for page, answers in (
        ("anliegen", {"anliegen": "neu"}),
        ("gebiet", {"lizenzgebiet": "isartor"}),
        ("stellplatz", {"stellplatz": False}),
    ):
        made = submissions.save_page(made, page, answers, expected_version=made.version)
    return made


@pytest.mark.parametrize("path", ["/en/", "/leicht/", "/en/konto/login/", "/leicht/leistungen/"])
def test_a_page_in_another_language_has_no_barrier_that_axe_finds(visit, path):
    axe(visit(path))
    axe(visit(path, width=320, dark=True))


@pytest.mark.parametrize("javascript", [True, False])
def test_typed_answers_survive_the_switch(visit, alice, draft, javascript):
    page = visit(f"/antrag/{draft.public_id}/person/", user=alice, javascript=javascript)
    page.get_by_label("Vorname").fill("Zoë")
    page.get_by_role("button", name="English").click()
    page.wait_for_url(re.compile(f"/en/antrag/{draft.public_id}/person/"))
    assert page.get_by_role("heading", level=1).inner_text() == "Who is the permit for?"
    assert page.get_by_label("First name").input_value() == "Zoë"
    page.get_by_role("button", name="Leichte Sprache").click()
    page.wait_for_url(re.compile("/leicht/antrag/"))
    assert page.get_by_label("Vor-Name").input_value() == "Zoë"


def test_enter_in_a_field_sends_the_page_in_its_language(visit, alice, draft):
    page = visit(f"/en/antrag/{draft.public_id}/person/", user=alice, width=320)
    page.get_by_label("First name").press("Enter")
    page.wait_for_selector("#fehler")
    assert page.title().startswith("Error: ")
    assert "/en/antrag/" in page.url
    axe(page)
