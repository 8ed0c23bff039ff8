"""What people get who answer nothing or something wrong, in every form (rules F31 to F33)."""

import pytest

from tests.browser.conftest import focused
from tests.browser.pages.page_types import PAGE_TYPES, empty, fill

pytestmark = [pytest.mark.browser, pytest.mark.full]
EMPTY = [kind for kind in PAGE_TYPES if kind.wrong]
KINDS = {kind.name: kind for kind in PAGE_TYPES}
# A form's page type, the button, a field and an answer that cannot be right. The page must complain at that field.
WRONG = [
    ("anmelden", "Anmelden", "login", "kein Klammeraffe"),
    ("konto-anlegen", "Konto anlegen", "email", "kein Klammeraffe"),
    ("konto-anlegen", "Konto anlegen", "password1", "kurz"),
    ("passwort-vergessen", "Link schicken", "email", "kein Klammeraffe"),
    ("passwort-neu", "Passwort speichern", "password1", "kurz"),
    ("adresse-bestaetigen", "Adresse bestätigen", "code", "falsch"),
    ("adresse-aendern", "Code an die neue", "email", "kein Klammeraffe"),
    ("passwort-aendern", "Passwort speichern", "oldpassword", "falsch"),
    ("passwort-aendern", "Passwort speichern", "password1", "kurz"),
    ("passwort-festlegen", "Passwort speichern", "password1", "kurz"),
    ("passwort-bestaetigen", "Bestätigen", "password", "falsch"),
    ("zweiter-schritt", "Anmelden", "code", "falsch"),
    ("app-einrichten", "App einrichten", "code", "falsch"),
    ("vertretung-neu", "Einladung schicken", "address", "kein Klammeraffe"),
    ("vertretung-neu", "Einladung schicken", "ends", "bald"),
    ("pruefen", "Prüfcode prüfen", "code", "???"),
    ("terminal-einrichten", "Als Terminal einrichten", "key", "falsch"),
    ("antrag-person", "und weiter", "geburtsdatum_0", "99"),
    ("antrag-person", "und weiter", "geburtsdatum_2", "3000"),
    ("antrag-adresse", "und weiter", "plz", "1"),
    ("antrag-fahrzeuge", "und weiter", "fahrzeuge-0-kennzeichen", "???"),
    ("antrag-fahrzeuge", "und weiter", "fahrzeuge-0-laenge_cm", "lang"),
    ("antrag-laufzeit", "und weiter", "beginn_2", "1999"),
    ("antrag-kontakt", "und weiter", "email", "kein Klammeraffe"),
]
# What was typed into one field of an otherwise empty form is still there.
KEPT = [
    ("anmelden", "Anmelden", "login"),
    ("konto-anlegen", "Konto anlegen", "given_name"),
    ("profil-name", "Name speichern", "given_name"),
    ("barriere-melden", "Barriere melden", "contact"),
    ("vertretung-neu", "Einladung schicken", "ends"),
    ("antrag-person", "und weiter", "vorname"),
    ("antrag-adresse", "und weiter", "strasse"),
    ("antrag-fahrzeuge", "und weiter", "fahrzeuge-0-kennzeichen"),
    ("antrag-laufzeit", "und weiter", "beginn_0"),
]


def complaints(page) -> list[str]:
    """The sentences of the summary, after a look at how they are told."""
    assert page.title().startswith(("Fehler: ", "Error: ")), page.title()
    focused(page, "fehler")
    links = page.locator("#fehler a")
    at_fields = [text.strip() for text in page.locator("main .kern-error").all_inner_texts()]
    sentences = []
    for index in range(links.count()):
        text, target = links.nth(index).inner_text(), links.nth(index).get_attribute("href").removeprefix("#")
        links.nth(index).click()
        focused(page, target)
        assert any(told.endswith(text) for told in at_fields), f"{text} is not told at its field: {at_fields}"
        assert page.locator(f"[id='{target}']").evaluate(TELLS), f"{target} does not name its error"
        sentences.append(text)
    assert sentences and len(sentences) == page.locator("#fehler li").count()
    return sentences


# The control, or a group around it, names the sentence that it is described by.
TELLS = """field => {
  const around = []
  for (let e = field; e; e = e.parentElement) around.push(e)
  const named = around
    .flatMap(e => (e.getAttribute("aria-describedby") ?? "").split(" ")).filter(Boolean)
  return named.some(id => document.getElementById(id)?.querySelector(".kern-sr-only, .kern-body")
    && document.getElementById(id).closest(".kern-error"))
}"""


@pytest.mark.parametrize("kind", EMPTY, ids=str)
def test_f31_the_summary_has_the_focus_and_leads_to_each_field(house, kind):
    complaints(house.show(kind))


@pytest.mark.parametrize(("name", "button", "field", "value"), WRONG)
def test_f33_a_wrong_answer_is_told_at_its_field(house, name, button, field, value):
    page = house.show(KINDS[name])
    fill(button, **{field: value})(page, {})
    complaints(page)
    told = page.locator(f'main [name="{field}"]').first.evaluate(TELLS)
    assert told, f"{page.url}: {page.locator('#fehler').inner_text()}"


@pytest.mark.parametrize(("name", "button", "field"), KEPT)
def test_f31_what_was_typed_is_still_there(house, name, button, field):
    page = house.show(KINDS[name])
    page.locator(f'main [name="{field}"]').first.evaluate("field => { field.dataset.kept = 'Ä & <ö>' }")
    empty(button)(page, {})
    complaints(page)
    assert page.locator(f'main [name="{field}"]').first.input_value() == "Ä & <ö>"
