"""Applying for the permit as people do it: on a phone, without a script, with errors, two windows, a lost session."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from forms_engine.definitions import actions as definitions
from forms_engine.submissions import actions
from portal.common import clock
from tests.browser.conftest import axe, focused
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.conftest import CATALOGUE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SAVE = "Speichern und weiter"


@pytest.fixture(autouse=True)
def _addresses(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"


@pytest.fixture
def permit(db):
    source = (CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")
    return definitions.publish("bewohnerparkausweis", source, by=None)


@pytest.fixture
def draft(alice, permit):
    return actions.start_draft(alice, permit)


def date(page, label: str, day: dt.date) -> None:
    group = page.get_by_role("group", name=label)
    for part, value in zip(("Tag", "Monat", "Jahr"), (day.day, day.month, day.year), strict=True):
        group.get_by_label(part).fill(str(value))


def save(page, name: str = SAVE) -> None:
    with page.expect_navigation():  # else the next line may still find the old page
        page.get_by_role("button", name=name, exact=True).click()


def to_vehicles(page) -> None:
    page.get_by_label("Neuer Ausweis").check()
    save(page)
    page.get_by_label("Parklizenzgebiet").select_option(label="Gärtnerplatz")
    save(page)
    page.get_by_label("Nein").check()
    save(page)
    date(page, "Geburtsdatum", dt.date(1985, 4, 3))
    save(page)
    page.get_by_label("Straße und Hausnummer").fill("Fraunhoferstraße 12")
    page.get_by_label("Postleitzahl").fill("80469")
    page.get_by_label("Hauptwohnsitz").check()
    save(page)


def vehicle(page, plate: str) -> None:
    page.get_by_label("Kennzeichen").last.fill(plate)
    page.get_by_label("Es ist auf mich zugelassen").last.check()
    page.get_by_label("Länge in Zentimetern").last.fill("430")


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_the_whole_way_on_a_desk_and_on_a_phone_without_a_script(visit, alice, permit, width, javascript):
    page = visit("/antrag/bewohnerparkausweis/", user=alice, width=width, javascript=javascript)
    look = [lambda: visit.look(page), *([lambda: axe(page)] if javascript else [])]
    page.get_by_role("button", name="Jetzt beantragen").first.click()
    to_vehicles(page)
    vehicle(page, "M-AB 1234")
    save(page, "Weiteres Fahrzeug hinzufügen")
    vehicle(page, "M-CD 77")
    for check in look:
        check()
    save(page)
    page.get_by_label("12 Monate").check()
    date(page, "Gewünschter Beginn", clock.today() + dt.timedelta(days=10))
    save(page)
    page.get_by_label("Zulassungsbescheinigung Teil I").set_input_files(
        [{"name": f"Fahrzeugschein {n}.pdf", "mimeType": "x/y", "buffer": samples.pdf(note=str(n))} for n in (1, 2)]
    )
    if not javascript:  # with it, files go up as soon as they are chosen
        save(page, "Datei hochladen")
    expect(page.locator(".s-files li")).to_have_count(2)
    for check in look:
        check()
    save(page)
    save(page)
    for label in ("Ich habe keinen anderen", "Die Fahrzeuge sind keine", "Meine Angaben sind richtig"):
        page.get_by_label(label).check()
    for check in look:
        check()
    save(page)
    expect(page).to_have_url(re.compile("/pruefen/$"))


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_an_empty_page_moves_the_focus_to_the_summary_and_its_links_to_the_fields(
    visit, alice, draft, width, javascript
):
    page = visit(f"/antrag/{draft.public_id}/anliegen/", user=alice, width=width, javascript=javascript)
    save(page)
    expect(page).to_have_title(re.compile("^Fehler: Was möchten Sie beantragen. – Schritt 1 von"))
    visit.look(page)
    focused(page, "fehler")
    page.locator("#fehler a").first.click()
    focused(page, "id_anliegen_0")
    if javascript:
        axe(page)


def test_files_that_cannot_be_taken_are_told_beside_the_one_that_can_without_a_script(visit, alice, draft):
    page = visit(f"/antrag/{draft.public_id}/", user=alice, javascript=False)
    to_vehicles(page)
    vehicle(page, "M-AB 1234")
    save(page)
    page.get_by_label("12 Monate").check()
    date(page, "Gewünschter Beginn", clock.today() + dt.timedelta(days=10))
    save(page)
    good = {"name": "Schein.pdf", "mimeType": "application/pdf", "buffer": samples.pdf()}
    bad = {"name": "Foto vom Schein mit einem sehr langen Namen.jpg", "mimeType": "image/jpeg", "buffer": b"MZ" * 99}
    page.get_by_label("Zulassungsbescheinigung Teil I").set_input_files([good, bad])
    save(page)
    expect(page.locator("#fehler")).to_contain_text("ein Programm")
    visit.look(page)
    expect(page.locator(".s-files li")).to_have_count(1)
    page.get_by_role("button", name="Entfernen Schein.pdf").click()
    expect(page.locator(".s-files li")).to_have_count(0)


def test_two_windows_are_shown_side_by_side(visit, alice, draft):
    page = visit(f"/antrag/{draft.public_id}/anliegen/", user=alice, width=320)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Neuer Ausweis").check()
    save(other)
    expect(other).to_have_url(re.compile("/gebiet/$"))
    page.get_by_label("Umschreibung").check()
    save(page)
    expect(page.locator("#fenster")).to_be_focused()
    visit.look(page)
    axe(page)
    save(page, "Meine Eingaben speichern")
    expect(page).to_have_url(re.compile("/gebiet/$"))


def test_a_session_that_ends_while_typing_loses_nothing(visit, alice, draft):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    page = visit(f"/antrag/{draft.public_id}/anliegen/", user=alice, width=320)
    page.get_by_label("Umschreibung").check()
    Session.objects.all().delete()
    save(page)
    page.get_by_label("E-Mail-Adresse").fill(alice.email)
    page.get_by_label("Passwort", exact=True).fill("ein gutes Kennwort")
    page.get_by_role("button", name="Anmelden", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Ihre Eingaben sind noch da")
    visit.look(page)
    axe(page)
    assert page.get_by_label("Umschreibung").is_checked()
    assert "wiederaufnahme" not in page.url


def test_start_refusal_and_deletion_look_right(visit, alice, draft):
    page = visit(f"/antrag/{draft.public_id}/anliegen/", user=alice)
    page.get_by_label("Neuer Ausweis").check()
    save(page)
    page.get_by_label("Parklizenzgebiet").select_option(label="Gärtnerplatz")
    save(page)
    expect(page).to_have_url(re.compile("/stellplatz/$"))
    page.get_by_label("Ja").check()
    save(page)
    expect(page).to_have_url(re.compile("/umbau/$"))
    page.get_by_label("Nein").check()
    save(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mit einem privaten Stellplatz")
    for path in (f"/antrag/{draft.public_id}/eigener-stellplatz/", f"/antrag/{draft.public_id}/loeschen/"):
        for width in (1280, 320):
            axe(visit(path, user=alice, width=width))
    axe(visit("/antrag/bewohnerparkausweis/", user=alice, width=320))
    axe(visit("/antrag/bewohnerparkausweis/"))
