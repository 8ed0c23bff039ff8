"""A survey in a real browser: computed with a script, copied without one; and what its editors then see."""

import re

import pytest
from playwright.sync_api import Page, expect

from forms_engine.submissions.models import Draft, SurveyAnswer
from portal.common import proof
from tests.browser.conftest import axe
from tests.forms_engine.cases import catalogue

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
FORM = "umfrage-buergerbuero"


@pytest.fixture
def survey(db):
    return catalogue.publish(FORM)


def filled(page: Page) -> Page:
    """From the start page to the last one before sending."""
    page.get_by_role("button", name="Umfrage beginnen").first.click()
    page.get_by_label("Pasing").check()
    page.get_by_label("Bescheinigung").check()
    page.get_by_role("group", name="Hatten Sie einen Termin?").get_by_label("Nein").check()
    page.get_by_role("button", name="Speichern und weiter").click()
    page.get_by_label("Zufrieden", exact=True).check()
    page.get_by_role("button", name="Speichern und weiter").click()
    expect(page).to_have_url(re.compile("/pruefen/$"))
    return page


def test_the_browser_computes_and_nobody_has_to_solve_anything(visit, survey, settings):
    settings.PROOF_BITS = 9
    page = filled(visit(f"/antrag/{FORM}/"))
    expect(page.get_by_label("Schreiben Sie dieses Wort ab")).to_be_hidden()
    page.get_by_role("button", name="Antworten absenden").click()  # also while it is still computing
    expect(page.get_by_role("heading", name="Danke für Ihre Antworten")).to_be_visible()
    axe(page)
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="Danke für Ihre Antworten")).to_be_visible()
    assert SurveyAnswer.objects.get().counted["standort"] == "pasing" and not Draft.objects.exists()


def test_the_check_page_is_sound_while_it_computes(visit, survey, settings):
    settings.PROOF_BITS = 24
    page = filled(visit(f"/antrag/{FORM}/", width=320))
    page.get_by_role("button", name="Antworten absenden").click()
    expect(page.get_by_role("status").filter(has_text="Gleich fertig")).to_be_visible()
    axe(page)


def test_without_a_script_a_word_is_copied(visit, survey):
    page = filled(visit(f"/antrag/{FORM}/", javascript=False, width=320))
    page.get_by_role("button", name="Antworten absenden").click()
    expect(page.get_by_role("link", name="Schreiben Sie das Wort ab.")).to_be_visible()
    word = page.get_by_label("Schreiben Sie dieses Wort ab")
    label = page.locator("label[for=id_wort]").inner_text()
    word.fill(next(known for known in proof.WORDS if known in label))
    page.get_by_role("button", name="Antworten absenden").click()
    expect(page.get_by_role("heading", name="Danke für Ihre Antworten")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (320, False)])
def test_the_results_are_readable(visit, survey, edda, width, dark):
    for number in range(60):
        SurveyAnswer.objects.create(
            form_version=survey,
            month="2026-11-01" if number % 3 else "2026-10-01",
            counted={
                "standort": ["pasing", "ruppertstrasse", "orleansplatz"][number % 3],
                "anliegen": ["ausweis", "wohnsitz"][: 1 + number % 2],
                "termin": number % 4 > 0,
                "wartezeit": number * 3,
                "gesamt": str(5 - number % 5),
            },
        )
    page = visit(f"/verwaltung/formulare/{FORM}/auswertung/", user=edda, width=width, dark=dark)
    expect(page.get_by_role("img", name="Balken: Wie zufrieden waren Sie insgesamt?")).to_be_visible()
    axe(page)
