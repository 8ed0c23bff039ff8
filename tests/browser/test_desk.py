"""A case on the desk, in a real browser: found, taken, noted, asked about, compared, decided by two, downloaded."""

import datetime as dt
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from forms_engine.cases import parties
from forms_engine.cases.models import Case
from forms_engine.definitions import actions as definitions
from forms_engine.definitions import document
from portal.common import clock
from tests import make
from tests.browser.conftest import axe
from tests.browser.reader import PHONE, WIDE, Reader, house, readers  # noqa: F401 - the last two are fixtures
from tests.browser.test_journey import workers
from tests.forms_engine.submissions import samples
from tests.journeys.story import desk
from tests.payments.conftest import fake  # noqa: F401 - the payment provider

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SOON = f"{clock.today() + dt.timedelta(days=9):%d.%m.%Y}"
IMAGE = "document.querySelector('.w-beside__image')?.naturalWidth"


@pytest.fixture
def case(alice, clara, theo, fake) -> Case:  # noqa: F811 - the fixture
    """Alice's permit, paid. Two clerks have to sign it."""
    data = document.read((definitions.CATALOGUE / f"{make.FORM}.yaml").read_text(encoding="utf-8"))
    data["decision"]["four_eyes"] = True
    definitions.publish(make.FORM, document.write(data), by=None)
    return make.paid(make.case(alice), fake)


def details(reader: Reader, name: str) -> None:
    reader.page.locator("summary", has_text=name).click()


@pytest.mark.parametrize("how", [WIDE, PHONE], ids=["wide", "phone-without-scripts-dark"])
@pytest.mark.slow
def test_a_case_goes_over_the_desk(house, readers, case, alice, clara, theo, how):  # noqa: F811 - the fixtures
    workers()
    clerk = Reader(house, house(desk(case), user=clara, **how), _twin(house, how))
    finds_and_takes(clerk, case)
    writes_into_the_file(clerk)
    clerk.page.get_by_label("Was brauchen Sie").fill("Bitte laden Sie die Rückseite hoch.")
    clerk.press("Nachfordern", case.number)
    workers()
    citizen = Reader(house, house("/konto/uebersicht/", user=alice, **how), _twin(house, how))
    citizen.follow("Unterlagen nachreichen", "Bewohnerparkausweis")
    citizen.attach("[name=unterlagen]", [{"name": "rueck.png", "mimeType": "image/png", "buffer": samples.png()}])
    expect(citizen.page.locator(".s-arriving")).to_have_count(0)  # gone up, or never begun without a script
    with citizen.page.expect_navigation():
        citizen.page.get_by_role("button", name="Unterlagen absenden").click()
    citizen.at("Bewohnerparkausweis")
    workers()
    compares(clerk, case)
    clerk.page.get_by_label("bewilligt", exact=True).check()
    clerk.press("Bescheid ansehen", "Bescheid prüfen")
    clerk.press("Zeichnen und zur Gegenzeichnung geben", case.number)
    second = Reader(house, house(desk(case), user=theo, **how), _twin(house, how))
    second.press("Gegenzeichnen und zustellen", case.number)
    workers()
    citizen.goto("/postfach/", "Posteingang")
    citizen.follow("Ihr Bescheid", "Ihr Bescheid")
    with citizen.page.expect_download() as download:
        citizen.page.get_by_role("link", name="herunterladen").click()
    assert download.value.suggested_filename.startswith("Bescheid KVR-")
    second.follow("Nächster Vorgang", "Vorgänge")


def _twin(house, how):  # noqa: F811 - the fixture
    return None if how["javascript"] else house("/", width=how["width"], dark=how.get("dark", False))


def finds_and_takes(clerk: Reader, case: Case) -> None:
    clerk.goto("/verwaltung/vorgaenge/", "Vorgänge")
    clerk.page.get_by_label("Nummer oder Wörter").fill("ammer")
    clerk.press("Suchen", "Vorgänge")
    assert "mmer" not in clerk.page.url
    clerk.page.get_by_label(f"{case.number} auswählen").check()
    clerk.press("Weiter", "Vorgänge übernehmen")
    clerk.press("Übernehmen (1)", "Vorgänge übernehmen")
    clerk.follow(case.number, case.number)


def writes_into_the_file(clerk: Reader) -> None:
    clerk.page.get_by_label("Neue Notiz").fill("Am Telefon: Der Schein kommt.")
    clerk.press("Notiz ablegen", "")
    details(clerk, "Aufgabe anlegen")
    clerk.fill({"aufgabe-title": "Melderegister ansehen", "aufgabe-due_on": SOON})
    clerk.press("Anlegen", "")
    details(clerk, "Frist oder Wiedervorlage setzen")
    clerk.fill({"frist-kind": "follow_up", "frist-due_on": SOON, "frist-reason": "Ist der Schein da?"})
    clerk.press("Vormerken", "")
    clerk.page.locator(".w-ticks input").first.check()
    clerk.press("Prüfliste speichern", "")
    for shown in ("Am Telefon: Der Schein kommt.", "Melderegister ansehen", "Ist der Schein da?"):
        assert clerk.page.get_by_text(shown).first.is_visible(), shown
    assert clerk.page.locator(".w-ticks input").first.is_checked()


def compares(clerk: Reader, case: Case) -> None:
    clerk.goto(desk(case), case.number)
    clerk.follow("Angaben und Unterlagen nebeneinander", case.number)
    clerk.page.locator(".w-beside__image").scroll_into_view_if_needed()
    clerk.page.wait_for_function(f"{IMAGE} > 0") if not clerk.twin else None
    assert clerk.page.get_by_text("M-AB 1234").first.is_visible()
    clerk.follow("Zum Vorgang", case.number)


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.slow
def test_the_desk_has_no_barrier(house, case, clara, width, dark):  # noqa: F811 - the fixture
    workers()
    queue = "/verwaltung/vorgaenge/"
    said = parties.Particulars("agent", "Rita Recht", "Weg 1\n80331 München", clock.today(), mandate_on=clock.today())
    held = parties.add(case, said, by=clara)
    parties.change(held, replace(said, name="Rita Recht-Richter"), by=clara)
    own = [desk(case), *(f"{desk(case)}{part}" for part in ("nebeneinander/", "beteiligte/", f"beteiligte/{held}/"))]
    for path in (queue, f"{queue}?frist=gruen", f"{queue}aufgaben/", *own):
        page = house(path, user=clara, width=width, dark=dark)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        axe(page)
