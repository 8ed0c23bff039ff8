"""Struck at any point between the second signature and the archive: every decision arrives once, every chain holds."""

import datetime as dt
import json
import pathlib
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection

from forms_engine.cases import flow, signing
from forms_engine.cases.models import Case, DecisionKind, Paper
from forms_engine.cases.states import IllegalTransition
from mailbox.models import Event, Message, MessageEvent, Notice
from portal.audit import actions as audit
from portal.common import clock
from portal.documents import seal, store, sweeping
from portal.documents.models import IssuedDocument
from portal.outbox.models import OutboxMessage
from tests import make
from tests.faults.points import POINTS
from tests.faults.test_story import _files, broker, env, kill, until  # noqa: F401 - fixtures
from tests.mailbox.conftest import mail_server  # noqa: F401 - a fixture
from tests.payments.conftest import fake  # noqa: F401 - the payment provider

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
QUICK = ("after rename",)
EACH = 5  # of the others CI takes so few; ./run faults takes all


@dataclass
class House:
    """The processes of one story, which are struck where `name` says, and what they work on."""

    name: str
    case: Case | None
    env: dict[str, str]
    folder: pathlib.Path

    @property
    def mark(self) -> pathlib.Path:
        return self.folder / "struck"

    def strikes(self, step: str) -> bool:
        return POINTS[self.name].step == step

    def starts(self, step: str, *arguments: object) -> "subprocess.Popen[bytes]":
        armed = {"PORTAL_FAULT": self.name, "PORTAL_FAULT_MARK": str(self.mark)} if self.strikes(step) else {}
        argv = [sys.executable, "-m", "tests.faults.victim", step, *map(str, arguments)]
        return subprocess.Popen(argv, env=self.env | armed, cwd=django_settings.BASE_DIR, start_new_session=True)

    def dies_and_does(self, step: str, *arguments: object) -> None:
        """A process that is killed on its way, and another that does the same again."""
        self.dies(step, *arguments)
        self.starts(step, *arguments).wait(120)

    def dies(self, step: str, *arguments: object) -> None:
        ended = self.starts(step, *arguments).wait(120)
        assert self.mark.exists() and (ended == -signal.SIGKILL) == (POINTS[self.name].how == "kill")


@pytest.fixture
def house(alice, clara, theo, fake, env, tmp_path, mail_server, request):  # noqa: F811 - the fixtures
    """Alice's paid application, which Clara wants to grant and Theo is about to sign."""
    env |= {"PORTAL_MAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "PORTAL_MAIL_HOST": "127.0.0.1"}
    env["PORTAL_MAIL_PORT"] = str(mail_server.port)
    case, start = make.paid(make.case(alice), fake), clock.today()
    said = {"kind": DecisionKind.GRANTED, "valid_from": start, "valid_until": start + dt.timedelta(days=364)}
    flow.propose(case, signing.completed(case, said), by=clara)
    return House(request.param, case, env, tmp_path)


def minutes_pass() -> None:
    """Leases of the dead run out."""
    over = clock.now() - dt.timedelta(seconds=1)
    Paper.objects.filter(state="queued", lease_until__isnull=False).update(lease_until=over)
    Notice.objects.filter(state="sending").update(lease_until=over)
    OutboxMessage.objects.filter(done_at=None).update(due_at=over)
    Notice.objects.filter(state="queued", plan_day=0).update(due_at=over)


def is_over(forgetful: bool) -> bool:
    if forgetful:
        minutes_pass()
    waits = (
        Paper.objects.exclude(state="issued").exists()
        or Notice.objects.filter(plan_day=0).exclude(state="sent").exists()
    )
    return not waits and not Case.objects.exclude(status="closed").exists()


def worked_off(house: House, broker) -> None:  # noqa: F811 - the fixture
    """A worker whose broker knows nothing at the start, and forgets everything when its child was struck."""
    broker.flushall()
    worker = house.starts("work", house.folder / "beat")
    try:
        if house.strikes("work"):
            until(house.mark.exists, 120)
            broker.flushall()
        until(lambda: is_over(house.strikes("work")), 120)
    finally:
        kill(worker)


def assert_delivered_once(case: Case, mail_server) -> None:  # noqa: F811 - the fixture
    paper = Paper.objects.get(kind="decision", decision__case=case, state="issued", decision__issued_at__isnull=False)
    message = Message.objects.get(dedupe_key=f"paper:{paper.pk}")
    notice = Notice.objects.get(message=message, state="sent")
    assert paper.message == message and message.attachments.get().stored == paper.stored
    assert IssuedDocument.objects.filter(code=paper.code, sha256=paper.stored.sha256).count() == 1
    for kind in ("proposed", "approved", "decided", "decision_issued", "receipt_issued", "delivered"):
        assert case.events.filter(kind=kind).count() == 1, kind
    assert MessageEvent.objects.filter(message=message, kind=Event.NOTICE_SENT).count() == 1
    assert Message.objects.count() == 3  # receipt, payment, decision
    assert notice.mail_id in {mail["Message-ID"] for mail in mail_server.accepted}
    assert len({mail["Message-ID"] for mail in mail_server.seen}) == Notice.objects.filter(plan_day=0).count()
    with clock.frozen(clock.now() + dt.timedelta(hours=2)):
        sweeping.remove_orphans()
    assert seal.verify(store.read(paper.stored)).valid


def assert_chains_hold() -> None:
    while audit.link():
        pass
    call_command("audit_verify")
    call_command("cases_verify")


def assert_archived(house: House) -> None:
    [package] = house.folder.glob("*.zip")
    with zipfile.ZipFile(package) as held:
        assert held.testzip() is None and json.loads(held.read("vorgang.json"))["number"] == house.case.number


def points(*steps: str):
    chosen = [name for name, point in POINTS.items() if point.step in steps]
    marked = [
        pytest.param(name, marks=() if name in QUICK else pytest.mark.full if place % EACH else pytest.mark.slow)
        for place, name in enumerate(chosen)
    ]
    return pytest.mark.parametrize("house", marked, ids=chosen, indirect=True)


@points("approve", "work")
def test_struck_on_the_way_a_decision_arrives_once(house, theo, broker, mail_server):  # noqa: F811 - the fixtures
    if house.strikes("approve"):
        connection.close()
        house.dies_and_does("approve", house.case.pk, theo.pk)
    else:
        flow.approve(house.case, by=theo)
    with pytest.raises(IllegalTransition):
        flow.approve(house.case, by=theo)
    worked_off(house, broker)
    assert_delivered_once(house.case, mail_server)
    assert_chains_hold()
    assert house.mark.exists()


@points("read", "archive")
def test_struck_afterwards_it_is_read_once_and_archived_whole(house, alice, theo, mail_server):  # noqa: F811 - fixtures
    flow.approve(house.case, by=theo)
    make.work()
    message = Message.objects.get(kind="decision")
    if house.strikes("read"):
        house.dies_and_does("read", f"/postfach/{message.public_id}/", alice.pk)
        assert message.events.filter(kind=Event.READ).count() == 1
    else:
        house.dies_and_does("archive", house.case.number, house.folder)
        assert_archived(house)
    assert_delivered_once(house.case, mail_server)
    assert_chains_hold()
