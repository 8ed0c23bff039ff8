"""The automatic answer quotes, asks back, or says that it does not know."""

import io
import json

import pytest
from django.core.management import call_command

from portal.directory import richtext
from portal.directory.models import SECTIONS, EmptySearch, Service
from portal.home import assistant
from portal.home.assistant import Outcome
from portal.home.models import Question
from tests import cityfiles, sown

FORMS = ["bewohnerparkausweis"]
OUTSIDE = [
    "Wie wird das Wetter morgen?",
    "Wer hat die Bundestagswahl gewonnen?",
    "Erzähl mir einen Witz",
    "Wie koche ich Spaghetti Carbonara?",
    "Wie viel kostet ein Döner am Stachus?",
    "Wann fährt die nächste U-Bahn nach Garching?",
    "Mein Nachbar ist zu laut",
    "Wie installiere ich Windows?",
    "Was ist die Hauptstadt von Frankreich?",
    "Kannst du mir ein Gedicht schreiben?",
    "Welche Aktien soll ich kaufen?",
    "Wann spielt der FC Bayern?",
    "Wie hoch ist der Mount Everest?",
    "Ich habe Kopfschmerzen",
    "Wer bist du?",
    "asdf jklö",
]


@pytest.fixture(autouse=True)
def seeded(db) -> None:
    sown.directory()


@pytest.mark.sample(5)
@pytest.mark.parametrize(
    ("question", "slug", "field", "line"),
    [
        ("Was kostet der Bewohnerparkausweis?", "bewohnerparkausweis", "fee", "Neuer Ausweis, 12 Monate 30 €"),
        (
            "Welche Unterlagen brauche ich für die Meldebescheinigung?",
            "meldebescheinigung",
            "documents",
            "Ausweis oder Pass",
        ),
        (
            "Bis wann muss ich meinen Hund anmelden?",
            "hundesteuer-anmelden",
            "deadline",
            "Die Steuer eines Jahres ist am 15. Januar fällig.",
        ),
        ("Wo bekomme ich eine Meldebescheinigung?", "meldebescheinigung", "offices", "Telefon 089 233-96000"),
        (
            "Wer darf einen Bewohnerparkausweis haben?",
            "bewohnerparkausweis",
            "eligibility",
            "Sie haben ein eigenes Fahrzeug oder nutzen eines dauerhaft.",
        ),
    ],
)
def test_the_question_picks_the_service_and_the_field(question, slug, field, line):
    answer = assistant.ask(question, forms=FORMS)
    assert answer.outcome == Outcome.ANSWER and answer.quote is not None
    assert (answer.quote.service.slug, answer.field) == (slug, field)
    assert line in answer.quote.lines


def test_online_is_answered_only_with_a_form_that_can_be_filled_in():
    question = "Kann ich den Bewohnerparkausweis online beantragen?"
    assert assistant.ask(question, forms=FORMS).quote.complete
    assert not assistant.ask(question, forms=[]).quote.complete


@pytest.mark.parametrize("question", OUTSIDE)
@pytest.mark.sample(5)
def test_what_the_city_does_not_offer_is_not_found(question):
    assert assistant.ask(question).outcome == Outcome.NOT_FOUND


@cityfiles.needed
@pytest.mark.slow
def test_with_the_whole_directory_every_line_stands_in_it_and_the_outside_stays_outside():
    call_command("services_import", *cityfiles.FILES, stdout=io.StringIO())
    assert [one for one in OUTSIDE if assistant.ask(one).outcome == Outcome.ANSWER] == []
    for service in Service.objects.public():
        text = " ".join([service.summary, *(richtext.to_text(getattr(service, name)) for name in SECTIONS)])
        for question in ("Was kostet {}?", "Welche Unterlagen brauche ich für {}?", "Wie lange dauert {}?", "{}"):
            answer = assistant.ask(question.format(service.title), slug=service.slug)
            if answer.field not in ("appointment", "offices", "form"):  # those are single facts, not sentences
                assert all(line in text for line in answer.quote.lines), answer


def test_an_office_is_found_by_its_name():
    answer = assistant.ask("Wann hat das Bürgerbüro geöffnet?")
    assert answer.outcome == Outcome.CHOICES
    assert all("Bürgerbüro" in office.name for office in answer.offices)


def test_a_record_that_does_not_say_is_not_made_to(client):
    page = client.get("/auskunft/?frage=Wie lange dauert die Meldebescheinigung?").content.decode()
    assert "Dazu steht in unserem Verzeichnis nichts." in page


def test_the_page_names_its_source_and_its_date(client):
    page = client.get("/auskunft/?frage=Was kostet der Bewohnerparkausweis?").content.decode()
    assert "Automatische Auskunft, keine KI-Texte" in page
    assert 'href="/leistungen/bewohnerparkausweis/"' in page and "8. Juni 2026" in page


def test_an_empty_question_is_the_page_itself(client):
    page = client.get("/auskunft/?frage=+").content.decode()
    assert "<h1>Automatische Auskunft</h1>" in page and "nichts gefunden" not in page


def test_a_question_in_vain_is_noted_without_the_person(client):
    client.get("/auskunft/?frage=Ich heiße Erika Mustermann, wo ist die Zeppelinlandung 4711?")
    row = EmptySearch.objects.get()
    assert "Mustermann" not in row.text and "4711" not in row.text and "Zeppelinlandung" in row.text


def test_the_question_goes_to_a_person_only_after_consent(client):
    question = {"frage": "Was kostet der Bewohnerparkausweis?", "leistung": "bewohnerparkausweis"}
    page = client.get("/auskunft/weitergeben/", question).content.decode()
    assert "Sie entscheiden auf der nächsten Seite" in page and 'action="/kontakt/schreiben/"' in page
    assert "mailto:" not in page and not Question.objects.exists()
    written = client.get("/kontakt/schreiben/", question).content.decode()
    assert 'name="with_transcript"' in written and "checked" not in written


def test_the_way_to_a_person_names_telephone_and_hours_of_the_office(client):
    question = {"frage": "Was kostet eine Meldebescheinigung?", "leistung": "meldebescheinigung"}
    page = client.get("/auskunft/weitergeben/", question).content.decode()
    assert 'href="tel:+49' in page and "Montag" in page


def test_the_command_answers_for_machines(capsys):
    call_command("services_ask", "Was kostet eine Meldebescheinigung?", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["found"], answer["field"], answer["service"]["id"]) == (True, "fee", "1063576")
    assert "Bescheinigung auf Papier: 5 €" in answer["sentences"]
    call_command("services_ask", "Wie wird das Wetter?", "--json")
    assert json.loads(capsys.readouterr().out)["hand_over"][0] == "Behördennummer 115"
