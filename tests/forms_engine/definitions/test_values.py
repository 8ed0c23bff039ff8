import datetime as dt

import pytest

from forms_engine.definitions.values import for_expression, parse_date, sound
from tests.forms_engine.definitions.test_build import kinds

CHOICES = "choices: [{value: x, label: X}, {value: y, label: Y}]"


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        ("type: text", "a", "a"),
        ("type: text", "  ", None),
        ("type: text", 3, None),
        ("type: text", "a\0", None),
        ("type: text", "\ud800", None),
        ("type: text", "x" * 20_001, None),
        ("type: integer", 3, 3),
        ("type: integer", True, None),
        ("type: integer", 3.0, None),
        ("type: integer", 2**63, None),
        ("type: decimal", "1.25", "1.25"),
        ("type: decimal", "1.255", None),
        ("type: decimal", 1.25, None),
        ("type: decimal", "١", None),
        ("type: date", "2026-02-29", None),
        ("type: date", "2026-W01-1", None),
        ("type: date", "2028-02-29", "2028-02-29"),
        ("type: time", "24:00", None),
        ("type: boolean", False, False),
        ("type: boolean", 0, None),
        ("type: declaration, statement: Ja.", False, None),
        (f"type: choice, {CHOICES}", "z", None),
        (f"type: choice, {CHOICES}", ["x"], None),
        (f"type: multi_choice, {CHOICES}", ["y", "z", "x", "y", {}], ["x", "y"]),
        (f"type: multi_choice, {CHOICES}", "x", None),
        ("type: file, media_types: [application/pdf], max_bytes: 1000, max_files: 2", ["a", "a", "b"], ["a", "b"]),
        ("type: file, media_types: [application/pdf], max_bytes: 1000", ["a", "b"], ["a"]),
    ],
)
def test_only_answers_of_the_right_shape_are_kept(kind, raw, kept):
    value = sound(kinds(kind).field("notiz"), raw)
    assert value == kept and type(value) is type(kept)


def test_expressions_see_exact_numbers_and_days():
    assert for_expression(kinds("type: decimal, places: 3").field("notiz"), "1.25") == 1250
    assert for_expression(kinds("type: date").field("notiz"), "2026-03-03") == dt.datetime(2026, 3, 3, tzinfo=dt.UTC)


@pytest.mark.parametrize("raw", ["1599-12-31", "9999-01-01", "20260303", "", None, 20260303])
def test_days_outside_the_calendar_of_forms_are_none(raw):
    assert parse_date(raw) is None
