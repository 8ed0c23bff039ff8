"""Scanned before opened, filed only by a code, and whatever breaks in between lies where it lay."""

import io
import random
from collections import Counter

import pytest
import segno
from PIL import Image

from forms_engine.cases import returning
from forms_engine.cases.models import CaseDocument
from forms_engine.intake import filing, handlers, sample, working
from forms_engine.intake.models import InboundItem, Source
from forms_engine.intake.states import State
from portal.documents import store
from portal.documents.scans import queue as scans
from portal.documents.scans.base import Unavailable
from portal.documents.scans.signatures import EICAR
from tests.forms_engine.intake.conftest import arrived, mail, workers

pytestmark = pytest.mark.django_db


class NobodyAnswers:
    def scan(self, pieces):
        raise Unavailable("Der Virenscanner ist nicht erreichbar.")

    def version(self):
        raise Unavailable("Der Virenscanner ist nicht erreichbar.")


def letter(code: str, kind: str = "PNG") -> bytes:
    """A scanned page with a printed code."""
    target = io.BytesIO()
    segno.make(code, error="m", micro=False).save(target, kind="png", scale=6, border=4)
    page = Image.new("L", (800, 1100), 255)
    page.paste(Image.open(target).convert("L"), (80, 120))
    page.save(scan := io.BytesIO(), kind)
    return scan.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "PDF"])
def test_a_scanned_letter_files_itself_by_its_printed_code(asked, kind):
    item = arrived(letter(returning.code(asked), kind), source=Source.SCAN, facts={"name": "scan-1"})
    workers()
    item.refresh_from_db()
    assert (item.state, item.case) == (State.FILED, asked.case)
    assert CaseDocument.objects.get(case=asked.case).request == asked


@pytest.mark.slow
def test_a_made_up_code_is_left_to_a_person(asked):
    made_up = returning.code(asked)[:-1] + ("2" if returning.code(asked)[-1] != "2" else "3")
    item = arrived(mail(f"Re: {made_up}"))
    workers()
    item.refresh_from_db()
    assert (item.state, item.case) == (State.TRIAGE, None) and not CaseDocument.objects.exists()


@pytest.mark.slow
def test_a_file_number_alone_is_only_a_hint(asked):
    item = arrived(mail(f"Zu {asked.case.number}"))
    workers()
    item.refresh_from_db()
    assert (item.state, item.suggested) == (State.TRIAGE, asked.case)
    assert item.team and item.team.name == "Parkausweise"


@pytest.mark.slow
def test_the_code_counts_in_the_address_behind_the_plus(asked):
    item = arrived(mail(to=f"eingang+{returning.code(asked).lower()}@stadt.invalid"))
    workers()
    item.refresh_from_db()
    assert item.state == State.FILED


@pytest.mark.slow
def test_two_codes_in_one_mail_are_left_to_a_person(asked, bob, clara):
    item = arrived(mail(f"{returning.code(asked)} {returning._code(asked.pk + 1)}"))
    workers()
    item.refresh_from_db()
    assert item.state == State.TRIAGE and "mehrere" in item.problem


@pytest.mark.slow
@pytest.mark.parametrize("inside", [False, True])
def test_what_the_scanner_finds_is_locked_and_never_filed(asked, inside):
    data = mail(returning.code(asked), attachments=[("a.bin", "application/octet-stream", EICAR)] if inside else ())
    item = arrived(data if inside else EICAR + data)
    workers()
    item.refresh_from_db()
    assert item.state == State.QUARANTINED and not CaseDocument.objects.exists()


@pytest.mark.slow
def test_a_false_alarm_goes_on_where_it_was_stopped(asked):
    item = arrived(mail(returning.code(asked), attachments=[("a.bin", "application/octet-stream", EICAR)]))
    workers()
    part = item.parts.get()
    scans.release(part.stored, by="x", why="geprüft")
    working.sweep_items()
    workers()
    item.refresh_from_db()
    assert item.state == State.FILED and CaseDocument.objects.count() == 3


@pytest.mark.slow
def test_a_scanner_that_is_away_never_means_clean(asked, settings):
    settings.SCANNER = "tests.forms_engine.intake.test_working.NobodyAnswers"
    item = arrived(mail(returning.code(asked)))
    workers()
    item.refresh_from_db()
    assert item.state == State.RECEIVED and "Virenprüfung" in item.problem
    settings.SCANNER = "portal.documents.scans.signatures.SignatureScanner"
    scans.again(type(item.raw).objects.all())
    workers()
    item.refresh_from_db()
    assert item.state == State.FILED


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"MZ\x90\x00", b"hello"])
def test_what_nobody_knows_is_shown_to_a_person(db, data):
    item = arrived(data, source=Source.SCAN)
    workers()
    item.refresh_from_db()
    assert item.state == State.TRIAGE and "unbekannt" in item.problem and store.read(item.raw) == data


