import json

import pytest
from django.core.management import CommandError, call_command

from forms_engine.definitions.models import FormVersion
from tests.forms_engine.definitions.conftest import SMALL

pytestmark = pytest.mark.django_db


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "gut.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def wrong(tmp_path):
    path = tmp_path / "falsch.yaml"
    path.write_text(SMALL.replace("cents: 100", "cents: -1").replace("title: Mehr", "titel: Mehr"))
    return path


def test_a_good_file_is_published_and_said_so(good, capsys):
    call_command("forms_publish", str(good))
    assert "klein: Fassung 1 ist veröffentlicht." in capsys.readouterr().out
    assert FormVersion.objects.get().author is None


def test_a_dry_run_publishes_nothing(good, capsys):
    call_command("forms_publish", str(good), "--dry-run")
    assert "Probelauf" in capsys.readouterr().out
    assert not FormVersion.objects.exists()


def test_one_wrong_file_among_good_ones_publishes_nothing(good, wrong, capsys):
    with pytest.raises(CommandError, match="Nichts wurde veröffentlicht") as failed:
        call_command("forms_publish", str(good), str(wrong))
    assert failed.value.returncode == 1 and not FormVersion.objects.exists()
    said = capsys.readouterr().out
    assert "fee.tiers[0].cents: Die Zahl ist zu klein." in said
    assert "pages[1].titel: Diesen Schlüssel gibt es hier nicht." in said


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_ends_with_two(tmp_path, content):
    path = tmp_path / "fehlt.yaml"
    if content:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=r"fehlt\.yaml") as failed:
        call_command("forms_publish", str(path))
    assert failed.value.returncode == 2


def test_two_files_for_one_form_are_refused(good, tmp_path):
    (tmp_path / "zwei.yaml").write_text(SMALL + "\n")
    with pytest.raises(CommandError) as failed:
        call_command("forms_publish", str(good), str(tmp_path / "zwei.yaml"))
    assert failed.value.returncode == 1 and not FormVersion.objects.exists()


def test_json_tells_programs_what_happened(good, wrong, capsys):
    call_command("forms_publish", str(good), "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] and said["files"][0]["number"] == 1 and len(said["files"][0]["sha256"]) == 64
    with pytest.raises(CommandError):
        call_command("forms_publish", str(wrong), "--json")
    said = json.loads(capsys.readouterr().out)
    assert not said["ok"] and {"path", "text"} == said["files"][0]["problems"][0].keys()


def test_without_a_file_it_asks_for_one():
    with pytest.raises(CommandError, match="mindestens eine Datei") as failed:
        call_command("forms_publish")
    assert failed.value.returncode == 2


@pytest.mark.slow
def test_the_catalogue_can_be_published(capsys):
    call_command("forms_publish", "--catalogue")
    assert "bewohnerparkausweis: Fassung 1" in capsys.readouterr().out


def test_the_schema_is_printed_for_editors(capsys):
    call_command("forms_publish", "--schema")
    assert json.loads(capsys.readouterr().out)["title"] == "FormDefinition"
