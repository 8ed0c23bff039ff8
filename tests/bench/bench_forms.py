"""A page of the wizard against a bare Django form of the same questions, its statements, and a form of 1,000 questions.

ratio_*: the wizard's page to the bare one (bare.py), taken in turn in one process behind the same middleware, the best
of 40 rounds each. refused: posted with a mistake in each of 20 questions, so that all is judged and drawn; shown:
opened; alone: only form, judgement and markup, without request, draft and frame. statements_*: of one page opened and
refused, however long the form, however many drafts. expressions_of_a_page: the ten conditions of one page;
evaluate_1000: all 490 of a form, and what follows from them. last_page_*: the dearest, with 49 to judge before it.
"""

import cProfile
import hashlib
import time
from collections.abc import Callable
from types import CodeType
from typing import Any

from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_engine.definitions import actions as definitions
from forms_engine.definitions import document, schema
from forms_engine.definitions.evaluate import evaluate, evaluate_page
from forms_engine.submissions import actions, queries
from forms_engine.submissions.models import Draft
from portal.accounts.models import User
from portal.common import clock
from tests.bench import bare
from tests.bench.bare import EACH, KINDS

ROUNDS, OTHERS = 40, 10_000
SIZES = (10, 100, 1000)
PAGES = ("first_page", "last_page", "last_page_refused")
OWN = ("title", "form", "pages", "refusals", "leika", "meaning", "decision", "translations", "languages", "fee")


def source(count: int) -> str:
    """20 questions a page; every other one is asked only after an answer of the page before."""
    data = document.read((definitions.CATALOGUE / "ausweisverlust.yaml").read_text(encoding="utf-8"))
    data = {key: value for key, value in data.items() if key not in OWN}
    pages = [
        {"key": f"seite-{n // EACH}", "title": f"Seite {n // EACH}", "fields": [question(i) for i in numbers(n, count)]}
        for n in range(0, count, EACH)
    ]
    return document.write({**data, "form": f"messung-{count}", "title": f"Messung {count}", "pages": pages})


def numbers(first: int, count: int) -> range:
    return range(first, min(count, first + EACH))


