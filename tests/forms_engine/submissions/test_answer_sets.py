"""Generated answers to every form: no page crashes, none accepts what its rules forbid (./run answers: 10,000 each).

The rules are read a second time in rules.py, without the code that judges.
"""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_engine.definitions.evaluate import evaluate
from tests.forms_engine.submissions import rules
from tests.forms_engine.submissions.answer_sets import FORMS, Person, trial

SETS = int(os.environ.get("PORTAL_ANSWER_SETS", "20"))
MANY = settings(max_examples=SETS, deadline=None, suppress_health_check=list(HealthCheck))
TRIED = {}


def person(slug: str, seed: int) -> Person:
    if slug not in TRIED:
        TRIED[slug] = trial(slug)
    return Person(*TRIED[slug], seed)


@pytest.mark.sample(9)
@pytest.mark.parametrize("slug", FORMS)
@MANY
@given(seed=st.integers(0, 2**64))
def test_no_page_crashes_or_accepts_what_the_rules_forbid(slug, seed):
    someone = person(slug, seed)
    for page, form in someone.walk():
        assert list(rules.missing(someone.definition, page, {*form.fields}, form.answers())) == []
        state = someone.trial.evaluation
        assert list(rules.broken(someone.definition, state.values)) == []
        assert set(state.pages) >= {someone.definition.page_of(name) for name in state.values if name in state.visible}
        json.dumps(state.values)
    again = evaluate(someone.definition, someone.trial.evaluation.values, today=rules.TODAY)
    assert again.values == someone.trial.evaluation.values
