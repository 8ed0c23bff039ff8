"""kill -9 of a real process while it takes in, files or destroys: nothing is lost, doubled or half gone."""

import datetime as dt

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from forms_engine.cases import disposal, flow, retention, returning
from forms_engine.cases.models import Case, CaseDocument, DecisionKind, Disposal, DisposalRecord
from forms_engine.cases.states import Status, advance
from forms_engine.intake.models import InboundItem
from forms_engine.intake.states import State
from portal.common import clock, crypto
from portal.documents import store, sweeping
from portal.documents.models import StoredFile
from tests import make
from tests.faults.test_story import DIE, _files, env, run  # noqa: F401 - fixtures
from tests.forms_engine.intake.conftest import drop, mail
from tests.forms_engine.submissions import samples
from tests.payments.conftest import fake  # noqa: F401 - the payment provider

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
TAKE = "from django.core.management import call_command; call_command('intake_poll', '--once')\n"
WORK = """
from portal.documents.models import StoredFile
from portal.documents.tasks import scan
from forms_engine.intake import working
from forms_engine.intake.models import InboundItem
for _ in range(4):
    for pk in StoredFile.objects.filter(scan='waiting').values_list('pk', flat=True):
        scan(str(pk))
    InboundItem.objects.filter(state__in=['received', 'parsed']).update(due_at='2020-01-01T00:00Z')
    for pk in InboundItem.objects.filter(state__in=['received', 'parsed']).values_list('pk', flat=True):
        working.work(pk)
"""
# Where to die: module, name of the function, before or after it.
TAKING = [
    ("portal.documents.store", "put", "before"),
    ("portal.documents.store", "_move_into_place", "after"),
    ("forms_engine.intake.receiving", "_announce", "after"),
    ("forms_engine.intake.sources.folders", "receive", "after"),
    ("forms_engine.intake.sources.folders", "_move", "after"),
]
FILING = [
    ("forms_engine.intake.working", "_claim", "after"),
    ("forms_engine.intake.working", "_read", "after"),
    ("forms_engine.intake.working", "_advance", "after"),
    ("forms_engine.intake.matching", "match", "after"),
    ("forms_engine.intake.filing", "_files", "after"),
    ("forms_engine.cases.inbound", "take_in", "before"),
    ("forms_engine.cases.inbound", "take_in", "after"),
]
ENDING = [
    ("forms_engine.cases.disposal", "_destroy_files", "after"),
    ("forms_engine.cases.disposal", "_record", "after"),
    ("forms_engine.cases.disposal", "_wipe", "after"),
    ("portal.outbox.relay", "publish", "after"),
]


def dying(module: str, name: str, when: str) -> str:
    """Code that makes this function kill its own process, before or after it has done its work."""
    order = f"{DIE}; held(*a, **k)" if when == "before" else f"held(*a, **k); {DIE}"
    code = f"import {module} as there\nheld = there.{name}\ndef struck(*a, **k):\n    {order}\nthere.{name} = struck\n"
    return code.replace("; ", "\n    ", 1)


@pytest.fixture
def folder(tmp_path, env):  # noqa: F811 - the fixture
    env["PORTAL_INTAKE_MAIL_FOLDER"] = str(tmp_path / "mails")
    (tmp_path / "mails").mkdir()
    return tmp_path / "mails"


@pytest.fixture
def asked(alice, clara):
    case = make.case(alice)
    advance(Case.objects.filter(pk=case.pk), Status.IN_REVIEW)
    return flow.request_documents(Case.objects.for_pages().get(pk=case.pk), text="Den Schein.", by=clara)


@pytest.mark.parametrize("point", TAKING, ids=lambda point: f"{point[1]}-{point[2]}")
@pytest.mark.sample(5)
def test_killed_while_taking_in_there_is_one_item_in_the_end(folder, env, asked, point):  # noqa: F811 - the fixture
    drop(folder, "1.eml", mail(returning.code(asked)))
    assert run(dying(*point) + TAKE, env) == -9
    assert (folder / "1.eml").exists() or InboundItem.objects.count() == 1  # never neither
    assert run(TAKE, env) == 0
    assert InboundItem.objects.count() == 1 and [path.name for path in (folder / "done").iterdir()] == ["1.eml"]


@pytest.mark.parametrize("point", FILING, ids=lambda point: f"{point[1]}-{point[2]}")
@pytest.mark.slow
def test_killed_while_filing_it_is_filed_once(folder, env, asked, point):  # noqa: F811 - the fixture
    drop(folder, "1.eml", mail(returning.code(asked), "Anbei", [("Schein.pdf", "application/pdf", samples.pdf())]))
    assert run(TAKE, env) == 0
    assert run(dying(*point) + WORK, env) == -9
    assert run(WORK, env) == 0
    assert InboundItem.objects.get().state == State.FILED
    assert CaseDocument.objects.filter(case=asked.case).count() == 3
    assert asked.case.events.filter(kind="post_filed").count() == 1


@pytest.mark.parametrize("point", ENDING, ids=lambda point: f"{point[1]}-{point[2]}")
@pytest.mark.slow
def test_killed_while_destroying_it_is_whole_or_gone(alice, clara, theo, fake, env, point):  # noqa: F811 - the fixture
    case = make.paid(make.case(alice), fake)
    flow.decide(case, kind=DecisionKind.REFUSED, by=clara, reasons=["nicht-gemeldet"], explanation="x")
    make.work()
    retention.sweep_closed()
    Disposal.objects.update(until=clock.today() - dt.timedelta(days=1))
    row = Disposal.objects.get()
    assert disposal.offer(row, by=clara) and disposal.answer(row, wanted=False, by=clara)
    assert disposal.approve(row, by=theo)
    ending = "from django.core.management import call_command; call_command('retention_run')\n"
    assert run(dying(*point) + ending, env) == -9
    file = case.submission.files.get().stored
    assert Case.objects.get().wrapped_key and store.read(file).startswith(b"%PDF")  # nothing has happened
    assert run(ending, env) == 0 and run(ending, env) == 0
    assert DisposalRecord.objects.count() == 1 and Case.objects.get().wrapped_key is None
    with pytest.raises(crypto.KeyDestroyed):
        store.read(StoredFile.objects.get(pk=file.pk))
    with transaction.atomic():
        assert list(sweeping.orphans()) == [] and django_settings.FILE_STORE
