"""Bars add up, and none stands for a handful of people."""

from hypothesis import given
from hypothesis import strategies as st

from forms_engine.definitions.language import fields as f
from forms_engine.submissions.results import drawing, tally

CHOICES = [{"value": value, "label": {"de": value.upper()}} for value in "abcd"]
CHOICE = f.ChoiceField.model_validate(
    {"name": "wahl", "type": "choice", "label": {"de": "Wahl"}, "choices": CHOICES}, strict=False
)
NUMBER = f.IntegerField.model_validate(
    {"name": "zahl", "type": "integer", "label": {"de": "Zahl"}, "minimum": -3, "maximum": 240}, strict=False
)
SOME = st.integers(0, 60)
ROWS = st.lists(SOME, max_size=12).map(lambda counts: [(f"Zeile {n}", count) for n, count in enumerate(counts)])


@given(ROWS)
def test_the_sum_stays_and_no_row_is_small(rows):
    total = sum(count for _, count in rows)
    shown = tally.protect(rows)
    if 0 < total < tally.FEWEST:
        assert shown == []
    else:
        assert sum(count for _, count in shown) == total
    assert not [count for _, count in shown if 0 < count < tally.FEWEST]


@given(st.dictionaries(st.sampled_from("abcdx"), SOME), SOME)
def test_the_bars_of_a_choice_add_up_to_the_number_of_answers(counts, silent):
    given = sum(counts.values())
    chart = tally.chart(CHOICE, counts, given, given + silent)
    if given + silent >= tally.FEWEST:
        assert sum(bar.count for bar in chart.bars) == given + silent


@given(st.dictionaries(st.integers(-10, 300).map(str), SOME), SOME)
def test_the_bars_of_a_number_add_up_to_the_number_of_answers(counts, silent):
    given = sum(counts.values())
    chart = tally.chart(NUMBER, counts, given, given + silent)
    assert len(chart.bars) <= tally.MOST_BARS + 1
    if given + silent >= tally.FEWEST:
        assert sum(bar.count for bar in chart.bars) == given + silent


@given(st.integers(1, 1001))
def test_steps_are_few(span):
    assert -(-span // tally.step_width(span)) <= tally.MOST_BARS


def test_a_small_row_is_not_to_be_worked_out_from_the_others():
    assert tally.protect([("a", 10), ("b", 4), ("c", 7), ("d", 0)]) == [("a", 10), ("d", 0), ("Zusammen: b, c", 11)]
    assert tally.protect([("a", 3), ("b", 4), ("c", 9)]) == [("c", 9), ("Zusammen: a, b", 7)]


def test_an_answer_that_was_once_offered_keeps_its_bar():
    chart = tally.chart(CHOICE, {"a": 6, "alt": 5}, 11, 11)
    assert [(bar.label, bar.count) for bar in chart.bars] == [("A", 6), ("B", 0), ("C", 0), ("D", 0), ("alt", 5)]
    assert tally.chart(NUMBER, {"ruhig": 9}, 9, 9).bars[0].label == "ruhig"


@given(ROWS)
def test_a_drawing_stays_inside(rows):
    bars = [tally.Bar("sehr lange Beschriftung " * 3 + label, count, 100) for label, count in rows]
    drawn = drawing.draw(bars)
    assert all(float(bar.width.rstrip("%")) <= drawing.WIDEST for bar in drawn.bars)
    assert all(len(line.text) <= drawing.CHARACTERS for bar in drawn.bars for line in bar.lines)
    assert all(bar.y + drawing.THICK <= drawn.height for bar in drawn.bars)
