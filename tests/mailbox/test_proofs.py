"""The proof of service: drawn once per rest, sealed, fit for the archive, and enough to reckon the day again."""

import datetime as dt
import io
import json

import pikepdf
import pypdf
import pytest

from mailbox import legal_clock, proofs
from mailbox.models import Proof
from mailbox.rules import Rule
from portal.audit import actions as audit
from portal.common import clock
from portal.documents import seal, store
from portal.documents.render import check_pdf
from tests.mailbox.test_bounces import taken
from tests.mailbox.test_deliveries import FRIDAY, consented, decide, later, opened, swept, told  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def announced(consented, decide, pdf):  # noqa: F811 - the fixtures
    return swept(told(decide(attachments=[(pdf, "Bescheid.pdf")])), later(5))


def drawn(delivery):
    proof = delivery.proofs.last()
    assert proofs.draw(proof.pk)
    proof.refresh_from_db()
    return store.read(proof.stored)


def embedded(data: bytes) -> dict:
    with pikepdf.open(io.BytesIO(data)) as file:
        return json.loads(file.attachments[proofs.JSON_NAME].get_file().read_bytes())


def test_it_is_sealed_and_fit_for_the_archive_and_any_change_shows(announced):
    data = drawn(announced)
    assert seal.verify(data).valid
    assert not seal.verify(data[:200] + bytes([data[200] ^ 1]) + data[201:]).valid
    assert check_pdf(data) == []


def test_the_day_can_be_reckoned_again_from_what_is_inside(announced):
    facts = embedded(drawn(announced))
    sent = next(event for event in facts["events"] if event["kind"] == "notice_sent")
    day = dt.datetime.fromisoformat(sent["at"]).date()
    assert legal_clock.announced(Rule.thawed(facts["rule"]), day).day.isoformat() == facts["announced_on"]
    assert facts["announced_on"] == FRIDAY.isoformat()


@pytest.mark.slow
def test_it_names_consent_files_chain_and_steps(announced, pdf):
    while audit.link():
        pass
    facts = embedded(drawn(announced))
    assert facts["consent"]["version"] == 1
    assert [file["sha256"] for file in facts["files"]] == [pdf.sha256]
    assert all(entry["hash"] for entry in facts["chain"])
    assert [event["to"] for event in facts["events"] if event["to"]][-1] == "announced"


def test_people_read_the_same_in_words(announced):
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(drawn(announced))).pages)
    for words in ("Zustellnachweis", "Art. 24 BayDiG", "Hinweis versandt", "Montag, 02.11.2026", "6. November 2026"):
        assert words in text


def test_it_is_drawn_once_and_a_stalled_worker_keeps_nothing(announced):
    held = proofs._claim(announced.proofs.get().pk)
    assert not proofs.draw(held.pk)  # the lease holds
    with clock.frozen(clock.now() + proofs.LEASE + dt.timedelta(minutes=1)):
        assert proofs.draw(held.pk)
    assert not proofs.draw(held.pk)
    assert Proof.objects.get().stored


def test_what_happens_later_makes_another_proof_and_leaves_the_first(announced):
    first = drawn(announced)
    notice = announced.message.notices.get(plan_day=0)
    from tests.mailbox.test_bounces import dsn

    taken(dsn(notice.mail_id))
    assert announced.proofs.count() == 1  # a letter is under way: nothing rests yet
    assert embedded(first)["announced_on"] == FRIDAY.isoformat()


def test_without_the_key_of_the_mailbox_the_subject_is_gone_and_the_proof_stands(announced):
    box = announced.message.mailbox
    box.wrapped_key = None
    box.save(update_fields=["wrapped_key"])
    assert embedded(drawn(announced))["subject"] == "Neue Nachricht"
