"""What operators do with one person's data by command: said in a sentence or as JSON, and ended with 1 if refused."""

import io
import json
import subprocess
import sys
import zipfile

import pytest
from django.core.management import CommandError, call_command

from portal.accounts import mandates
from portal.accounts.models import Evidence, User
from tests import make
from tests.faults.processes import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"


def told(*command: str, **options) -> dict:
    out = io.StringIO()
    call_command(*command, json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def test_the_export_tells_file_and_size(alice, tmp_path):
    path = tmp_path / "alice.zip"
    answer = told("users_export", alice.email.upper(), out=path)
    assert answer == {"user": str(alice.public_id), "file": str(path), "bytes": path.stat().st_size}
    assert "konto.json" in zipfile.ZipFile(path).namelist() or zipfile.ZipFile(path).namelist()
    assert path.stat().st_mode & 0o077 == 0


def test_an_export_to_nowhere_is_a_sentence_and_leaves_nothing(alice, tmp_path):
    with pytest.raises(CommandError, match="lässt sich nicht schreiben"):
        told("users_export", alice.email, out=tmp_path / "gibt" / "es" / "nicht.zip")


def test_what_a_broken_attempt_left_is_named(alice, tmp_path):
    (tmp_path / "a.zip.part").touch()
    with pytest.raises(CommandError, match="früheren Versuch"):
        told("users_export", alice.email, out=tmp_path / "a.zip")


@pytest.mark.parametrize("command", ["users_export", "users_delete"])
@pytest.mark.parametrize("who", ["niemand@stadt.invalid", "7d2a8f50-0000-4000-8000-000000000000", "kein Name", ""])
def test_somebody_unknown_is_a_sentence(command, who):
    with pytest.raises(CommandError, match="Dieses Konto gibt es nicht"):
        told(command, who)


def test_deleting_tells_who_is_gone(alice):
    assert told("users_delete", alice.email) == {
        "dry_run": False, "user": str(alice.public_id), "deleted": True, "reasons": [],
    }  # fmt: skip
    assert not User.objects.get(pk=alice.pk).is_active


def test_a_running_case_keeps_the_account_and_is_named(alice):
    case = make.case(alice)
    answer = told("users_delete", alice.email, dry_run=True)
    assert answer["deleted"] is False and case.number in answer["reasons"][0]
    with pytest.raises(CommandError, match="wird noch gebraucht"):
        told("users_delete", alice.email)
    assert User.objects.get(pk=alice.pk).email == alice.email


def test_staff_are_not_deleted_by_command(clara):
    assert "gehört zu Ihrem Arbeitsplatz" in told("users_delete", clara.email, dry_run=True)["reasons"][0]


@pytest.mark.slow
def test_refused_means_exit_code_1_and_no_traceback(tmp_path):
    command = [sys.executable, "manage.py", "users_delete"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, env={"PATH": "", "PORTAL_DEMO": "1"}
    )
    assert done.returncode != 0 and "Traceback" not in done.stderr


@pytest.mark.parametrize("who", [{"principal": "bob"}, {"given": "Ida", "family": "Muster", "born": "1950-05-01"}])
def test_a_checked_guardian_is_entered_for_somebody_with_or_without_an_account(alice, bob, clara, who):
    if "principal" in who:
        who = {"principal": bob.email}
    words = [f"--{name}={value}" for name, value in (who | {"by": clara.email, "ends": "2027-03-31"}).items()]
    answer = told("guardian_appoint", alice.email, *words)
    [made] = mandates.of(alice)
    assert answer == {
        "mandate": str(made.public_id),
        "agent": str(alice.public_id),
        "ends": "2027-03-31",
        "principal": str(made.principal.public_id),
    }
    assert (made.evidence, made.ends.isoformat()) == (Evidence.CHECKED, "2027-03-31")


@pytest.mark.parametrize(("changed", "sentence"), [
    ({}, "Nennen Sie die betreute Person"),
    ({"principal": "bob", "given": "Ida", "family": "Muster"}, "Nennen Sie die betreute Person"),
    ({"principal": "alice"}, "nur eine andere Person"),
    ({"principal": "bob", "by": "bob"}, "bei der Stadt"),
    ({"principal": "bob", "ends": "1999-01-01"}, "in der Vergangenheit"),
    ({"principal": "bob", "ends": "morgen"}, "kein Tag"),
    ({"principal": "niemand"}, "gibt es nicht"),
])  # fmt: skip
def test_a_guardian_who_cannot_be_one_is_refused_with_a_sentence(alice, bob, clara, changed, sentence):
    people = {"alice": alice.email, "bob": bob.email, "niemand": "niemand@stadt.invalid"}
    options = {"by": clara.email} | {name: people.get(value, value) for name, value in changed.items()}
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    with pytest.raises(CommandError, match=sentence):
        call_command("guardian_appoint", alice.email, *arguments)
    assert not mandates.of(alice)