def question(n: int) -> document.Data:
    kind = KINDS[n % len(KINDS)]
    said = {"name": f"f_{n}", "label": f"Frage {n}", "hint": bare.HINT, "messages": {"empty": bare.EMPTY}}
    asked = n - n % EACH - EACH + (0, 9, 10, 19)[n // 2 % 4]  # one of the texts of the page before
    said |= {"visible": f"f_{asked} == 'x'"} if n % 2 and n >= EACH else {}
    match kind:
        case "choice" | "select":
            choices = [{"value": value, "label": label} for value, label in bare.CHOICES]
            return said | {"type": "choice", "choices": choices, "widget": "select" if kind == "select" else "radios"}
        case "integer":
            return said | {"type": kind, "minimum": 0, "maximum": 100}
        case "text" | "textarea":
            return said | {"type": kind, "max_length": 100}
    return said | {"type": kind}


def answer(n: int) -> dict[str, str]:
    """What a browser posts for a good answer."""
    name, kind = f"f_{n}", KINDS[n % len(KINDS)]
    if kind == "date":
        return {f"{name}_0": "1", f"{name}_1": "12", f"{name}_2": "2026"}
    words = {"choice": "a", "select": "b", "boolean": "ja", "integer": "7", "email": "a@example.org", "plate": "M-A 1"}
    return {name: words.get(kind, "x")}


def answers(page: int, count: int, times: int = 1) -> dict[str, str]:
    """Of one page. Repeated 120 times each of them is a mistake."""
    return {name: value * times for n in numbers(page * EACH, count) for name, value in answer(n).items()}


def measure() -> dict[str, float]:
    user = User.objects.create_user("messung@stadt.invalid", given_name="Alice", family_name="Ammer")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    publish_s, drafts = {}, {}
    for count in SIZES:
        text, begin = source(count), time.perf_counter()
        definitions.publish(f"messung-{count}", text, by=None)
        publish_s[count] = time.perf_counter() - begin
        drafts[count] = _filled(user, count)
    figures: dict[str, float] = {f"statements_{n}_questions": _statements(client, drafts[n], n) for n in SIZES}
    _others(drafts[100])
    figures[f"statements_{OTHERS}_drafts"] = _statements(client, drafts[100], 100)
    with override_settings(ROOT_URLCONF="tests.bench.bare"):
        figures |= _against_bare(client, drafts[100])
    return figures | {"publish_1000_s": publish_s[1000]} | _large(client, drafts[1000])


def _filled(user: User, count: int) -> Draft:
    """A draft with every question answered."""
    draft = actions.start_draft(user, definitions.Form.objects.get(slug=f"messung-{count}").versions.get())
    for number, page in enumerate(draft.form_version.definition.pages):
        form = queries.contents(draft).form(page.key, answers(number, count))
        assert form.is_valid(), form.errors
        draft = actions.save_page(draft, page.key, form.answers(), expected_version=draft.version)
    return draft


def _others(like: Draft) -> None:
    """Drafts of other people."""
    rows = [
        Draft(
            visitor=hashlib.sha256(str(n).encode()).hexdigest(),
            form_version=like.form_version,
            wrapped_key=like.wrapped_key,
            sealed=like.sealed,
            page_versions=like.page_versions,
            delete_on=like.delete_on,
        )
        for n in range(OTHERS)
    ]
    Draft.objects.bulk_create(rows, batch_size=1000)


def _url(draft: Draft, page: int) -> str:
    return reverse("submissions:page", args=[draft.public_id, f"seite-{page}"])


def _statements(client: Client, draft: Draft, count: int) -> float:
    """Of the last page, opened and refused, in a process that knows the form."""
    last = (count - 1) // EACH
    _get(client, _url(draft, last))
    with CaptureQueriesContext(connection) as captured:
        _get(client, _url(draft, last))
        _post(client, _url(draft, last), answers(last, count, times=120))
    return len(captured)


def _get(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200, path


def _post(client: Client, path: str, data: dict[str, str]) -> None:
    reply = client.post(path, data)
    assert reply.status_code == 200, reply["Location"]


def _against_bare(client: Client, draft: Draft) -> dict[str, float]:
    url, wrong = _url(draft, 0), answers(0, 100, times=120)
    request = RequestFactory().post("/nackt/", wrong)
    contents = queries.contents(draft)

    def alone() -> None:
        form = contents.form("seite-0", request.POST)
        assert not form.is_valid()
        render_to_string("submissions/questions.html", {"form": form, "page": form.page})

    pairs: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "refused": (lambda: _post(client, url, wrong), lambda: _post(client, "/nackt/", wrong)),
        "shown": (lambda: _get(client, url), lambda: _get(client, "/nackt/")),
        "alone": (alone, lambda: bare.judged_and_drawn(request)),
    }
    figures: dict[str, float] = {}
    for name, (ours, theirs) in pairs.items():
        mine, bares = _in_turn(ours, theirs)
        figures |= {f"{name}_ms": mine, f"{name}_bare_ms": bares, f"ratio_{name}": mine / bares}
    return figures


def _large(client: Client, draft: Draft) -> dict[str, float]:
    text, last = draft.form_version.source, SIZES[-1] // EACH - 1
    definition, given = schema.load(text), queries.contents(draft).answers
    wrong, seen = answers(last, SIZES[-1], times=120), evaluate(definition, given, today=clock.today()).seen
    names = {item.name for item in definition.pages[last].fields}
    rules = [rule for name, rule in definition.program.visible.items() if name in names]
    steps: dict[str, Callable[[], Any]] = {
        "first_page": lambda: _get(client, _url(draft, 0)),
        "last_page": lambda: _get(client, _url(draft, last)),
        "last_page_refused": lambda: _post(client, _url(draft, last), wrong),
        "expressions_of_a_page": lambda: [rule.value(seen) for rule in rules],
        "evaluate_1000": lambda: evaluate(definition, given, today=clock.today()),
        "evaluate_page": lambda: evaluate_page(definition, definition.pages[last].key, given, today=clock.today()),
    }
    taken = {f"{name}_ms": _in_turn(step)[0] for name, step in steps.items()}
    costs = {evaluate.__code__: taken["evaluate_1000_ms"], evaluate_page.__code__: taken["evaluate_page_ms"]}
    return taken | {f"evaluating_{name}_ms": _within(steps[name], costs) for name in PAGES}


def _within(step: Callable[[], Any], costs: dict[CodeType, float]) -> float:
    """What a request pays for functions that cost so much each time."""
    profile = cProfile.Profile()
    profile.runcall(step)
    return sum(costs[one.code] * one.callcount for one in profile.getstats() if one.code in costs)


def _in_turn(*steps: Callable[[], Any]) -> list[float]:
    """The best of each in milliseconds: what busy neighbours did not slow down."""
    taken: list[list[float]] = [[] for _ in steps]
    for _ in range(ROUNDS):
        for step, times in zip(steps, taken, strict=True):
            begin = time.perf_counter()
            step()
            times.append(1000 * (time.perf_counter() - begin))
    return [min(times) for times in taken]
