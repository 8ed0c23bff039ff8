"""Pages while annual notices are produced: two forked workers make the letters, this process draws pages.

*_p95_ms: server time of the page, drawn anew each time; idle_ without the run, busy_ during it. busy_of_idle: how much
slower. On a machine with as many cores as workers the run and the pages share the processors, as they do in a small
installation. notices_per_s: letters made, sealed and handed over meanwhile.

BENCH_MASSRUN=10000 makes that many notices instead of 100; most of the time goes into the cases they are for.
"""

import datetime as dt
import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connections
from django.test import Client

from forms_engine.cases import flow, issuing, papers, runs
from forms_engine.cases.models import Case, DecisionKind, DecisionRun, ItemState, Paper, PaperKind, PaperState
from forms_engine.definitions.models import Form
from portal.accounts.models import Role, User
from portal.common import clock
from portal.documents import render, seal
from tests import make
from tests.conftest import _person, _team

NOTICES, PROCESSES, DRAWN = int(os.environ.get("BENCH_MASSRUN", "100")), 2, 60
FORK = multiprocessing.get_context("fork")
PAGES = {"start": "/", "dashboard": "/konto/uebersicht/", "postbox": "/postfach/"}


def measure() -> dict[str, float]:
    settings.FILE_STORE = folder = tempfile.mkdtemp(prefix="bench")
    seal.get_sealer()
    citizen = _granted()
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(citizen, "django.contrib.auth.backends.ModelBackend")
    idle = _drawn(client, lambda: False)
    run = _approved()
    workers = [FORK.Process(target=_work) for _ in range(PROCESSES)]
    connections.close_all()
    begin = time.perf_counter()
    for worker in workers:
        worker.start()
    busy = _drawn(client, lambda: any(worker.is_alive() for worker in workers))
    for worker in workers:
        worker.join()
    spent = time.perf_counter() - begin
    done = run.items.filter(state=ItemState.ORDERED, decision__issued_at__isnull=False).count()
    if done != NOTICES:
        raise RuntimeError(f"{done} of {NOTICES} notices were delivered")
    shutil.rmtree(folder, ignore_errors=True)
    figures = {"notices_per_s": NOTICES / spent}
    for name in PAGES:
        figures |= {f"idle_{name}_p95_ms": idle[name], f"busy_{name}_p95_ms": busy[name]}
    return figures | {"busy_of_idle": statistics.mean(busy[name] / idle[name] for name in PAGES)}


def _granted() -> User:
    """One of the citizens who together hold as many granted permits as there will be notices; each child of this
    process makes those of one, since a person has one open draft of a form."""
    lead, clerk = _person("Theo", "Thaler", Role.CLERK, Role.TEAM_LEAD, staff=True), _person("Clara", "C", Role.CLERK)
    _team(lead, clerk)
    citizens = [_person(f"Mia{number}", "Messung") for number in range(PROCESSES)]
    _grant(citizens[0], clerk, 1)  # publishes the form, once
    shares = [len(range(1, NOTICES)[start::PROCESSES]) for start in range(PROCESSES)]
    connections.close_all()
    workers = [
        FORK.Process(target=_make, args=(citizen, clerk, share))
        for citizen, share in zip(citizens, shares, strict=True)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return citizens[0]


def _make(citizen: User, clerk: User, number: int) -> None:
    _grant(citizen, clerk, number)
    _work()


def _grant(citizen: User, clerk: User, number: int) -> None:
    for _ in range(number):
        made = make.case(citizen)
        Case.objects.filter(pk=made.pk).update(status="in_review", receivable=None)
        case = Case.objects.for_pages().get(pk=made.pk)
        until = clock.today() + dt.timedelta(days=364)
        flow.decide(case, by=clerk, kind=DecisionKind.GRANTED, valid_from=clock.today(), valid_until=until)
        # What confirms the application is not measured here, and takes as long to make as the decision.
        Paper.objects.filter(case=case, kind=PaperKind.RECEIPT).update(state=PaperState.PARKED)


def _approved() -> DecisionRun:
    lead, clerk = (User.objects.get(email=f"{name}@stadt.invalid") for name in ("theo", "clara"))
    form = Form.objects.get(slug=make.FORM)
    run = DecisionRun(form=form, kind="fee_notice", title="Jahresgebühr", fee_cents=45_00, explanation="Für 2027.")
    run = runs.propose(run, runs.Query(), by=lead)
    runs.approve(run, by=clerk)
    return run


def _work() -> None:
    """What a worker does, until nothing waits: the sweep orders, then letters are made."""
    render.warm_up()
    while True:
        runs.sweep_runs()
        waiting = Paper.objects.filter(state=PaperState.QUEUED)
        due = list(waiting.order_by("due_at", "id").values_list("pk", flat=True)[: papers.MAX_ATTEMPTS])
        if not due:
            return
        if not sum(issuing.issue(pk) for pk in due):
            time.sleep(0.05)  # the other worker is at them


def _drawn(client: Client, goes_on: Callable[[], bool]) -> dict[str, float]:
    """95th percentile of each page in milliseconds: of so many in turns, and on while something goes on."""
    spent: dict[str, list[float]] = {name: [] for name in PAGES}
    while len(spent["start"]) < DRAWN or goes_on():
        for name, path in PAGES.items():
            begin = time.perf_counter()
            if client.get(path).status_code != 200:
                raise RuntimeError(path)
            spent[name].append(1000 * (time.perf_counter() - begin))
    return {name: statistics.quantiles(times, n=20)[-1] for name, times in spent.items()}
