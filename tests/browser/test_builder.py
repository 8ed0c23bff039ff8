"""A clerk builds "lost ID" from nothing, a colleague approves it, a citizen sends it. The pages have no barrier."""

import re

import pytest

from forms_engine.definitions import actions, queries
from forms_engine.definitions.models import Form, FormVersion
from forms_engine.submissions.models import Draft
from portal.directory.teams.models import Team, TeamForm, TeamMember
from tests.browser.conftest import Visits, axe, focused
from tests.browser.test_admin_everywhere import ENGLISH
from tests.conftest import _team
from tests.forms_engine.definitions.conftest import SMALL

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
HERE = "/verwaltung/formulare"
FORM = f"{HERE}/ausweis-verloren"


@pytest.fixture
def theo_too(theo, clara):
    TeamMember.objects.get_or_create(team=Team.objects.get(), user=theo)
    return theo


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_load_state()


def fill(page, **values: str) -> None:
    for name, value in values.items():
        field = page.locator(f"[name='{name.replace('__', '-')}']").first
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def begin(visit: Visits, clara) -> object:
    page = visit(f"{HERE}/neu/", user=clara)
    fill(
        page,
        title="Verlust eines Personalausweises melden",
        slug="ausweis-verloren",
        department="Kreisverwaltungsreferat, Bürgerbüro",
        legal_basis="§ 27 PAuswG",
        intro="Melden Sie hier, dass Ihr Personalausweis weg ist.",
        purpose="Wir brauchen Ihre Angaben, um den Ausweis für ungültig zu erklären.",
        retention="Wir löschen Ihre Angaben nach fünf Jahren.",
    )
    axe(page)
    press(page, "Formular anlegen")
    return page


def add_page(page, title: str, **entry: str) -> None:
    page.goto(f"{FORM}/bauen/neue-seite/?nach={entry.pop('after')}")
    fill(page, title=title, **entry)
    press(page, "Seite hinzufügen")


def build(page) -> None:
    """Three pages of questions between the two that a new form has."""
    loss = {
        "kind": "choice",
        "label": "Was ist passiert?",
        "empty": "Wählen Sie aus, was passiert ist.",
        "lines": "Verloren\nGestohlen",
    }
    add_page(page, "Was ist passiert?", after="person", **loss)
    police = {"kind": "text", "label": "Dienststelle der Polizei", "empty": "Geben Sie die Dienststelle ein."}
    add_page(page, "Wo haben Sie Anzeige erstattet?", after="was-ist-passiert", **police)
    when = {"kind": "date", "label": "Wann haben Sie es bemerkt?", "empty": "Geben Sie ein, wann Sie es bemerkt haben."}
    add_page(page, "Wann haben Sie es bemerkt?", after="was-ist-passiert", **when)
    # Only who was robbed is asked about the police.
    page.goto(f"{FORM}/bauen/seite/wo-haben-sie-anzeige-erstattet/")
    page.get_by_role("link", name="Bedingung zusammenstellen: Nur fragen, wenn").click()
    page.locator("[name=frage]").first.select_option("was_ist_passiert")
    press(page, "Weiter")
    page.locator("[name=vergleich]").first.select_option("ist")
    page.locator("select[name=wert]").first.select_option("gestohlen")
    press(page, "Weiter")
    assert page.locator("#ausdruck").inner_text() == "was_ist_passiert == 'gestohlen'"
    press(page, "Bedingung speichern")


def tried_out(page) -> None:
    """The preview becomes test data."""
    page.goto(f"{FORM}/vorschau/seite/person/")
    fill(
        page,
        person_vorname="Alma",
        person_nachname="Brandl",
        person_geburtsdatum_0="14",
        person_geburtsdatum_1="5",
        person_geburtsdatum_2="1985",
    )
    press(page, "Speichern und weiter")
    page.get_by_label("Verloren").check()
    press(page, "Speichern und weiter")
    fill(page, wann_haben_sie_es_bemerkt_0="20", wann_haben_sie_es_bemerkt_1="3", wann_haben_sie_es_bemerkt_2="2026")
    press(page, "Speichern und weiter")
    page.get_by_role("checkbox").check()
    press(page, "Speichern und weiter")
    fill(page, name="Verloren in der U-Bahn")
    press(page, "Als Testfall speichern")
    assert page.get_by_text("wie erwartet").is_visible()


