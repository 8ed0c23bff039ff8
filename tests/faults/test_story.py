"""Processes die, the broker forgets: one case, one decision, one message all the same. Real processes, real kill -9."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection

from forms_engine.cases import flow, papers
from forms_engine.cases.models import Case, DecisionKind, Paper
from forms_engine.submissions.models import Submission
from mailbox.models import Message, Notice
from portal.common import clock
from tests import make
from tests.payments.conftest import fake  # noqa: F401 - the payment provider

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
SETUP = "import django; django.setup(); import os, signal\n"
DIE = "os.kill(os.getpid(), signal.SIGKILL)"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"


@pytest.fixture
def env(tmp_path) -> dict[str, str]:
    """What a real process of the house needs to meet the test's database, files and broker."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_DEMO": "1",
        "PGDATABASE": connection.settings_dict["NAME"],
        "PORTAL_FILE_STORE": str(tmp_path / "files"),
        "PORTAL_MAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "PORTAL_MAIL_DIR": str(tmp_path / "mail"),
        "PORTAL_SWEEP_SECONDS": "1",
    }


@pytest.fixture
def broker():
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.flushall()
    yield client
    client.flushall()


def run(code: str, env: dict[str, str]) -> int:
    """Exit status of a Python process of the house: negative when a signal ended it."""
    return subprocess.run([sys.executable, "-c", SETUP + code], env=env, cwd=django_settings.BASE_DIR).returncode


def until(happened, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


def decided(case: Case, clara) -> Paper:
    start = clock.today()
    return flow.decide(
        case, kind=DecisionKind.GRANTED, by=clara, valid_from=start, valid_until=start + dt.timedelta(days=364)
    ).paper


def worker(env: dict[str, str], *beat: str) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-m", "celery", "-A", "portal", "worker", "-c", "1", "--loglevel", "ERROR", *beat]
    return subprocess.Popen(argv, env=env, cwd=django_settings.BASE_DIR, start_new_session=True)


def kill(process: "subprocess.Popen[bytes]") -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_the_web_process_dies_between_commit_and_doorbell(alice, env):
    draft = make.draft(alice)
    code = f"""
from portal.outbox import bells
bells.send = lambda *a: {DIE}
from forms_engine.cases import flow
from forms_engine.submissions.models import Draft
draft = Draft.objects.get(pk={draft.pk})
flow.submit(draft, by=draft.owner)
"""
    assert run(code, env) == -signal.SIGKILL
    assert (Submission.objects.count(), Case.objects.count()) == (1, 1)
    assert papers.sweep_papers() == 1  # found by age, not by its ring
    assert run(f"from forms_engine.cases import issuing; issuing.issue({Paper.objects.get().pk})", env) == 0
    assert flow.submit(draft, by=alice) == Case.objects.get()
    assert (Case.objects.count(), Message.objects.count()) == (1, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "where",
    [
        pytest.param("letters.render = lambda *a: " + DIE, marks=pytest.mark.slow),
        pytest.param("issuing.check_pdf = lambda *a: " + DIE, marks=pytest.mark.slow),
        pytest.param("store.put = lambda *a, **k: " + DIE, marks=pytest.mark.slow),
        "issuing._finish = lambda *a: " + DIE,
        pytest.param(
            "real = issuing._finish; issuing._finish = lambda *a: (real(*a), " + DIE + ")", marks=pytest.mark.slow
        ),
    ],
    ids=["rendering", "checking", "storing", "before finishing", "after finishing"],
)
def test_the_worker_dies_on_the_way_of_a_letter(alice, env, where):
    paper = make.case(alice).papers.get()
    code = f"from forms_engine.cases import issuing, letters\nfrom portal.documents import store\n{where}\n"
    assert run(code + f"issuing.issue({paper.pk})", env) == -signal.SIGKILL
    Paper.objects.filter(pk=paper.pk, state="queued").update(lease_until=clock.now())  # three minutes pass
    assert run(f"from forms_engine.cases import issuing; issuing.issue({paper.pk})", env) == 0
    paper.refresh_from_db()
    assert (paper.state, Message.objects.count(), Notice.objects.filter(plan_day=0).count()) == ("issued", 1, 1)


@pytest.mark.slow
def test_a_celery_worker_is_killed_while_it_renders_and_another_finishes(alice, clara, fake, env, broker):  # noqa: F811
    case = make.paid(make.case(alice), fake)
    paper = decided(case, clara)
    broker.flushall()
    first = worker(env, "--beat", "-s", env["PORTAL_MAIL_DIR"] + ".beat")
    try:
        until(lambda: Paper.objects.filter(pk=paper.pk, lease_until__isnull=False).exists())
    finally:
        kill(first)
    Paper.objects.filter(state="queued").update(lease_until=clock.now())  # three minutes pass
    second = worker(env, "--beat", "-s", env["PORTAL_MAIL_DIR"] + ".beat")
    try:
        until(lambda: Case.objects.filter(pk=case.pk, status="closed").exists())
    finally:
        kill(second)
    assert Message.objects.filter(dedupe_key=f"paper:{paper.pk}").count() == 1
    assert Notice.objects.filter(message__dedupe_key=f"paper:{paper.pk}", plan_day=0).count() == 1


@pytest.mark.slow
def test_the_broker_forgets_everything_and_everything_completes(alice, clara, fake, env, broker):  # noqa: F811
    case = make.paid(make.case(alice), fake)
    decided(case, clara)
    broker.flushall()
    running = worker(env, "--beat", "-s", env["PORTAL_MAIL_DIR"] + ".beat")
    try:
        until(lambda: Message.objects.count() >= 2)
        broker.flushall()
        until(lambda: Case.objects.filter(pk=case.pk, status="closed").exists())
    finally:
        kill(running)
    assert Message.objects.count() == 3  # the receipt, the payment and the decision, once each


@pytest.mark.slow
def test_the_database_goes_away_while_a_letter_is_finished(alice, env):
    paper = make.case(alice).papers.get()
    cut = (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    code = f"""
from forms_engine.cases import issuing, letters
real = letters.render
def render(*a):
    done = real(*a)
    with psycopg.connect(host=os.environ["PGHOST"], user="postgres", dbname=os.environ["PGDATABASE"]) as other:
        other.execute({cut!r})
    return done
letters.render = render
issuing.issue({paper.pk})
"""
    connection.close()
    assert run(code, env) == 1
    assert Message.objects.count() == 0
    Paper.objects.update(lease_until=clock.now())
    assert run(f"from forms_engine.cases import issuing; issuing.issue({paper.pk})", env) == 0
    assert Message.objects.count() == 1
