"""The measure of the search: one figure that everybody can have again."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from portal.directory import recall, search_index
from portal.directory.models import Service
from tests import cityfiles

pytestmark = pytest.mark.django_db
TWO_HUNDRED = "tests/portal/directory/two_hundred.yaml"


@pytest.fixture
def services(kvr) -> None:
    rows = [Service.objects.create(slug=slug, title=slug, organisation=kvr) for slug in ("hund", "katze")]
    search_index.refresh(rows)


def test_a_right_answer_counts_from_its_place_on(services):
    found = recall.measure([recall.Question("Hund", ["hund"]), recall.Question("Hund Katze", ["katze"])])
    assert found.at(5) == 1.0
    assert found.asked[0].rank == 1


def test_without_a_right_answer_nothing_counts(services):
    found = recall.measure([recall.Question("Hund", ["katze"])])
    assert (found.at(1), found.at(5), found.asked[0].rank) == (0.0, 0.0, 0)


def test_the_command_reports_each_question(services, tmp_path):
    path, out = tmp_path / "fragen.yaml", io.StringIO()
    path.write_text('- {query: Hund, right: ["hund"]}\n- {query: Vogel, right: ["hund"]}')
    call_command("services_recall", path, "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["questions"], told["recall_at_1"], told["recall_at_5"]) == (2, 0.5, 0.5)


@pytest.mark.parametrize("text", ["[", "a: b", "- {query: 5, right: [a]}", "- {query: Hund, right: []}", "- Hund"])
def test_a_file_that_holds_no_questions_is_refused(text, tmp_path):
    path = tmp_path / "fragen.yaml"
    path.write_text(text)
    with pytest.raises(CommandError, match="query und right"):
        call_command("services_recall", path)


@cityfiles.needed
@pytest.mark.slow
def test_the_two_hundred_everyday_questions_are_answered():
    call_command("services_import", *cityfiles.FILES, stdout=io.StringIO())
    call_command("directory_seed", stdout=io.StringIO())
    out = io.StringIO()
    call_command("services_recall", TWO_HUNDRED, "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["questions"] == 200
    assert told["recall_at_5"] >= 0.9 and told["recall_at_1"] >= 0.7
