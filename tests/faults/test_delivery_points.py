"""Struck between the mail that came back and the day that counts: one letter, one day, one proof."""

import datetime as dt
import hashlib
import json
import os
import time

import pytest
from django.core.management import call_command

from mailbox import deliveries, sending
from mailbox.models import Delivery, Dispatch, Kind, Proof
from portal.common import clock
from portal.documents import seal, store, sweeping
from portal.documents.render import render_pdf
from tests.faults.test_points import House, assert_chains_hold, points
from tests.faults.test_story import _files, env  # noqa: F401 - fixtures
from tests.faults.victim import STEPS
from tests.mailbox.conftest import mail_server, post, rule_table  # noqa: F401 - fixtures
from tests.mailbox.test_bounces import dsn
from tests.mailbox.test_letters import HEAD

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
WINDOW = ("Alice Ammer", "Fraunhoferstraße 12", "80469 München")
LONG_AGO = dt.timedelta(hours=1)


@pytest.fixture
def house(env, tmp_path, request, settings):  # noqa: F811 - the fixture
    settings.MAILBOX_SPOOL = tmp_path / "spool"
    return House(request.param, None, env | {"PORTAL_MAILBOX_SPOOL": str(settings.MAILBOX_SPOOL)}, tmp_path)


@pytest.fixture
def delivery(post, rule_table, mail_server):  # noqa: F811 - the fixtures
    """A decision whose notice the mail server took."""
    context = {"sender": {"name": "Stadt"}, "recipient": {"name": "Alice"}, "date": clock.today(), "contact": {}}
    letter = render_pdf("documents/letter.html", context, title="Bescheid", created=clock.now())
    stored = store.put(letter, media_type="application/pdf")
    message = post(kind=Kind.DECISION, attachments=[(stored, "Bescheid.pdf")], order=deliveries.Order(WINDOW))
    sending.send_notice(message.notices.get().pk)
    return message.delivery


def happens(house: House, step: str, *arguments: object) -> None:
    """The step; if this is its turn by a process that is struck on its way, and by another one an hour later."""
    if not house.strikes(step):
        STEPS[step](*map(str, arguments))
        return
    house.dies(step, *arguments)
    over = clock.now() - LONG_AGO
    Dispatch.objects.filter(state="sending").update(lease_until=over)
    Dispatch.objects.filter(state="queued").update(due_at=over)
    Proof.objects.filter(stored=None).update(due_at=over)
    assert house.starts(step, *arguments).wait(120) == 0


def reported(folder, mail_id: str):
    folder.mkdir()
    report = folder / "1.eml"
    report.write_bytes(dsn(mail_id))
    settled = time.time() - LONG_AGO.total_seconds()
    os.utime(report, (settled, settled))
    return folder


def answered(path, delivery: Delivery):
    path.write_text(f"{HEAD}\n{delivery.public_id};posted;{clock.today()};L-1;\n", encoding="utf-8")
    return path


def printed(house: House) -> list[tuple[str, str]]:
    """Each letter in the print shop's folder with its manifest: (key, sha256 of the file)."""
    found = []
    for manifest in sorted((house.folder / "spool" / "letters").glob("*.json")):
        told = json.loads(manifest.read_bytes())
        held = hashlib.sha256((manifest.parent / told["file"]).read_bytes()).hexdigest()
        assert held == told["sha256"]
        found.append((told["key"], held))
    return found


@points("bounce", "letters", "answer", "day", "proof")
def test_struck_after_a_mail_came_back_one_letter_counts_once(house, delivery):
    happens(house, "bounce", reported(house.folder / "reports", delivery.message.notices.get(plan_day=0).mail_id))
    happens(house, "letters")
    happens(house, "answer", answered(house.folder / "answer.csv", delivery))
    Delivery.objects.update(due_at=clock.now() - LONG_AGO)  # four days pass
    happens(house, "day")
    happens(house, "proof")
    delivery.refresh_from_db()
    assert delivery.state == "announced_by_post" and delivery.posted_on == clock.today()
    kinds = list(delivery.events.order_by("id").values_list("kind", flat=True))
    ways = ["planned", "provided", "notice_sent", "notice_failed", "letter_queued", "letter_handed"]
    assert kinds == [*ways, "announced_by_post"]
    letter = Dispatch.objects.get()
    assert letter.state == "confirmed" and printed(house) == [(str(letter.public_id), letter.sha256)]
    with clock.frozen(clock.now() + dt.timedelta(hours=2)):
        sweeping.remove_orphans()
    assert seal.verify(store.read(Proof.objects.get().stored)).valid
    assert_chains_hold()
    assert house.mark.exists()
    call_command("deliveries_status")
