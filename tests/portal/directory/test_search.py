"""A person finds the service in one search, and is told why."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.directory import search_index
from portal.directory.models import SearchWord, Service
from portal.directory.search import How, search
from tests import cityfiles
from tests.bench.bench_directory import recall_at_5

pytestmark = pytest.mark.django_db
TITLES = {
    "pass": ("Reisepass", "Ausweis, Urlaub"),
    "perso": ("Personalausweis", ""),
    "fuehrer": ("Führerschein umtauschen", ""),
    "kirche": ("Kirchenaustritt", ""),
    "hund": ("Hund zur Hundesteuer anmelden", "Steuermarke"),
    "gewerbe": ("Gewerbe-Anmeldung", ""),
}


@pytest.fixture
def services(kvr) -> None:
    rows = [
        Service.objects.create(
            slug=slug, title=title, keywords=keywords, organisation=kvr, description=f"<p>{slug} Text</p>"
        )
        for slug, (title, keywords) in TITLES.items()
    ]
    search_index.refresh(rows)


def _first(text: str) -> str:
    hits = search(text).hits
    return hits[0].service.slug if hits else ""


@pytest.mark.parametrize(
    "text", ["Führerschein", "führerscheine", "FUEHRERSCHEIN", "fuhrerschein", "Füherschein", "Führersch"]
)
def test_umlauts_inflection_beginnings_and_typing_errors_do_not_matter(services, text):
    assert _first(text) == "fuehrer"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("ausweis", "pass"),  # the keyword itself before the end of a compound
        ("Steuermarken", "hund"),
        ("Kirche", "kirche"),
        ("Hundesteueranmeldung", "hund"),
        ("wo kann ich mein Gewerbe anmelden?", "gewerbe"),
    ],
)
def test_keywords_compounds_and_whole_questions(services, text, slug):
    assert _first(text) == slug


def test_the_answer_says_why(services):
    assert search("Führerschein").hits[0].why == "„Führerschein“ im Titel"
    assert search("Urlaub").hits[0].why == "„Urlaub“ in den Stichwörtern"
    assert search("Füherschein").hits[0].why == "ähnlich wie „Füherschein“: „Führerschein“ im Titel"
    assert search("Kirche").hits[0].why == "„Kirche“ passt zu „Kirchenaustritt“ im Titel"


def test_a_synonym_of_the_editors_counts_and_is_named(services):
    assert _first("Lappen") == ""
    search_index.put_synonym("Lappen", "Führerschein")
    hit = search("lappen").hits[0]
    assert (hit.service.slug, hit.matches[0].how) == ("fuehrer", How.SYNONYM)
    assert hit.why == "„lappen“ bedeutet „Führerschein“ im Titel"


def test_a_synonym_of_two_words_needs_both(services):
    search_index.put_synonym("Firma gründen", "Gewerbe-Anmeldung")
    assert _first("eine Firma gründen") == "gewerbe"
    assert _first("Firma") == ""


def test_what_is_not_public_is_not_found_even_before_the_index_knows(services):
    Service.objects.filter(slug="pass").update(public=False)
    assert "pass" not in {hit.service.slug for hit in search("Reisepass").hits}
    search_index.refresh(Service.objects.filter(slug="pass"))
    assert not SearchWord.objects.get(stem="reisepass").entries.exists()


def test_only_what_has_one_of_these_forms(services):
    Service.objects.filter(slug="hund").update(form_slug="hund")
    assert [hit.service.slug for hit in search("anmelden", forms=["hund"]).hits] == ["hund"]
    assert search("anmelden", forms=[]).hits == []


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "a\0b", "%", "'; drop table x; --", "x" * 10_000, "wort " * 2_000, "🐕", "\udcff"]
)
def test_no_text_breaks_the_search(services, text):
    search(text)


def test_a_search_takes_four_queries(services):
    with CaptureQueriesContext(connection) as captured:
        search("Führerschein im Ausland umschreiben")
    assert len(captured) == 4


def test_indexing_again_changes_nothing_and_forgets_old_words(services):
    before = set(SearchWord.objects.values_list("stem", "frequency"))
    search_index.refresh_all()
    assert set(SearchWord.objects.values_list("stem", "frequency")) == before
    Service.objects.filter(slug="hund").update(title="Katze", keywords="", description="")
    search_index.refresh_all()
    assert not SearchWord.objects.filter(stem="steuermark").exists()
    assert _first("Katze") == "hund"


@cityfiles.needed
def test_the_everyday_searches_find_their_service_among_the_first_five():
    call_command("services_import", *cityfiles.FILES, verbosity=0)
    call_command("directory_seed", verbosity=0)
    share, missed = recall_at_5()
    assert share >= 0.9, missed


def test_a_service_that_lacks_the_telling_word_falls_behind(services, kvr):
    rows = [
        Service.objects.create(slug=f"hund-{no}", title="Hund, Gassi und Leine", organisation=kvr) for no in range(20)
    ]
    rare = Service.objects.create(slug="zirkus", title="Tiere", keywords="Zirkushund", organisation=kvr)
    search_index.refresh([*rows, rare])
    assert _first("Hund und Zirkushund") == "zirkus"


def test_a_letter_before_a_hyphen_belongs_to_its_word(services, kvr):
    row = Service.objects.create(slug="taxi", title="Personenbeförderung", keywords="P-Schein", organisation=kvr)
    search_index.refresh([row])
    assert _first("P-Schein") == _first("pschein") == "taxi"
