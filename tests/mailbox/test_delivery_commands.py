"""The operators' commands around deliveries: what they say, what they refuse, and what a dry run leaves alone."""

import json

import pytest
from django.core.management import CommandError, call_command

from mailbox.models import Dispatch
from portal.common import clock
from tests.mailbox.test_deliveries import consented, decide, later, told  # noqa: F401 - fixtures
from tests.mailbox.test_letters import HEAD, decision, folder, queued  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


def run(capsys, *args, at=None):
    with clock.frozen(at or later(5)):
        call_command(*args)
    return capsys.readouterr().out


def test_what_is_due_is_done_once_and_only_counted_before(consented, decide, capsys):  # noqa: F811 - fixtures
    delivery = told(decide())
    assert json.loads(run(capsys, "deliver_due", "--dry-run", "--json")) == {"due": 1, "moved": {}}
    assert "bekannt gegeben: 1" in run(capsys, "deliver_due")
    assert run(capsys, "deliver_due").startswith("0 Zustellungen fällig")
    delivery.refresh_from_db()
    assert delivery.state == "announced"


def test_the_status_counts_and_names_what_stands_still(consented, decide, capsys):  # noqa: F811 - fixtures
    told(decide())
    decide(notify="", order=None)
    figures = json.loads(run(capsys, "deliveries_status", "--json"))
    assert (figures["deliveries"]["notice_sent"], figures["due_now"]) == (1, 1)
    words = run(capsys, "deliveries_status")
    assert "Zustellungen, Hinweis versandt: 1" in words


def test_letters_are_spooled_and_reconciled(queued, folder, capsys, tmp_path):  # noqa: F811 - fixtures
    assert run(capsys, "letters_spool", "--dry-run").startswith("1 Briefe fällig, 0 übergeben")
    assert run(capsys, "letters_spool").startswith("1 Briefe fällig, 1 übergeben")
    answer = tmp_path / "antwort.csv"
    answer.write_text(f"\ufeff{HEAD}\n{queued.public_id};posted;2026-11-09;L1;\n", encoding="utf-8")
    assert run(capsys, "letters_reconcile", str(answer), at=later(12)).startswith("1 aufgegeben")
    assert run(capsys, "letters_reconcile", str(answer), at=later(12)).startswith("0 aufgegeben, 0 zurückgekommen, 1")
    queued.refresh_from_db()
    assert queued.state == "letter_handed"


def test_silence_of_the_shop_is_seen(queued, folder, capsys):  # noqa: F811 - fixtures
    run(capsys, "letters_spool")
    assert f"Ohne Antwort der Gegenseite: {queued.public_id}" in run(capsys, "deliveries_status", at=later(11))


def test_a_letter_that_failed_ends_with_one(queued, settings, capsys):  # noqa: F811 - the fixture
    Dispatch.objects.update(attempts=47)
    settings.MAILBOX_SPOOL = settings.BASE_DIR / "manage.py"
    with pytest.raises(SystemExit) as ended:
        run(capsys, "letters_spool")
    assert ended.value.code == 1
    assert "Steht still" in run(capsys, "deliveries_status")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["deliver_due", "--limit", "0"], "Zahl ab 1"),
        (["letters_spool", "--limit", "-1"], "Zahl ab 1"),
        (["letters_reconcile", "/gibt/es/nicht.csv"], "lässt sich nicht lesen"),
        (["letters_reconcile", __file__], "Es fehlen die Spalten"),
    ],
)
def test_wrong_calls_are_refused_with_a_sentence(call, said):
    with pytest.raises(CommandError, match=said) as refused:
        call_command(*call)
    assert refused.value.returncode == 2


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("letters_reconcile", str(tmp_path / "a.csv"))


def test_without_a_folder_letters_are_not_spooled(settings):
    settings.MAILBOX_SPOOL = None
    with pytest.raises(CommandError, match="PORTAL_MAILBOX_SPOOL"):
        call_command("letters_spool")
