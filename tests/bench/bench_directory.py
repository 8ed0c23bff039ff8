"""The search at 10,000 invented services: time in the database, and recall of the forty everyday searches.

database_*: how long PostgreSQL takes for all queries of one search; database_cpu_*: what of it is work, which busy
neighbours do not change; whole_*: what the caller waits. The recall needs the city's files beside the checkout.
"""

import io
import itertools
import pathlib
import random
import statistics
import time

import yaml
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.directory import actions, search, search_index, words
from portal.directory.models import Organisation, Service
from tests import cityfiles

HERE = pathlib.Path(__file__).parent
EVERYDAY = HERE.parent / "portal" / "directory" / "everyday.yaml"
COUNT, WORDS = 10_000, 60
LETTERS = ("bdfghklmnprstvwz", "aeiou", "nrlstm")


def _vocabulary(dice: random.Random, size: int) -> list[str]:
    """The words of our own catalogue and of the searches, among invented ones of two to four syllables."""
    written = [EVERYDAY.read_text("utf-8"), *(path.read_text("utf-8") for path in actions.own_files())]
    found = dict.fromkeys(word for text in written for word in words.of_text(text) if len(word) > 3)
    while len(found) < size:
        syllables = ("".join(map(dice.choice, LETTERS)) for _ in range(dice.randint(2, 4)))
        found.setdefault("".join(syllables).capitalize())
    shuffled = list(found)
    dice.shuffle(shuffled)
    return shuffled


def invent(count: int = COUNT) -> None:
    """Services whose words are as unevenly common as those of a language."""
    dice = random.Random(7)
    vocabulary = _vocabulary(dice, 20_000)
    weights = list(itertools.accumulate(1 / (n + 10) for n in range(len(vocabulary))))
    organisation, _ = Organisation.objects.get_or_create(short="BENCH", defaults={"name": "Messung"})
    rows = []
    for n in range(count):
        drawn = dice.choices(vocabulary, cum_weights=weights, k=WORDS)
        rows.append(
            Service(
                slug=f"messung-{n}",
                title=" ".join(drawn[:3]),
                keywords=", ".join(drawn[3:10]),
                description=" ".join(drawn[10:]),
                organisation=organisation,
            )
        )
    search_index.refresh(Service.objects.bulk_create(rows, batch_size=1000))
    with connection.cursor() as cursor:  # as autovacuum does within a minute
        cursor.execute("vacuum analyze directory_searchword, directory_searchentry, directory_service")


def recall_at_5() -> tuple[float, list[str]]:
    """(share of the everyday searches with a right service among the first five, the searches that failed)."""
    cases = yaml.safe_load(EVERYDAY.read_text("utf-8"))
    missed = [case["query"] for case in cases if not _right(case)]
    return 1 - len(missed) / len(cases), missed


def _right(case: dict) -> bool:
    first = [hit.service.source_id for hit in search.search(case["query"], limit=5).hits]
    return not set(first).isdisjoint(case["right"])


def _cpu_ms() -> float:
    """What our database process has spent on a core, in ms: a figure that busy neighbours do not change (Linux)."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def measure() -> dict[str, float | str]:
    figures: dict[str, float | str] = {}
    if cityfiles.FOLDER.is_dir():
        call_command("services_import", *cityfiles.FILES, stdout=io.StringIO())
        figures["recall_at_5_without_synonyms"] = recall_at_5()[0]
        call_command("directory_seed", stdout=io.StringIO())
        share, missed = recall_at_5()
        figures |= {"recall_at_5": share, "missed": "; ".join(missed)}
    begin = time.perf_counter()
    invent()
    figures["index_10000_s"] = time.perf_counter() - begin
    queries = [case["query"] for case in yaml.safe_load(EVERYDAY.read_text("utf-8"))]
    queries += ["Wohnsteuerung", "Parkschein verwohnen", "Fahrzeugscheinung", "Hundepass", "Gewermeldung"]
    database, cpu, whole = [], [], []
    for query in queries * 3:
        spent = _cpu_ms()
        with CaptureQueriesContext(connection) as captured:
            begin = time.perf_counter()
            search.search(query)
            whole.append((time.perf_counter() - begin) * 1000)
        database.append(sum(float(row["time"]) for row in captured) * 1000)
        cpu.append(_cpu_ms() - spent)
    return figures | {
        "database_cpu_median_ms": statistics.median(cpu),
        "database_cpu_p95_ms": _p95(cpu),
        "database_median_ms": statistics.median(database),
        "database_p95_ms": _p95(database),
        "whole_p95_ms": _p95(whole),
    }
