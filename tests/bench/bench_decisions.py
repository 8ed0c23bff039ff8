"""Decisions a second: rendered, checked, sealed, stored and handed over by forked workers, beside bare WeasyPrint.

Bare: the same HTML of the same letters, shared parsed CSS and FontConfiguration, pdf/ua-1, in as many forked and warmed
processes. Both are measured in turns in the same run, so that busy neighbours change both. ratio = ours / bare in
letters a second; at least 0.55 and 12 letters a second on two cores are asked. *_cpu_ms: of one letter, which
neighbours do not change. statements: of one letter, claim to end. own_*_ms: where our time goes beside WeasyPrint.

BENCH_DECISIONS=LETTERS,ROUNDS sets other numbers than 60 letters and three rounds.
"""

import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from forms_engine.cases import flow, issuing, letters
from forms_engine.cases.models import Case, DecisionKind, Paper, PaperState
from portal.accounts.models import User
from portal.common import clock
from portal.documents import render, seal
from tests import make

PROCESSES = 2
LETTERS, ROUNDS = (int(part) for part in os.environ.get("BENCH_DECISIONS", "40,3").split(","))
FORK = multiprocessing.get_context("fork")
Work = Callable[[int], object]


def measure() -> dict[str, float]:
    settings.FILE_STORE = folder = tempfile.mkdtemp(prefix="bench")
    seal.get_sealer()  # before the fork, as the worker does
    rounds = []
    for number in range(ROUNDS):
        ids = _ordered(number)
        pages = {pk: _html(pk) for pk in ids}
        ours = _worked(ids, issuing.issue)
        bare = _worked(ids, lambda pk, pages=pages: _bare(pages[pk]))
        rounds.append((*ours, *bare))
        assert Paper.objects.filter(pk__in=ids, state=PaperState.ISSUED).count() == len(ids)
    rates, cpu, bare_rates, bare_cpu = (list(column) for column in zip(*rounds, strict=True))
    figures = {
        "decisions_per_s": statistics.median(rates),
        "bare_per_s": statistics.median(bare_rates),
        "ratio": statistics.median(one / other for one, other in zip(rates, bare_rates, strict=True)),
        "cpu_ms": statistics.median(cpu),
        "bare_cpu_ms": statistics.median(bare_cpu),
        "cpu_ratio": statistics.median(other / one for one, other in zip(cpu, bare_cpu, strict=True)),
    }
    figures |= _told(_taken_apart, _ordered(ROUNDS))
    shutil.rmtree(folder, ignore_errors=True)
    return figures


def _ordered(number: int) -> list[int]:
    """Decisions that wait for their letters."""
    clerk, _ = User.objects.get_or_create(email="messung-bescheide@stadt.invalid", given_name="Clara")
    person, _ = User.objects.get_or_create(email=f"messung-bescheide-{number}@stadt.invalid", given_name="Mia")
    for _ in range(LETTERS):
        made = make.case(person)
        Case.objects.filter(pk=made.pk).update(status="in_review")
        case = Case.objects.for_pages().get(pk=made.pk)
        flow.decide(case, by=clerk, kind=DecisionKind.GRANTED, valid_from=clock.today())
    waiting = Paper.objects.filter(state=PaperState.QUEUED, kind="decision")
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def _html(pk: int) -> str:
    """What WeasyPrint gets of this letter."""
    paper = Paper.objects.select_related("case", "decision").get(pk=pk)
    context = letters.context(paper, paper.payload())
    frame = {"city": settings.CITY, "title": f"{paper.name} {paper.case.number}", "lang": "de"}
    return render_to_string(letters.TEMPLATES[letters.PaperKind.DECISION], frame | context)


def _bare(html: str) -> bytes:
    import weasyprint

    house = render._house()
    source = weasyprint.HTML(string=html, base_url="http://127.0.0.1/", url_fetcher=house.fetcher)
    pdf: bytes = source.write_pdf(
        font_config=house.fonts, stylesheets=[house.styles], pdf_variant="pdf/ua-1", cache=house.images
    )
    return pdf


def _worked(ids: list[int], work: Work) -> tuple[float, float]:
    """(letters a second of all processes together, CPU milliseconds of one letter)"""
    gate, spent = FORK.Barrier(PROCESSES + 1), FORK.SimpleQueue()

    def one(mine: list[int]) -> None:
        render.warm_up()
        gate.wait()
        begin = time.process_time()
        for pk in mine:
            work(pk)
        spent.put(time.process_time() - begin)

    connections.close_all()  # no connection survives a fork
    workers = [FORK.Process(target=one, args=(ids[number::PROCESSES],)) for number in range(PROCESSES)]
    for worker in workers:
        worker.start()
    gate.wait(120)
    begin = time.perf_counter()
    for worker in workers:
        worker.join()
    rate = len(ids) / (time.perf_counter() - begin)
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a worker failed")
    return rate, 1000 * sum(spent.get() for _ in workers) / len(ids)


def _told(work: Callable[[list[int]], dict[str, float]], ids: list[int]) -> dict[str, float]:
    """What `work` finds out in a forked process: this one must never draw."""
    said = FORK.SimpleQueue()
    connections.close_all()
    worker = FORK.Process(target=lambda: said.put(work(ids)))
    worker.start()
    found: dict[str, float] = said.get()
    worker.join()
    return found


def _taken_apart(ids: list[int]) -> dict[str, float]:
    """CPU milliseconds of each part of a letter, and the statements of one."""
    render.warm_up()
    issuing.issue(ids[0])
    with CaptureQueriesContext(connection) as captured:
        issuing.issue(ids[1])
    statements = len(captured)
    spent: dict[str, list[float]] = {}

    def timed(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            begin = time.process_time()
            done = real(*args, **kwargs)
            spent.setdefault(name, []).append(1000 * (time.process_time() - begin))
            return done

        return call

    parts = {
        "claim": (issuing.papers, "claim"),
        "render": (letters, "render"),
        "check": (issuing, "check_pdf"),
        "seal": (seal.get_sealer(), "seal"),
        "store": (issuing.store, "put"),
        "finish": (issuing, "_finish"),
    }
    for name, (owner, attribute) in parts.items():
        setattr(owner, attribute, timed(name, getattr(owner, attribute)))
    for pk in ids[2:]:
        issuing.issue(pk)
    return {"statements": statements} | {f"own_{name}_ms": statistics.median(times) for name, times in spent.items()}
