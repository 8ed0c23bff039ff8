"""The texts of a letter, told through HTTP: one writes, another publishes, a clerk decides, the citizen reads. Later
the decision is replaced, and a fee goes to everybody."""

import io
import re

import pypdf
import pytest

from forms_engine.cases import runs
from forms_engine.cases.models import Decision, LetterTemplate
from tests import make
from tests.journeys.story import Person, decide, desk, fresh, grant

pytestmark = pytest.mark.django_db
TEXT = "/verwaltung/vorgaenge/vorlagen/bewohnerparkausweis/granted/"
SAID = {
    "heading": "Ihr Bewohnerparkausweis für {{ gebiet }}",
    "opening": "Guten Tag {{ name }},\n\nwir bewilligen {{ aktenzeichen }}.",
    "conditions": "Bitte beachten Sie:",
    "plain": "Sie dürfen in {{ gebiet }} parken.",
}


@pytest.fixture
def lead(theo) -> Person:
    return Person(theo, "/verwaltung/login/")


@pytest.fixture
def editor(edda) -> Person:
    return Person(edda, "/verwaltung/login/")


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def paper(case, slug: str) -> str:
    return f"/vorgaenge/{case.public_id}/schriftstueck/{slug}/"


def stamp(page: str) -> str:
    return re.search(r'name="stand" value="([^"]*)"', page)[1]


def write_and_publish(lead: Person, editor: Person) -> None:
    assert "Bewohnerparkausweis" in lead.sees("/verwaltung/vorgaenge/vorlagen/")
    page = lead.sees(TEXT)
    assert "{{ antrag.vorname }}" in page and "{{ gueltig_bis }}" in page
    wrong = lead.sends(TEXT, SAID | {"plain": "Hallo\n{{ vornahme }}", "stand": ""}, status=422)
    assert "Zeile 2: „vornahme“ gibt es nicht." in wrong and not LetterTemplate.objects.exists()
    assert lead.sends(TEXT, SAID | {"stand": stamp(page)}) == TEXT
    mine = lead.sees(TEXT)
    assert "Eine andere Person muss ihn veröffentlichen." in mine
    lead.sends(f"{TEXT}veroeffentlichen/", {"stand": stamp(mine)})
    assert LetterTemplate.objects.get().state == "draft"
    editor.sends(f"{TEXT}veroeffentlichen/", {"stand": stamp(editor.sees(TEXT))})
    assert LetterTemplate.objects.get().state == "published"


def look_at_a_pdf(person: Person, page: str, data: dict) -> str:
    waiting = person.sends(page, data)
    assert "wird gerade erstellt" in person.sees(waiting)
    make.draw()
    answer = person.client.get(f"{waiting}?datei=1")
    assert answer["Content-Type"] == "application/pdf"
    return text_of(answer.content)


@pytest.mark.slow
def test_from_the_text_to_the_letter(citizen, clerk, lead, editor, paid):
    write_and_publish(lead, editor)
    sample = look_at_a_pdf(lead, f"{TEXT}ansehen/", SAID)
    assert "Ihr Bewohnerparkausweis für [Gebiet]" in sample
    real = look_at_a_pdf(lead, f"{TEXT}ansehen/", SAID | {"vorgang": paid.number})
    assert "Ihr Bewohnerparkausweis für Gärtnerplatz" in real and "Alice Ammer" in real
    own = "Der Ausweis gehört hinter die Scheibe."
    form = grant() | {"entscheiden-conditions": ["0"], "entscheiden-own_conditions": own, "vorlage": ""}
    # The text was published meanwhile: it is looked at before it is signed.
    assert "Inzwischen gibt es eine neue Textvorlage" in clerk.sends(
        desk(paid, "entscheiden"), form | {"bestaetigt": "1"}, status=200
    )
    form |= {"vorlage": str(LetterTemplate.objects.get().pk)}
    assert "Sie dürfen in Gärtnerplatz parken." in look_at_a_pdf(clerk, desk(paid, "entscheiden"), form | {"pdf": "1"})
    assert "Ihr Bewohnerparkausweis für Gärtnerplatz" in decide(clerk, paid, form)
    make.work()
    letter = text_of(citizen.gets_file(paper(paid, "bescheid")))
    for words in ("Ihr Bewohnerparkausweis für Gärtnerplatz", "Bitte beachten Sie:", own, "In einfacher Sprache"):
        assert words in letter, words


@pytest.mark.slow
def test_a_decision_is_replaced_and_everybody_can_check_it(citizen, clerk, paid):
    decide(clerk, paid, grant())
    make.work()
    old = paid.papers.get(kind="decision")
    address = desk(paid, "weiterer-bescheid")
    assert address in clerk.sees(desk(paid))
    assert "ersetzt" not in citizen.sees(f"/pruefen/{old.code}/")
    form = grant() | {"fassung": "2", "entscheiden-own_conditions": "Nur werktags."}
    assert "Dieser Bescheid ersetzt" in clerk.sends(address, form, status=200)
    assert clerk.sends(address, form | {"bestaetigt": "1"}) == desk(paid)
    make.work()
    assert "Dieses Dokument ist ersetzt" in citizen.sees(f"/pruefen/{old.code}/")
    assert "Er ersetzt unseren Bescheid" in citizen.sees(newest_letter(citizen))
    letters = [text_of(citizen.gets_file(paper(paid, slug))) for slug in ("bescheid", "bescheid-2")]
    assert ["Nur werktags." in letter for letter in letters] == [False, True]
    assert paper(paid, "bescheid-2") in citizen.sees(f"/vorgaenge/{paid.public_id}/")
    assert citizen.client.get(paper(paid, "bescheid-3")).status_code == 404
    assert fresh(paid).status == "closed"


def newest_letter(person: Person) -> str:
    return re.search(r'href="(/postfach/[^"]+/)">Ihr Bescheid', person.sees("/postfach/"))[1]


@pytest.mark.slow
def test_a_yearly_fee_reaches_the_citizen_once(citizen, clerk, lead, paid):
    decide(clerk, paid, grant())
    make.work()
    data = {"of": "bewohnerparkausweis", "kind": "fee_notice", "title": "Gebühr 2027", "fee": "45,00"}
    assert "1 Vorgang." in lead.sends("/verwaltung/vorgaenge/serien/neu/", data, status=200)
    run = lead.sends("/verwaltung/vorgaenge/serien/neu/", data | {"vorschlagen": "1"})
    assert "wartet auf Freigabe" in clerk.sees(run)
    clerk.sends(f"{run}freigeben/")
    for _ in range(3):
        runs.sweep_runs()
        make.work()
    assert "1 von 1" in lead.sees(run)
    assert Decision.objects.filter(kind="fee_notice").count() == 1
    assert "45,00" in citizen.sees("/zahlungen/") and "eine Gebühr festgesetzt" in citizen.sees(newest_letter(citizen))
