"""Every page in every language: the address decides, no other language slips in."""

import pytest
from django.core.management import call_command
from django.test import Client

from appointments import actions as appointments
from forms_engine.cases.models import Case
from mailbox import queries
from mailbox.models import Message
from portal.common import languages
from tests import make, sown
from tests.portal.home.test_pages import PUBLIC, SIGNED_IN
from tests.portal.languages.words import only_in, said, words_of

DEMO_ONLY = ("/demo/", "/style/")
WIZARD = ("anliegen", "gebiet", "stellplatz", "person", "adresse", "fahrzeuge", "laufzeit", "unterlagen", "kontakt")


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """The directory and the forms, once for all pages; nothing here changes them."""
    with django_db_blocker.unblock():
        sown.directory()
        sown.forms()
        yield
        call_command("flush", interactive=False, verbosity=0)


def foreign(page: str, language: str) -> set[str]:
    other = "en" if language == "de" else "de"
    return words_of(said(page, language)) & only_in()[other]


def read(client: Client, path: str, code: str) -> str:
    response = client.get(languages.localised(path, code))
    assert response.status_code == 200, response.headers.get("Location")
    return response.content.decode()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("path", [path for path in PUBLIC if not path.startswith(DEMO_ONLY)])
@pytest.mark.parametrize("code", languages.PREFIXES)
@pytest.mark.sample(3)
def test_a_public_page_speaks_one_language(client, db, city, path, code):
    page = client.get(languages.localised(path, code)).content.decode()
    assert foreign(page, code.split("-")[0]) == set()


@pytest.mark.parametrize("path", [*SIGNED_IN, "/postfach/", "/termine/", "/zahlungen/", "/vorgaenge/"])
@pytest.mark.parametrize("code", languages.PREFIXES)
@pytest.mark.sample(5)
def test_a_page_of_the_account_speaks_one_language(alice, city, path, code):
    page = signed_in(alice).get(languages.localised(path, code), follow=True).content.decode()
    assert foreign(page, code.split("-")[0]) == set()


@pytest.mark.slow
@pytest.mark.parametrize("code", languages.PREFIXES)
def test_the_form_speaks_one_language_from_start_to_check(alice, city, code):
    draft, client = make.draft(alice), signed_in(alice)
    paths = ["/antrag/bewohnerparkausweis/", *(f"/antrag/{draft.public_id}/{page}/" for page in WIZARD)]
    paths += [f"/antrag/{draft.public_id}/pruefen/", f"/antrag/{draft.public_id}/loeschen/"]
    found = {path: foreign(read(client, path, code), code.split("-")[0]) for path in paths}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize("code", ["de", "en"])
@pytest.mark.parametrize("page", WIZARD)
@pytest.mark.sample(4)
def test_complaints_speak_the_language_of_the_page(alice, city, code, page):
    draft, client = make.draft(alice), signed_in(alice)
    path = languages.localised(f"/antrag/{draft.public_id}/{page}/", code)
    answer = client.post(path, {"stand": str(draft.version), "fenster": "f", "fahrzeuge-rows": "1"}, follow=True)
    assert foreign(answer.content.decode(), code) == set()


@pytest.mark.slow
@pytest.mark.parametrize("code", ["de", "en"])
def test_the_pages_of_a_case_speak_one_language(alice, city, code):
    make.catalogue()
    case, client = make.case(alice), signed_in(alice)
    make.work()
    here = f"/vorgaenge/{case.public_id}/"
    paths = [here, f"{here}eingang/", f"{here}zurueckziehen/", f"{here}termin/", "/vorgaenge/", "/konto/uebersicht/"]
    paths += [f"/zahlung/{case.receivable.public_id}/", "/zahlungen/", "/postfach/"]
    found = {path: foreign(read(client, path, code), code) for path in paths}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.slow
def test_what_is_stored_stays_german_whatever_the_page_spoke(alice, city):
    """The case file, the payment and the messages of an application sent from an English page."""
    draft, client = make.draft(alice), signed_in(alice)
    appointments.seed_demo()
    client.post(f"/en/antrag/{draft.public_id}/pruefen/", {"stand": str(draft.version)})
    make.work()
    case = Case.objects.get()
    assert (case.title, case.receivable.purpose) == ("Bewohnerparkausweis", "Bewohnerparkausweis")
    messages = "\n".join(f"{held.subject} {held.body}" for held in map(queries.letter, Message.objects.all()))
    assert "Bewohnerparkausweis" in messages
    assert words_of(messages) & only_in()["en"] == set()


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/gibt-es-nicht/", "/en/gibt-es-nicht/"])
def test_an_error_page_speaks_the_language_of_its_address(client, db, path):
    code = languages.of_path(path)
    page = client.get(path).content.decode()
    assert f'<html lang="{code}">' in page
    assert foreign(page, code) == set()
