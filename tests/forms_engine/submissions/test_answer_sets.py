"""Generated answers to every form: no page crashes, none accepts what its rules forbid (./run answers: 10,000 each).

The rules are read a second time in rules.py, without the code that judges.
"""

import json
import math
import os

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_engine.definitions.evaluate import Evaluation, evaluate, evaluate_page
from forms_engine.submissions import actions, queries
from forms_engine.submissions.models import Draft
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from tests.forms_engine.cases import catalogue
from tests.forms_engine.submissions import rules
from tests.forms_engine.submissions.answer_sets import FORMS, Person, trial
from tests.forms_engine.submissions.conftest import client_of

HTTP = 3  # people per form
SETS = int(os.environ.get("PORTAL_ANSWER_SETS", "20"))
PARTS = max(1, round(SETS / 500))  # of a form: they go to several workers, and no form is the last for long
MANY = settings(max_examples=math.ceil(SETS / PARTS), deadline=None, suppress_health_check=list(HealthCheck))
SEEDS = 2**64  # of each part
TRIED = {}


def person(slug: str, seed: int) -> Person:
    if slug not in TRIED:
        TRIED[slug] = trial(slug)
    return Person(*TRIED[slug], seed)


@pytest.mark.slow
@pytest.mark.parametrize("slug", FORMS)
@pytest.mark.parametrize("part", range(PARTS))
@MANY
@given(seed=st.integers(0, SEEDS - 1))
def test_no_page_crashes_or_accepts_what_the_rules_forbid(slug, part, seed, walked):
    someone = person(slug, part * SEEDS + seed)
    for page, form in someone.walk():
        assert list(rules.missing(someone.definition, page, {*form.fields}, form.answers())) == []
        state = someone.trial.evaluation
        assert list(rules.broken(someone.definition, state.values)) == []
        assert set(state.pages) >= {someone.definition.page_of(name) for name in state.values if name in state.visible}
        json.dumps(state.values)
        part = evaluate_page(someone.definition, page, someone.trial.answers, today=rules.TODAY)
        whole = someone.trial.judged
        assert page not in whole.pages or of_page(part, page, someone) == of_page(whole, page, someone)
    again = evaluate(someone.definition, someone.trial.evaluation.values, today=rules.TODAY)
    assert again.values == someone.trial.evaluation.values
    walked[slug] += 1


def of_page(state: Evaluation, page: str, someone: Person) -> list[object]:
    """What the page's form reads of an evaluation."""
    asked = [item.name for item in someone.definition.page(page).fields]
    checks = [rule.value(state.seen) for rule in someone.definition.program.checks[page]]
    held = [state.visible, state.required]
    told = [state.values, state.rows, state.new_row, state.choices]
    return [checks, *({*asked} & names for names in held), *([by.get(name) for name in asked] for by in told)]


@pytest.mark.django_db
@pytest.mark.sample(36)
@pytest.mark.parametrize("slug", FORMS)
def test_the_real_wizard_keeps_the_rules_over_http(slug, alice):
    client, draft = begun(slug, alice)
    for seed in range(HTTP):
        someone = person(slug, seed)
        for page in someone.definition.pages:
            data = {**dict(someone.posted(page.key).lists()), "stand": [str(fresh(draft).version)], "gefragt": [""]}
            reply = client.post(reverse("submissions:page", args=[draft.public_id, page.key]), printable(data))
            assert reply.status_code in (200, 302), (page.key, reply.status_code)
            held = queries.contents(fresh(draft)).evaluation
            assert list(rules.broken(someone.definition, held.values)) == []


def begun(slug: str, alice: User) -> tuple[Client, Draft]:
    """A draft of the form and who may fill it in: for a survey nobody in particular."""
    version = catalogue.publish(slug)
    if not version.definition.is_survey:
        return client_of(alice, TrustLevel.HIGH), actions.start_draft(alice, version)
    client = Client()
    client.post(reverse("submissions:start", args=[slug]))
    return client, Draft.objects.get()


def fresh(draft: Draft) -> Draft:
    return Draft.objects.select_related("form_version__form").get(pk=draft.pk)


def printable(data: dict[str, list[str]]) -> dict[str, list[str]]:
    """Without what no request can carry."""
    return {name: [text.replace("\ud800", "?") for text in texts] for name, texts in data.items()}
