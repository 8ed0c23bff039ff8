"""The permit's whole story in a real browser: citizen, payment page and clerk. And every form of it sent in empty."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from forms_engine.cases import flow
from forms_engine.cases.models import Case
from forms_engine.submissions.models import Draft
from portal.accounts import demo_factor
from tests import make
from tests.browser.conftest import focused
from tests.browser.reader import PHONE, WIDE, Reader, house, readers  # noqa: F401 - the last two are fixtures
from tests.journeys.conftest import confirmed
from tests.journeys.story import PASSWORD, answers, desk
from tests.payments.conftest import fake  # noqa: F401 - the payment provider

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def workers() -> None:
    """The worker's turn, in a thread of its own: the browser's event loop lives in this one, and sealing needs one."""

    def turn() -> None:
        make.work()
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(turn).result()


@pytest.mark.parametrize("how", [WIDE, PHONE], ids=["wide", "phone-without-scripts-dark"])
@pytest.mark.slow
def test_the_permit_from_the_start_page_to_the_reply(house, readers, alice, clara, how):  # noqa: F811 - the fixtures
    citizen = readers("/", **how)
    case = applies(citizen, confirmed(alice))
    pays(citizen)
    workers()
    clerk = readers("/verwaltung/login/", **how)
    is_asked(clerk, clara, case)
    workers()
    hands_in(citizen)
    is_granted(clerk, case)
    workers()
    reads_and_replies(citizen)
    workers()
    clerk.goto(desk(case), case.number)
    assert clerk.page.get_by_text("Vielen Dank für den Ausweis.").is_visible()
    anybody_looks(citizen, case)


def applies(citizen: Reader, alice) -> Case:
    citizen.at("")
    citizen.follow("Bewohnerparkausweis", "Bewohnerparkausweis")
    citizen.goto("/antrag/bewohnerparkausweis/", "Bewohnerparkausweis")
    citizen.follow("Anmelden und beantragen", "Anmelden")
    citizen.fill({"login": alice.email, "password": PASSWORD})
    citizen.press("Anmelden", "Bewohnerparkausweis")
    citizen.press("Jetzt beantragen", "")
    for page, values in answers().items():
        assert citizen.page.url.endswith(f"/{page}/")
        citizen.fill(values)
        citizen.send()
        citizen.at("Prüfen Sie Ihre Angaben" if page == "erklaerung" else "")
    citizen.send()
    citizen.at("Wir haben Ihren Antrag erhalten")
    return Case.objects.get()


def pays(citizen: Reader) -> None:
    citizen.follow("Weiter zur Zahlung", "Gebühr bezahlen")
    citizen.press("kostenpflichtig bezahlen", "Bezahlen")
    citizen.page.get_by_label("Karte").first.check()
    citizen.press("Zum Test bezahlen", "Bezahlt")
    citizen.follow("Weiter", "Bewohnerparkausweis")
    assert citizen.page.get_by_text("Ihre Zahlung ist da.").is_visible()


def is_asked(clerk: Reader, clara, case: Case) -> None:
    demo_factor.set_up(clara)
    clerk.page.locator("[name=username]").fill(clara.email)
    clerk.page.locator("[name=password]").fill(PASSWORD)
    clerk.page.locator("[type=submit]").click()
    clerk.at("Zweiter Schritt der Anmeldung")
    clerk.press("Mit diesem Code anmelden", "Übersicht")
    clerk.goto("/verwaltung/vorgaenge/", "Vorgänge")
    clerk.page.get_by_role("link", name=case.number).click()
    clerk.at(case.number)
    clerk.press("Übernehmen", case.number)
    clerk.page.get_by_label("Was brauchen Sie").fill("Bitte laden Sie die Rückseite hoch.")
    clerk.press("Nachfordern", case.number)


def hands_in(citizen: Reader) -> None:
    citizen.goto("/konto/uebersicht/", "Guten Tag")
    citizen.follow("Unterlagen nachreichen", "Bewohnerparkausweis")
    citizen.fill({"unterlagen": "", "text": "Hier ist sie."})
    citizen.press("Unterlagen absenden", "Bewohnerparkausweis")


def is_granted(clerk: Reader, case: Case) -> None:
    clerk.goto(desk(case), case.number)
    clerk.page.get_by_label("bewilligt", exact=True).check()
    clerk.press("Bescheid ansehen", "Bescheid prüfen")
    clerk.press("Bescheid zeichnen und zustellen", case.number)


def reads_and_replies(citizen: Reader) -> None:
    citizen.goto("/postfach/", "Posteingang")
    citizen.follow("Ihr Bescheid", "Ihr Bescheid")
    with citizen.page.expect_download() as download:
        citizen.page.get_by_role("link", name="herunterladen").click()
    assert download.value.suggested_filename.startswith("Bescheid KVR-")
    citizen.page.get_by_label("Ihre Antwort").fill("Vielen Dank für den Ausweis.")
    citizen.press("Antwort senden", "Ihre Antwort ist angekommen")
    citizen.follow("Zum Vorgang", "Bewohnerparkausweis")
    citizen.goto("/vorgaenge/", "Ihre Anträge")


def anybody_looks(reader: Reader, case: Case) -> None:
    reader.goto("/pruefen/", "Dokument prüfen")
    reader.page.get_by_role("textbox", name="Prüfcode").fill(case.papers.get(kind="decision").code)
    reader.press("Prüfcode prüfen", "Ergebnis der Prüfung")
    assert reader.page.get_by_text("Dieses Dokument ist echt").is_visible()
    reader.goto("/daten/", "Offene Daten")
    reader.goto("/daten/bewohnerparkausweise/", "Bewohnerparkausweise")


def refused(reader: Reader) -> None:
    """The page came back with its problems: the title says so, the summary has the focus, its links lead to fields."""
    page = reader.page
    page.wait_for_load_state("domcontentloaded")
    assert page.title().startswith("Fehler: "), page.url
    focused(page, "fehler")
    links = page.locator("#fehler a")
    for index in range(links.count()):
        target = links.nth(index).get_attribute("href").removeprefix("#")
        links.nth(index).click()
        focused(page, target)
    reader.judge()


@pytest.mark.slow
def test_every_page_of_the_form_sent_in_empty_says_what_is_missing(house, alice):  # noqa: F811 - the fixture
    draft = make.submissions.start_draft(alice, make.current_version(make.FORM))
    reader = Reader(house, house(f"/antrag/{draft.public_id}/", user=alice))
    complained = []
    for page, values in answers().items():
        assert reader.page.url.endswith(f"/{page}/")
        for field in reader.page.locator("main form input[type=text], main form input[type=email]").all():
            field.fill("")
        reader.send()
        if reader.page.url.endswith(f"/{page}/"):
            refused(reader)
            complained.append(page)
            reader.fill(values)
            reader.send()
    assert reader.page.url.endswith("/pruefen/")
    assert complained == [page for page in answers() if page != "kontakt"]
    assert Draft.objects.get().state == "open"


@pytest.mark.slow
def test_the_forms_of_a_case_sent_in_empty_say_what_is_missing(house, alice, clara, fake):  # noqa: F811 - the fixtures
    case = make.paid(make.case(alice), fake)
    clerk = Reader(house, house(desk(case), user=clara))
    for button in ("Nachfordern", "Nachricht senden", "Bescheid ansehen"):
        clerk.page.get_by_role("button", name=button).click()
        refused(clerk)
        clerk.page.goto(desk(case))
    clerk.page.get_by_label("abgelehnt").check()
    clerk.page.get_by_role("button", name="Bescheid ansehen").click()
    refused(clerk)
    flow.request_documents(case, text="Bitte die Rückseite.", by=clara)
    citizen = Reader(house, house(f"/vorgaenge/{case.public_id}/", user=alice, width=320))
    citizen.page.get_by_role("button", name="Unterlagen absenden").click()
    refused(citizen)
    citizen.page.goto(f"/vorgaenge/{case.public_id}/termin/")
    citizen.page.get_by_role("button", name="Termin buchen").click()
    refused(citizen)
