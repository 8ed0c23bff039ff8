import pytest
from django.core.exceptions import ValidationError
from hypothesis import given

from forms_engine.definitions import places, present
from forms_engine.definitions.fields import form_field
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.values import for_expression, sound
from tests.forms_engine.definitions.strategies import JUNK
from tests.forms_engine.definitions.test_moments import TODAY

PLACE = f.LocationField(type="location", name="ort", label="Ort", messages={"empty": "Beschreiben Sie den Ort."})
POINT = {"words": "Tal 1", "lat": "48.13715", "lon": "11.57612"}


def ask(required=True):
    return form_field(PLACE, required=required, offer=None, today=TODAY)


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        (["Tal 1", "", ""], {"words": "Tal 1"}),
        ([" Tal\u00ad  1 ", "48,13715", "11.57612"], POINT),
    ],
)
def test_a_place_is_words_and_perhaps_a_point(typed, taken):
    assert ask().clean(typed) == taken == sound(PLACE, taken)
    assert ask().clean(ask().widget.decompress(taken)) == taken
    assert for_expression(PLACE, taken) == "Tal 1"


@pytest.mark.parametrize(
    ("typed", "cause", "marked"),
    [
        (["", "", ""], "Beschreiben Sie den Ort.", (0,)),
        (["", "48.13715", "11.57612"], "auch mit Worten", (0,)),
        (["x" * 301, "", ""], "höchstens 300 Zeichen", (0,)),
        (["Tal 1", "48.13715", ""], "Breite und Länge", (2,)),
        (["Tal 1", "", "11.57612"], "Breite und Länge", (1,)),
        (["Tal 1", "52.52", "13.405"], "in München", (1, 2)),
        (["Tal 1", "48.1e0", "11.5"], "in München", (1, 2)),
    ],
)
def test_each_cause_has_its_sentence_and_its_part(typed, cause, marked):
    field = ask()
    with pytest.raises(ValidationError) as wrong:
        field.clean(typed)
    assert cause in wrong.value.messages[0] and field.widget.wrong == marked


def test_an_optional_place_may_stay_empty():
    assert ask(required=False).clean(["", "", ""]) is None


def test_a_place_is_shown_with_its_point():
    assert present.text_of(PLACE, POINT) == "Tal 1\n48.13715, 11.57612"


@given(JUNK)
def test_junk_is_no_place(junk):
    taken = places.sound_place(junk)
    assert taken is None or places.sound_place(taken) == taken
