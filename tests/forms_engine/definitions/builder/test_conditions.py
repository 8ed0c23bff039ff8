"""Conditions out of question, operator and value, and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_engine.definitions import actions, schema
from forms_engine.definitions.builder import conditions as c
from forms_engine.definitions.expressions import Kind
from tests.forms_engine.definitions.conftest import SMALL

FORM = schema.load((actions.CATALOGUE / "hundesteuer-anmeldung.yaml").read_text(encoding="utf-8"))
QUESTIONS = [(name, item) for name, item in FORM._fields_by_name.items() if c.operators(item)]


@st.composite
def terms(draw):
    name, item = draw(st.sampled_from(QUESTIONS))
    operator = draw(st.sampled_from(sorted(c.operators(item))))
    if not c.needs_value(item, operator):
        return c.Term(name, operator)
    offered = c.values(item)
    if offered is not None:
        return c.Term(name, operator, draw(st.sampled_from([value for value, _ in offered])))
    if type(item).__name__ in ("DateField", "DateTimeField"):
        return c.Term(name, operator, draw(st.dates()).isoformat())
    if isinstance(item, c.TEXTS):
        words = st.text(st.sampled_from("aß'\\\"&| ="), min_size=1, max_size=8).map(str.strip).filter(bool)
        return c.Term(name, operator, draw(words))
    return c.Term(name, operator, str(draw(st.integers(-(10**9), 10**9))))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.lists(terms(), min_size=1, max_size=4), st.booleans())
def test_a_condition_is_an_expression_and_back(found, every):
    condition = c.Condition(tuple(found), every or len(found) == 1)
    source = c.expression(FORM, condition)
    assert c.parse(FORM, source) == condition
    assert FORM.program.scope.compile(source, Kind.BOOL)


@pytest.mark.parametrize(
    "source", ["wahl == 'b' && (notiz == 'x' || notiz == 'y')", "size(notiz) > 3", "unbekannt == 'x'"]
)
def test_what_says_more_is_not_taken_apart(source):
    assert c.parse(schema.load(SMALL), source) is None


def test_nothing_is_a_condition_without_terms():
    assert c.parse(FORM, " ") == c.Condition(())


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        (c.Term("wahl", "ist", "c"), "Wählen Sie zu „Wahl“ einen Wert aus."),
        (c.Term("wahl", "vor_heute"), "Wählen Sie aus, was für „Wahl“ gelten soll."),
        (c.Term("tag", "ab", "morgen"), "Geben Sie zu „Tag“ einen Tag ein, zum Beispiel 2027-03-27."),
        (c.Term("notiz", "ist", " "), "Geben Sie zu „Notiz“ einen Wert ein."),
        (c.Term("fahrzeuge", "zeilen", "viele"), "Geben Sie zu „Fahrzeuge“ eine ganze Zahl ein."),
    ],
)
def test_a_wrong_value_is_told(term, sentence):
    with pytest.raises(c.BadValue) as bad:
        c.expression(schema.load(SMALL), c.Condition((term,)))
    assert str(bad.value) == sentence
