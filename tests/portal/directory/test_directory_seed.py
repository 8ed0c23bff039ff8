"""The operator's command."""

import json

import pytest
from django.core.management import CommandError, call_command

from portal.directory.models import Office

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_it_counts_in_words(capsys):
    call_command("directory_seed")
    assert "Dienststellen: 19 neu, 0 geändert, 0 unverändert" in capsys.readouterr().out


@pytest.mark.slow
def test_it_counts_for_machines(capsys):
    call_command("directory_seed", "--json")
    assert json.loads(capsys.readouterr().out)["offices"] == {"created": 19, "updated": 0, "unchanged": 0}


@pytest.mark.slow
def test_a_dry_run_says_so_and_writes_nothing(capsys):
    call_command("directory_seed", "--dry-run")
    assert "nichts gespeichert" in capsys.readouterr().out
    assert not Office.objects.exists()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"fehlt\.yaml gibt es nicht") as error:
        call_command("directory_seed", tmp_path / "fehlt.yaml")
    assert error.value.returncode == 1


def test_one_wrong_file_of_several_writes_nothing(tmp_path):
    good, bad = tmp_path / "a.yaml", tmp_path / "b.yaml"
    good.write_text("organisations: [{short: AB, name: Amt}]")
    bad.write_text("offices: 1")
    with pytest.raises(CommandError, match=r"b\.yaml: offices: Schreiben Sie eine Liste"):
        call_command("directory_seed", good, bad)
    assert not Office.objects.exists()


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(CommandError, match="nicht lesbar"):
        call_command("directory_seed", tmp_path / "a.yaml")
