"""Every form of the catalogue: its stored test data, and what holds whatever is answered."""

import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_engine.definitions import actions, replay, schema
from forms_engine.definitions.evaluate import evaluate
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import HIGHEST_FEE
from tests.forms_engine.definitions import strategies

TODAY = dt.date(2026, 11, 22)
FORMS = {path.stem: schema.load(path.read_text(encoding="utf-8")) for path in sorted(actions.CATALOGUE.glob("*.yaml"))}
TESTED = {path.stem: replay.load(path.read_text(encoding="utf-8")) for path in sorted(replay.CASES.glob("*.yaml"))}
# A form of 60 questions is slow to draw on a busy machine; that says nothing about the form.
CHEAP = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
each_form = pytest.mark.parametrize("name", FORMS)


@each_form
def test_the_file_is_called_as_the_form(name):
    form = FORMS[name]
    assert form.form == name == form.service


@pytest.mark.parametrize("name", TESTED)
def test_the_stored_test_data_still_holds(name):
    tested = TESTED[name]
    assert replay.replay(FORMS[tested.form], tested.cases) == []


def test_each_form_has_three_answer_sets_and_shows_each_refusal():
    assert TESTED.keys() == FORMS.keys()
    for name, tested in TESTED.items():
        shown = {case.expect.refusal for case in tested.cases} - {None}
        assert len(tested.cases) >= 3 and shown == {refusal.key for refusal in FORMS[name].refusals}, name


@each_form
@CHEAP
@given(st.data())
@pytest.mark.sample(36)
def test_whatever_is_answered_the_result_is_sound(name, data):
    form = FORMS[name]
    answers = data.draw(strategies.answers(form))
    state = evaluate(form, answers, today=TODAY)
    assert state.values.keys() <= state.visible and state.required <= state.visible
    assert {form.page_of(name) for name in state.visible} <= set(state.pages)
    json.dumps(state.values)
    again = evaluate(form, state.values, today=TODAY)
    assert dataclasses.asdict(again) == dataclasses.asdict(state)


@each_form
@CHEAP
@given(st.data())
@pytest.mark.sample(36)
def test_the_fee_is_none_or_that_of_a_tier(name, data):
    form = FORMS[name]
    state = evaluate(form, data.draw(strategies.answers(form)), today=TODAY)
    tier = next((tier for tier in form.fee.tiers if tier.key == state.fee_tier), None) if form.fee else None
    if tier is None:
        assert state.fee_cents is None
    else:
        assert 0 <= state.fee_cents <= HIGHEST_FEE and tier.cents in (None, state.fee_cents)


@each_form
@CHEAP
@given(st.data())
@pytest.mark.sample(36)
def test_who_is_not_eligible_goes_no_further(name, data):
    form = FORMS[name]
    state = evaluate(form, data.draw(strategies.answers(form)), today=TODAY)
    if state.refusal:
        assert state.pages[-1] == form.refusal(state.refusal).page
        assert (state.fee_cents, state.documents, state.valid_from, state.valid_until) == (None, (), None, None)


@each_form
def test_every_sentence_is_short(name):
    form = FORMS[name]
    sentences = [text for page in form.pages for text in page.text] + list(form.start.intro)
    sentences += [refusal_text for refusal in form.refusals for refusal_text in (*refusal.text, *refusal.next_steps)]
    for text in sentences:
        for sentence in str(text).replace("? ", ". ").split(". "):
            assert len(sentence.split()) <= 20, sentence


@each_form
def test_every_form_says_why_it_asks_and_what_follows(name):
    form = FORMS[name]
    assert form.start.costs and form.start.who and form.start.other_ways and form.privacy.text
    decision = form.decision
    if decision:
        assert all(reason.legal_basis for reason in decision.refusal_reasons) and "Klage" in str(decision.remedy)
        assert form.meaning.name and form.meaning.address


@each_form
def test_a_declaration_stands_only_on_the_last_pages_or_beside_what_it_is_about(name):
    form = FORMS[name]
    names = {item.name for page in form.pages for item in page.fields if isinstance(item, f.DeclarationField)}
    assert "erklaerung_wahrheit" in names or form.start.trust_level == "none"