@pytest.mark.slow
@pytest.mark.parametrize("at", ["_read", "_texts", "receipts.owe"])
def test_a_worker_that_dies_in_between_loses_and_doubles_nothing(asked, monkeypatch, at):
    """The exception stands for the kill: nothing of the open transaction is left."""
    target = working.receipts if "." in at else working
    right = getattr(target, at.rpartition(".")[2])
    monkeypatch.setattr(target, at.rpartition(".")[2], lambda *a: (_ for _ in ()).throw(KeyboardInterrupt))
    item = arrived(mail(returning.code(asked), attachments=[("a.txt", "text/csv", b"1;2")]))
    with pytest.raises(KeyboardInterrupt):
        workers()
    monkeypatch.setattr(target, at.rpartition(".")[2], right)
    workers()
    item.refresh_from_db()
    assert item.state == State.FILED and CaseDocument.objects.count() == 3


def test_a_slow_worker_whose_lease_ran_out_writes_nothing(asked, monkeypatch):
    item = arrived(mail(returning.code(asked)))
    workers_before = working._read

    def overtaken(*args):
        InboundItem.objects.update(fence=99)
        return workers_before(*args)

    monkeypatch.setattr(working, "_read", overtaken)
    scans.scan(item.raw_id)
    assert not working.work(item.pk)
    item.refresh_from_db()
    assert item.state == State.RECEIVED and not item.parts.exists()


def test_a_poisoned_item_ends_with_a_person_after_some_tries(db):
    item = arrived(mail())
    scans.scan(item.raw_id)
    InboundItem.objects.update(attempts=working.MAX_ATTEMPTS)
    working.work(item.pk)
    item.refresh_from_db()
    assert item.state == State.TRIAGE and "abgebrochen" in item.problem


@pytest.mark.slow
def test_what_lay_aside_for_ninety_days_is_emptied(asked, clara):
    item = arrived(mail("Werbung"))
    workers()
    item.refresh_from_db()
    filing.set_aside(item, filing.SetAsideReason.SPAM, by=clara)
    assert filing.sweep_aside() == 0
    InboundItem.objects.update(changed_at="2020-01-01T00:00Z")
    assert filing.sweep_aside() == 1
    item.refresh_from_db()
    assert item.wrapped_key is None and not item.sealed and item.raw.destroyed_at


@pytest.mark.slow
def test_what_was_filed_goes_with_its_case(asked):
    item = arrived(mail(returning.code(asked)))
    workers()
    handlers.case_disposed(str(asked.case.public_id))
    handlers.case_disposed(str(asked.case.public_id))
    item.refresh_from_db()
    assert (item.state, item.wrapped_key, bytes(item.sealed)) == (State.FILED, None, b"") and item.raw.destroyed_at


def test_the_demo_brings_two_mails_once(db):
    sample.seed_demo()
    sample.seed_demo()
    workers()
    assert [item.state for item in InboundItem.objects.all()] == [State.TRIAGE] * 2
    assert not InboundItem.objects.exclude(notice_due_at=None).exists()


@pytest.mark.slow
def test_of_three_hundred_broken_mails_none_is_lost_and_none_breaks_the_worker(asked):
    """received = filed + waiting + set aside + duplicates, whatever the bytes are."""
    chance = random.Random(7)
    whole = mail(returning.code(asked), "Anbei", [("a.csv", "text/csv", b"1;2\n" * 50)])
    sent = [whole]
    for _ in range(300):
        broken = bytearray(whole)
        for _ in range(chance.randrange(1, 40)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        sent.append(bytes(broken[: chance.randrange(20, len(broken))]))
    received = [arrived(data, name=f"n:{number}") for number, data in enumerate([*sent, *sent[:20]])]
    workers()
    counts = Counter(InboundItem.objects.values_list("state", flat=True))
    assert sum(counts.values()) == len(received) == 321
    assert set(counts) <= {State.FILED, State.TRIAGE, State.DUPLICATE} and counts[State.DUPLICATE] >= 20
    assert not InboundItem.objects.filter(state=State.TRIAGE, problem="").exists()
