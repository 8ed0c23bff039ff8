"""forms_lint, forms_import, forms_export and forms_replay: what they say, what they store, how they end."""

import json

import pytest
from django.core.management import CommandError, call_command

from forms_engine.definitions import actions, queries, replay
from forms_engine.definitions.models import Form, FormVersion, ReplayCase
from tests.forms_engine.definitions.conftest import SMALL

pytestmark = pytest.mark.django_db
CASES = """
form: klein
cases:
- name: Ein kurzer Wagen
  today: '2026-11-22'
  answers: {wahl: a, fahrzeuge: [{kennzeichen: M-AB 1, laenge: 400}]}
  expect: {pages: [anfang, wagen], fee_cents: 100}
"""


@pytest.fixture
def form(tmp_path):
    path = tmp_path / "klein.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def cases(tmp_path):
    path = tmp_path / "testdaten.yaml"
    path.write_text(CASES)
    return path


@pytest.fixture
def wrong(tmp_path):
    path = tmp_path / "falsch.yaml"
    path.write_text(SMALL.replace("title: Mehr", "titel: Mehr"))
    return path


def ended(*arguments, capsys) -> tuple[int, str]:
    """Exit code and what was said."""
    try:
        call_command(*map(str, arguments))
    except CommandError as error:
        return error.returncode, capsys.readouterr().out + str(error)
    return 0, capsys.readouterr().out


def test_the_linter_ends_with_zero_for_warnings_and_with_one_if_they_count(form, capsys):
    code, said = ended("forms_lint", form, capsys=capsys)
    assert code == 0 and "klein.yaml:16: Warnung: pages[0].title" not in said
    assert "Warnung: pages[0].title: Eine Seite mit einer Frage" in said and "(Regel F03)" in said
    assert ended("forms_lint", form, "--strict", capsys=capsys)[0] == 1


def test_the_linter_names_file_line_path_and_sentence(wrong, capsys):
    code, said = ended("forms_lint", wrong, capsys=capsys)
    line = SMALL.splitlines().index("    title: Mehr") + 1
    assert code == 1 and f"falsch.yaml:{line}: Fehler: pages[1].titel: Diesen Schlüssel gibt es hier nicht." in said


def test_yaml_that_cannot_be_read_has_its_line(tmp_path, capsys):
    path = tmp_path / "kaputt.yaml"
    path.write_text("form: klein\ntitle: [offen\n\n")
    code, said = ended("forms_lint", path, "--json", capsys=capsys)
    finding = json.loads(said[: said.rindex("}") + 1])["files"][0]["findings"][0]
    assert code == 1 and finding["line"] >= 2 and finding["level"] == "error"


def test_the_linter_reads_stored_forms_too(capsys):
    actions.publish("klein", SMALL, by=None)
    assert "klein, Fassung 1" in ended("forms_lint", "--form", "klein", capsys=capsys)[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["forms_lint"],
        ["forms_lint", "gibt-es-nicht.yaml"],
        ["forms_lint", "--form", "gibt-es-nicht"],
        ["forms_import", "gibt-es-nicht.yaml"],
        ["forms_export", "gibt-es-nicht"],
        ["forms_replay", "gibt-es-nicht"],
        ["forms_replay", "--number", "1"],
    ],
)
def test_wrong_calls_end_with_two(arguments, capsys):
    assert ended(*arguments, capsys=capsys)[0] == 2


def test_a_form_and_its_test_data_become_a_draft_in_any_order(form, cases, capsys):
    code, said = ended("forms_import", cases, form, capsys=capsys)
    assert (code, FormVersion.objects.get().state) == (0, "draft")
    assert "klein: Entwurf, Fassung 1." in said and "klein: 1 Testfälle." in said
    assert queries.replay_cases(Form.objects.get())[0] == replay.load(CASES).cases[0]


def test_the_same_file_again_makes_no_second_draft(form, capsys):
    ended("forms_import", form, capsys=capsys)
    assert "unverändert, Fassung 1" in ended("forms_import", form, capsys=capsys)[1]
    assert FormVersion.objects.count() == 1


def test_one_wrong_file_stores_nothing(form, wrong, cases, capsys):
    code, said = ended("forms_import", form, cases, wrong, capsys=capsys)
    assert code == 1 and "falsch.yaml:" in said
    assert not (Form.objects.exists() or ReplayCase.objects.exists())


def test_test_data_of_an_unknown_form_are_refused(cases, capsys):
    code, said = ended("forms_import", cases, "--json", capsys=capsys)
    assert code == 1 and "Das Formular „klein“ gibt es nicht" in said and not ReplayCase.objects.exists()


def test_a_trial_run_of_the_import_stores_nothing(form, capsys):
    assert ended("forms_import", form, "--dry-run", capsys=capsys)[0] == 0
    assert not Form.objects.exists()


def test_what_is_exported_is_what_was_imported(form, cases, tmp_path, capsys):
    ended("forms_import", form, cases, capsys=capsys)
    assert ended("forms_export", "klein", capsys=capsys)[1] == SMALL
    out = tmp_path / "aus.yaml"
    assert ended("forms_export", "klein", "--cases", "--out", out, capsys=capsys)[0] == 0
    assert replay.load(out.read_text()) == replay.load(CASES)
    assert json.loads(ended("forms_export", "klein", "--json", capsys=capsys)[1])["number"] == 1


def test_stored_test_data_are_held_against_a_version(form, cases, capsys):
    ended("forms_import", form, cases, capsys=capsys)
    assert ended("forms_replay", capsys=capsys) == (0, "klein, Fassung 1: 1 Testfälle, alles wie erwartet.\n")
    actions.write_draft("klein", SMALL.replace("cents: 100", "cents: 150"), by=None)
    assert ended("forms_replay", "klein", "--number", "1", capsys=capsys)[0] == 0
    code, said = ended("forms_replay", "klein", "--number", "2", capsys=capsys)
    assert code == 1 and "Die Gebühr in Cent ist 150, erwartet ist 100." in said


def test_files_are_held_against_files(form, cases, capsys):
    assert ended("forms_replay", "klein", "--file", form, "--cases", cases, capsys=capsys)[0] == 0


@pytest.mark.slow
def test_the_test_data_of_the_catalogue_hold(capsys):
    code, said = ended("forms_replay", "--catalogue", "--json", capsys=capsys)
    assert code == 0 and len(json.loads(said)["forms"]) == len(list(replay.CASES.glob("*.yaml")))


def test_publishing_is_blocked_by_test_data_that_do_not_follow(form, cases, capsys):
    ended("forms_import", form, cases, capsys=capsys)
    with pytest.raises(actions.ReplayFailed, match="laufen nicht mehr durch") as failed:
        actions.publish("klein", SMALL.replace("cents: 100", "cents: 150"), by=None)
    assert failed.value.sentences == ["„Ein kurzer Wagen“: Die Gebühr in Cent ist 150, erwartet ist 100."]
    assert not FormVersion.objects.filter(state="published").exists()
    assert actions.publish("klein", SMALL, by=None).state == "published"
