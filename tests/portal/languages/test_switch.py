"""The language switch keeps page, draft, step and what was typed (rule F54); stored addresses stay German."""

import re

import pytest
from django.test import Client

from forms_engine.submissions import actions as submissions
from forms_engine.submissions import queries
from portal.common import formats, languages
from tests import make, sown

PERSON = {"vorname": "Zoë", "nachname": "", "geburtsdatum_0": "3", "geburtsdatum_1": "May", "geburtsdatum_2": "1990"}


@pytest.fixture
def draft(db, alice):
    return submissions.start_draft(alice, make.permit())


@pytest.fixture
def browser(alice) -> Client:
    client = Client()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(browser: Client, draft, page: str, data: dict[str, str], code: str = "de"):
    address = languages.localised(f"/antrag/{draft.public_id}/{page}/", code)
    return browser.post(address, {"stand": "0", "fenster": "f", **data})


def at_person(browser: Client, draft) -> None:
    draft.refresh_from_db()
    for page, data in (("anliegen", {"anliegen": "neu"}), ("gebiet", {"lizenzgebiet": "isartor"})):
        response = send(browser, draft, page, {**data, "aktion": "weiter", "stand": str(draft.version)})
        assert response.status_code == 302, response.content.decode()
        draft.refresh_from_db()
    send(browser, draft, "stellplatz", {"stellplatz": "nein", "aktion": "weiter", "stand": str(draft.version)})


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("code", "heading"), [("en", "Who is the permit for?"), ("de-simple", "Für wen ist der Ausweis?")]
)
def test_what_was_typed_waits_on_the_same_step_in_the_other_language(browser, draft, code, heading):
    at_person(browser, draft)
    response = send(browser, draft, "person", {**PERSON, "sprache": code})
    assert response.headers["Location"] == languages.localised(f"/antrag/{draft.public_id}/person/", code)
    page = browser.get(response.headers["Location"]).content.decode()
    assert f'<html lang="{code}">' in page
    assert heading in page
    assert 'value="Zoë"' in page
    assert 'value="May"' in page


def test_switching_a_saved_page_leaves_it_saved(browser, draft):
    at_person(browser, draft)
    send(browser, draft, "anliegen", {"anliegen": "neu", "sprache": "en"})
    draft.refresh_from_db()
    assert "anliegen" not in queries.contents(draft).unsaved


def test_an_unknown_language_is_no_way_out(browser, draft):
    at_person(browser, draft)
    response = send(browser, draft, "person", {**PERSON, "sprache": "//boese.example"})
    assert response.headers["Location"] == f"/antrag/{draft.public_id}/person/"


def test_enter_in_a_field_saves_and_does_not_switch(browser, draft):
    at_person(browser, draft)
    page = browser.get(f"/antrag/{draft.public_id}/person/").content.decode()
    buttons = re.findall(r'<button[^>]*type="submit"[^>]*form="antrag"[^>]*name="(\w+)"', page)
    assert buttons[0] == "aktion"
    assert "sprache" in buttons


def test_the_answers_are_the_same_in_every_language(browser, draft):
    at_person(browser, draft)
    draft.refresh_from_db()
    german, english = (queries.contents(draft, shown=shown).answers for shown in (False, True))
    assert german == english


def test_a_switch_keeps_page_and_query(client, db):
    sown.directory()
    page = client.get("/leistungen/?suche=perso").content.decode()
    assert '<a href="/en/leistungen/?suche=perso" lang="en" hreflang="en">English</a>' in page
    assert '<a href="/leicht/leistungen/?suche=perso" lang="de-simple" hreflang="de-simple">' in page


def test_only_languages_in_which_a_page_exists_are_offered(client, db):
    page = client.get("/impressum/").content.decode()
    assert ">English</a>" in page
    assert ">Leichte Sprache</a></li></ul>" not in page.split("</header>")[0]


def test_a_page_without_its_language_says_so(client, db):
    page = client.get("/leicht/impressum/").content.decode()
    assert '<html lang="de">' in page
    assert "Diese Seite gibt es noch nicht in Leichter Sprache." in page


@pytest.mark.parametrize("header", ["en", "fr,en;q=0.9"])
def test_the_address_alone_decides(client, db, header):
    response = client.get("/kontakt/", headers={"accept-language": header})
    assert response.headers["Content-Language"] == "de"
    assert "Accept-Language" not in response.headers.get("Vary", "")
    assert '<html lang="de">' in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/en/robots.txt", "/en/sitemap.xml", "/leicht/zahlung/webhook/stripe/", "/en/verwaltung/"]
)
def test_what_machines_and_clerks_use_has_one_address(client, db, path):
    assert client.get(path).status_code == 404


def test_signing_in_returns_to_the_language_one_came_from(client, db):
    response = client.get("/en/konto/uebersicht/")
    assert response.headers["Location"].startswith("/en/konto/login/?next=/en/konto/uebersicht/")


@pytest.mark.parametrize("code", languages.PREFIXES)
@pytest.mark.parametrize("path", ["/", "/leistungen/?suche=a%20b", "/leichte-sprache/", "/enten/", "/leicht", "/en"])
def test_there_and_back_is_the_same_address(code, path):
    there = languages.localised(path, code)
    assert languages.of_path(there) == code
    assert languages.plain(there) == path


def test_amounts_and_numbers_follow_the_page():
    from django.utils.translation import override

    with override("en"):
        assert (formats.eur(123450), formats.number("12345.5")) == ("€1,234.50", "12,345.5")
    assert (formats.eur(123450), formats.number("12345.5")) == ("1.234,50\N{NO-BREAK SPACE}€", "12.345,5")
