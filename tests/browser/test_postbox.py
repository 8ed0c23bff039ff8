"""Post in a real browser: read, answered with a file, found, sorted, taken along; the clerk writes back."""

import pytest

from forms_engine.cases.models import Case
from portal.directory.teams.models import Team
from tests import make
from tests.browser.reader import PHONE, WIDE, Reader, house, readers  # noqa: F401 - the last two are fixtures
from tests.browser.test_desk import _twin
from tests.browser.test_journey import workers
from tests.forms_engine.submissions import samples
from tests.journeys.story import desk
from tests.payments.conftest import fake  # noqa: F401 - the payment provider

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RECEIPT = "Wir haben Ihren Antrag erhalten"
PNG = {"name": "rueckseite.png", "mimeType": "image/png", "buffer": samples.png()}
PROGRAM = {"name": "spiel.exe", "mimeType": "image/png", "buffer": b"MZ" + b"x" * 99}


@pytest.fixture
def case(alice, clara, theo, fake) -> Case:  # noqa: F811 - the fixture
    return make.paid(make.case(alice), fake)


@pytest.mark.parametrize("how", [WIDE, PHONE], ids=["wide", "phone-without-scripts-dark"])
@pytest.mark.slow
def test_post_goes_back_and_forth(house, readers, case, alice, clara, theo, otto, how):  # noqa: F811 - the fixtures
    workers()
    citizen = Reader(house, house("/postfach/", user=alice, **how), _twin(house, how))
    answers_with_a_file(citizen)
    workers()
    clerk = Reader(house, house("/verwaltung/vorgaenge/", user=theo, **how), _twin(house, how))
    writes_back(clerk, case)
    workers()
    keeps_order(citizen)
    takes_along(citizen)


def answers_with_a_file(citizen: Reader) -> None:
    citizen.follow("Wir haben Ihren Antrag erhalten", RECEIPT)
    citizen.page.get_by_label("Ihre Antwort").fill("Hier ist die Rückseite.")
    citizen.page.locator("[name=dateien]").set_input_files([PROGRAM, PNG])
    citizen.press("Antwort senden", RECEIPT)
    assert "„spiel.exe“: Die Datei ist ein Programm." in citizen.page.inner_text("main")
    assert citizen.page.get_by_label("Ihre Antwort").input_value() == "Hier ist die Rückseite."
    citizen.page.locator("[name=dateien]").set_input_files([PNG])
    citizen.press("Antwort senden", "Ihre Antwort ist angekommen")


def writes_back(clerk: Reader, case: Case) -> None:
    clerk.follow("Textbausteine", "Textbausteine")
    clerk.fill({"team": str(Team.objects.get().pk), "title": "Danke", "text": "Guten Tag {name}, danke."})
    clerk.press("Speichern", "Textbausteine")
    clerk.goto("/verwaltung/vorgaenge/", "Vorgänge")
    clerk.follow("Antworten (1)", "Antworten")
    clerk.follow(case.number, case.number)
    with clerk.page.expect_download() as download:
        clerk.page.get_by_role("link", name="rueckseite.png").click()
    assert download.value.suggested_filename == "rueckseite.png"
    clerk.press("Einfügen", case.number)
    clerk.press("Nachricht senden", case.number)
    clerk.press("Nachricht senden", case.number)  # nothing in it: an error, and the page as it should be
    clerk.press("Zurückziehen", case.number)
    assert "zurückgezogen am" in clerk.page.inner_text("main")
    clerk.goto(desk(case), case.number)


def keeps_order(citizen: Reader) -> None:
    citizen.goto("/postfach/ordner/", "Ordner")
    citizen.fill({"name": "Wohnung"})
    citizen.press("Ordner anlegen", "Ordner")
    citizen.goto("/postfach/", "Posteingang")
    citizen.page.locator("[name=nachricht]").first.check()
    citizen.page.get_by_label("Verschieben nach").select_option(label="Wohnung")
    citizen.press("Verschieben", "Posteingang")
    citizen.follow("Wohnung", "Wohnung")
    citizen.page.get_by_label("In Ihren Nachrichten suchen").fill("rückseite")
    citizen.press("Suchen", "Nachrichten suchen")
    assert "Antwort: " in citizen.page.inner_text("main")
    citizen.goto("/postfach/zugriffe/", "Zugriffe auf Ihr Postfach")
    citizen.goto("/postfach/suche/", "Nachrichten suchen")
    citizen.follow("Antwort: ", "Antwort: ")
    citizen.follow("Alles dazu auf einer Seite drucken", "Nachrichten zum Drucken")


def takes_along(citizen: Reader) -> None:
    citizen.goto("/postfach/archiv/", "Nachrichten herunterladen")
    citizen.press("Alle Nachrichten zusammenstellen", "Nachrichten herunterladen")
    workers()
    citizen.goto("/postfach/archiv/", "Nachrichten herunterladen")
    with citizen.page.expect_download() as download:
        citizen.page.get_by_role("link", name="herunterladen").click()
    assert download.value.suggested_filename.endswith(".zip")
