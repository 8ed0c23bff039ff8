"""Answers that are known: the offer of a register, its answers with their source, a large file for an open request."""

import pytest
from playwright.sync_api import expect

from forms_engine.cases import flow
from forms_engine.submissions import actions, registers
from tests.browser.conftest import axe
from tests.browser.test_uploads import _small_pieces, at_files, large  # noqa: F401 - fixtures
from tests.forms_engine.submissions.conftest import client_of
from tests.forms_engine.submissions.walk import NEW, Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
@pytest.mark.slow
def test_a_register_is_asked_by_a_click_and_its_answers_say_so(visit, alice, at_files, width, javascript):  # noqa: F811 - the fixture
    registers.enter(alice, {"birth_date": "1985-04-03"})
    actions.discard(at_files.draft, by="system:tests")
    walk = Walk(client_of(alice), actions.start_draft(alice, at_files.draft.form_version))
    walk.fill("person")
    page = visit(walk.url("person"), user=alice, width=width, javascript=javascript)
    page.get_by_role("button", name="Zustimmen und abrufen").click()
    expect(page.get_by_text("Aus dem Musterregister, abgerufen am")).to_be_visible()
    expect(page.get_by_label("Jahr")).to_have_value("1985")
    assert page.get_by_label("Jahr").get_attribute("readonly") is not None
    visit.look(page)
    if javascript:
        axe(page)
    page.get_by_role("button", name="Speichern und weiter", exact=True).click()
    page.wait_for_url("**/adresse/")


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.slow
def test_a_large_file_answers_a_request_on_the_case_page(visit, alice, clara, at_files, large, width):  # noqa: F811 - fixtures
    at_files.fill(pages={key: NEW[key] for key in ("unterlagen", "kontakt", "erklaerung")})
    case = flow.submit(at_files.fresh(), by=alice)
    type(case).objects.filter(pk=case.pk).update(status="in_review")
    case.refresh_from_db()
    flow.request_documents(case, text="Bitte die Rückseite.", by=clara)
    page = visit(f"/vorgaenge/{case.public_id}/", user=alice, width=width)
    page.locator("input[type=file]").first.set_input_files(large)
    expect(page.get_by_role("status").filter(has_text="ist hochgeladen.")).to_be_visible(timeout=20_000)
    visit.look(page)
    axe(page)
    page.get_by_role("button", name="Unterlagen absenden").click()
    expect(page.get_by_text("grosser-scan.pdf (nachgereicht)")).to_be_visible()
    assert case.documents.get().stored.size == large.stat().st_size