def test_a_clerk_builds_a_form_another_approves_it_and_a_citizen_fills_it_in(visit, clara, theo_too, alice):
    page = begin(visit, clara)
    build(page)
    tried_out(page)
    page.goto(f"{FORM}/schritt/einreichen/")
    fill(page, note="Neues Formular")
    press(page, "Zur Prüfung geben")
    other = visit(f"{FORM}/schritt/freigeben/", user=theo_too)
    press(other, "Freigeben")
    assert other.get_by_text("Fassung 1 ist veröffentlicht.").is_visible()
    citizen = visit("/antrag/ausweis-verloren/", user=alice)
    press(citizen, "Jetzt beantragen")
    fill(
        citizen,
        person_vorname="Alice",
        person_nachname="Ammer",
        person_geburtsdatum_0="14",
        person_geburtsdatum_1="5",
        person_geburtsdatum_2="1985",
    )
    press(citizen, "Speichern und weiter")
    citizen.get_by_label("Gestohlen").check()
    press(citizen, "Speichern und weiter")
    fill(citizen, wann_haben_sie_es_bemerkt_0="20", wann_haben_sie_es_bemerkt_1="3", wann_haben_sie_es_bemerkt_2="2026")
    press(citizen, "Speichern und weiter")
    fill(citizen, dienststelle_der_polizei="PI 14")
    press(citizen, "Speichern und weiter")
    citizen.get_by_role("checkbox").check()
    press(citizen, "Speichern und weiter")
    assert citizen.get_by_text("PI 14").is_visible()
    press(citizen, "Antrag absenden")
    assert citizen.get_by_role("heading", level=1).is_visible()
    draft = Draft.objects.get()
    assert (draft.state, draft.form_version) == ("sent", FormVersion.objects.get())


@pytest.fixture
def written(clara) -> FormVersion:
    TeamForm.objects.create(team=_team(), slug="klein")
    return actions.write_draft("klein", SMALL.replace("label: Notiz,", "label: Notiz *,"), by=clara)


def test_without_a_script_questions_are_added_moved_and_changed(visit, clara, written):
    page = visit(f"{HERE}/klein/bauen/neu/mehr/", user=clara, javascript=False)
    fill(page, kind="text", label="Farbe", empty="Geben Sie die Farbe ein.")
    press(page, "Hinzufügen")
    press(page, "Farbe nach oben")
    page.get_by_role("link", name="Farbe", exact=True).click()
    fill(page, label="Lieblingsfarbe")
    press(page, "Speichern")
    fields = queries.in_work(Form.objects.get(slug="klein")).definition.page("mehr").fields
    assert [(item.name, str(item.label)) for item in fields][1] == ("farbe", "Lieblingsfarbe")


def test_a_question_is_dragged_to_another_place(visit, clara, written):
    page = visit(f"{HERE}/klein/bauen/?offen=mehr", user=clara)
    with page.expect_navigation():
        page.drag_and_drop("#f-notiz", "#f-tag", source_position={"x": 5, "y": 5}, target_position={"x": 5, "y": 5})
    fields = queries.in_work(Form.objects.get(slug="klein")).definition.page("mehr").fields
    assert [item.name for item in fields] == ["notiz", "tag"]


PAGES = [
    "/",
    "/klein/",
    "/klein/bauen/?offen=mehr",
    "/klein/bauen/neue-seite/",
    "/klein/bauen/neu/mehr/",
    "/klein/bauen/frage/wahl/",
    "/klein/bauen/seite/mehr/",
    "/klein/bauen/teil/startseite/",
    "/klein/bauen/teil/absagen/",
    "/klein/bauen/teil/bearbeitung/",
    "/klein/bauen/teil/entscheidung/",
    "/klein/bauen/bedingung/?ort=pages[1].visible",
    "/klein/bauen/loeschen/?frage=notiz",
    "/klein/bauen/texte/",
    "/klein/bauen/quelltext/",
    "/klein/bauen/verlauf/",
    "/klein/testfaelle/",
    "/klein/schritt/einreichen/",
    "/klein/vorschau/seite/mehr/",
    "/klein/vorschau/pruefen/",
]


@pytest.mark.parametrize("path", PAGES)
def test_the_builder_has_no_barrier_light_dark_and_on_a_phone(visit, clara, written, path):
    axe(visit(HERE + path, user=clara))
    axe(visit(HERE + path, user=clara, dark=True))
    page = visit(HERE + path, user=clara, width=320)
    axe(page)
    assert sorted(set(ENGLISH.findall(re.sub(r"mehr|klein", "", page.inner_text("body").lower())))) == []


def test_errors_are_told_first_and_where_they_are(visit, clara, written):
    page = visit(f"{HERE}/klein/bauen/frage/notiz/", user=clara)
    fill(page, label="", visible="gibt es nicht")
    press(page, "Speichern")
    assert page.title().startswith("Fehler: ")
    focused(page, "fehler")
    axe(page)


def test_the_preview_stands_in_frames_of_both_widths(visit, clara, written):
    page = visit(f"{HERE}/klein/vorschau/", user=clara)
    widths = [frame.evaluate("innerWidth") for frame in page.frames[1:]]
    assert widths == [320, 1024]
    assert all("Wahl" in frame.inner_text("main") for frame in page.frames[1:])
    axe(visit(f"{HERE}/klein/vorschau/", user=clara, width=320))
