import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_engine.fim.limits import from_attributes, from_text
from forms_engine.fim.model import Limits


@pytest.mark.parametrize(
    ("text", "data_type", "limits"),
    [
        ("", "text", Limits()),
        ('{"minLength":"1","maxLength":"250"}', "text", Limits(1, 250)),
        ('\n {"maxLength": 5}\n'.strip(), "text", Limits(None, 5)),
        ('{"minValue":"0,1","maxValue":"9"}', "num", Limits(min_value="0,1", max_value="9")),
        ("5", "text", Limits(5, 5)),
        ("5", "num_int", Limits(max_value="5")),
        ("1..31", "num_int", Limits(min_value="1", max_value="31")),
        ("Codeliste Staat", "text", Limits(note="Codeliste Staat")),
        ('{"pattern":"\\\\d{5}"}', "text", Limits(pattern="\\d{5}")),
        ('{"farbe":"rot"}', "text", Limits(note='{"farbe": "rot"}')),
        ('{"maxLength":"viel"}', "text", Limits(note="max_length=viel")),
        ("[" * 5000, "text", Limits(note="[" * 5000)),
    ],
)
def test_free_text_of_version_2_is_read_or_kept(text, data_type, limits):
    assert from_text(text, data_type) == limits


def test_attributes_of_version_3_are_read():
    given_ = {"minLength": "1", "maxLength": "2", "minValue": "3", "maxValue": "4", "pattern": "x", "neu": "y"}
    assert from_attributes(given_) == Limits(1, 2, "3", "4", "x")


@given(st.text(max_size=60), st.sampled_from(["text", "num", "date"]))
def test_nothing_breaks_and_nothing_is_lost(text, data_type):
    limits = from_text(text, data_type)
    assert limits != Limits() or not text or "{" in text
