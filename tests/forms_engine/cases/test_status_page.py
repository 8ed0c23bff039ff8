"""The status of a case without an account: by number and code, and by nothing else."""

import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from forms_engine.cases import codes, fees, flow
from forms_engine.cases.models import Case, Paper
from mailbox.models import Message
from mailbox.queries import letter
from portal.accounts.models import SignInAttempt
from portal.audit.models import AuditEntry
from portal.common import clock
from tests import make
from tests.portal.accounts.test_mandates import signed_in

WRONG = "2222-2222-2222"
UNKNOWN = "Aktenzeichen und Statuscode passen nicht zusammen"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"


@pytest.fixture
def sent(alice) -> Case:
    return make.case(alice)


def ask(number: str, code: str, client: Client | None = None, status: int = 200) -> str:
    answer = (client or Client()).post("/stand/", {"number": number, "code": code})
    assert answer.status_code == status
    return html.unescape(answer.content.decode())


def test_number_and_code_tell_where_the_case_stands_and_no_more(sent, alice):
    page = ask(sent.number, sent.fresh_code)
    assert "Zahlung offen" in page and "Antrag eingegangen" in page and "Gebühr bezahlen" in page
    for secret in (alice.given_name, alice.family_name, "M-AB 1234", "Fraunhofer", "Bewohnerparkausweis</h1>"):
        assert secret not in page


def test_both_may_be_typed_as_people_type(sent):
    assert "So weit ist der Antrag" in ask(sent.number.lower().replace("-", " "), f" {sent.fresh_code.lower()} ")


def test_unknown_number_and_wrong_code_cannot_be_told_apart(sent):
    wrong, unknown = Client(), Client()
    pages = []
    for client, number in ((wrong, sent.number), (unknown, "KVR-2026-000999-0")):
        with CaptureQueriesContext(
            connection,
        ) as work:
            page = ask(_checked(number), WRONG, client, 422)
        pages.append((re.sub(r"KVR-[\d-]+|token\" value=\"\w+", "", page), len(work), _counted()))
    assert pages[0][:2] == pages[1][:2] and UNKNOWN in pages[0][0]


def _checked(number: str) -> str:
    """The number with the right last digit, so that only its being unknown counts."""
    return next(n for d in "0123456789" if (n := codes.references.canonical_file_number(number[:-1] + d)))


def _counted() -> int:
    return SignInAttempt.objects.count()


def test_what_is_no_number_or_no_code_is_said_without_a_look(sent):
    page = ask("KVR-1", "abc", status=422)
    assert "Geben Sie das Aktenzeichen so ein" in page and "Der Statuscode hat zwölf Zeichen" in page
    page = ask("", "", status=422)
    assert "Geben Sie das Aktenzeichen ein" in page and "Geben Sie den Statuscode ein" in page
    assert _counted() == 0


def test_guessing_is_stopped_and_neither_a_restart_nor_another_address_forgives(sent, monkeypatch):
    monkeypatch.setattr(codes, "PER_ADDRESS", 2)
    for _ in range(2):
        ask(sent.number, WRONG, status=422)
    assert "Bitte warten Sie fünf Minuten" in ask(sent.number, sent.fresh_code, status=429)
    monkeypatch.setattr(codes, "PER_ADDRESS", 100)
    monkeypatch.setattr(codes, "PER_NUMBER", 2)
    assert "Bitte warten Sie" in ask(sent.number, sent.fresh_code, status=429)
    with clock.frozen(clock.now() + codes.limits.WINDOW):
        assert "So weit ist der Antrag" in ask(sent.number, sent.fresh_code)


def test_looking_often_with_the_right_code_is_no_guessing(sent, monkeypatch):
    monkeypatch.setattr(codes, "PER_ADDRESS", 1)
    for _ in range(3):
        ask(sent.number, sent.fresh_code)
    assert _counted() == 0


def test_each_look_is_written_down_and_the_person_reads_of_it(sent, alice):
    ask(sent.number, sent.fresh_code)
    ask(sent.number, WRONG, status=422)
    rows = AuditEntry.objects.filter(subject=f"case:{sent.public_id}", action__startswith="case.status")
    assert sorted(rows.values_list("action", flat=True)) == ["case.status_read", "case.status_refused"]
    page = html.unescape(signed_in(alice).get("/konto/daten/zugriffe/").content.decode())
    assert page.count("Stand mit dem Statuscode abgefragt") == 1


@pytest.mark.slow
def test_only_a_keyed_hash_is_kept_once_the_message_is_posted(sent):
    make.work()
    row, paper = Case.objects.get(), Paper.objects.get()
    assert re.fullmatch("[0-9a-f]{64}", row.status_code_hash) and bytes(paper.code_sealed) == b""
    message = Message.objects.select_related("mailbox__user").get(pk=paper.message_id)
    assert sent.fresh_code in letter(message).body
    assert sent.fresh_code not in str(paper.payload())  # what the paper prints


def test_the_page_after_sending_shows_the_code_once(alice):
    draft, client = make.draft(alice), signed_in(alice)
    first = client.post(f"/antrag/{draft.public_id}/pruefen/", {"stand": draft.version}, follow=True)
    [code] = re.findall(r"p-nowrap\">([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})<", first.content.decode())
    assert code not in client.get(first.redirect_chain[-1][0]).content.decode()
    assert "So weit ist der Antrag" in ask(Case.objects.get().number, code)


@pytest.mark.slow
def test_a_new_code_ends_the_old_one_and_nobody_else_gets_one(sent, alice, bob):
    path = f"/vorgaenge/{sent.public_id}/statuscode/"
    assert signed_in(bob).post(path).status_code == 404
    page = signed_in(alice).post(path, follow=True).content.decode()
    [code] = re.findall(r"p-nowrap\">([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})<", page)
    assert UNKNOWN in ask(sent.number, sent.fresh_code, status=422)
    assert "So weit ist der Antrag" in ask(sent.number, code)


def test_long_after_the_end_the_code_opens_nothing(sent, alice):
    flow.withdraw(sent, by=alice)
    fees.cancel(Case.objects.get())
    assert "Zurückgezogen" in ask(sent.number, sent.fresh_code)
    with clock.frozen(clock.now() + codes.ANSWERS_AFTER_END):
        assert UNKNOWN in ask(sent.number, sent.fresh_code, status=422)


def test_a_case_without_a_code_opens_with_nothing(sent):
    Case.objects.update(status_code_hash="")
    assert UNKNOWN in ask(sent.number, sent.fresh_code, status=422)
