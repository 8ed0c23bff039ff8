import datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from portal.common.dates import DateField, month_number

FIELD = DateField(subject="Das Geburtsdatum", empty="Geben Sie Ihr Geburtsdatum ein")


def refusal(*parts):
    with pytest.raises(ValidationError) as caught:
        DateField(subject="Das Geburtsdatum", empty="Geben Sie Ihr Geburtsdatum ein").clean(list(parts))
    return caught.value.messages[0], tuple((caught.value.params or {}).get("parts", ()))


@given(st.dates())
def test_every_date_of_the_calendar_is_read_back(day):
    parts = FIELD.widget.decompress(day)
    assert FIELD.clean([str(parts[0]), str(parts[1]), f"{parts[2]:04}"]) == day
    assert FIELD.widget.decompress(day.isoformat()) == parts


@given(st.lists(st.text(max_size=12), min_size=3, max_size=3))
def test_whatever_is_typed_gives_a_date_or_a_sentence(parts):
    try:
        assert isinstance(FIELD.clean(parts), datetime.date)
    except ValidationError as error:
        assert error.messages[0].startswith(("Das Geburtsdatum muss ", "Geben Sie "))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3),
        ("03.", 3),
        ("März", 3),
        ("mrz", 3),
        ("Maerz", 3),
        ("Mär.", 3),
        ("Sept.", 9),
        ("Dezember", 12),
        ("Jänner", 1),
    ],
)
def test_f16_months_are_understood_by_number_and_name(text, number):
    assert month_number(text) == number


@pytest.mark.parametrize("text", ["", "0", "13", "Brumaire", "1.5", "³"])
def test_other_months_are_not(text):
    assert month_number(text) is None


def test_f16_dots_and_a_whole_date_pasted_into_the_first_field_are_understood():
    day = datetime.date(2021, 3, 27)
    for parts in (["27.", "3.", "2021"], ["27.3.2021", "", ""], ["27 März 2021", "", ""], [" 27 ", "03", "2021 "]):
        assert FIELD.clean(parts) == day


def test_f33_each_cause_has_its_own_sentence_and_names_the_wrong_part():
    assert refusal("", "", "") == ("Geben Sie Ihr Geburtsdatum ein", ())
    assert refusal("", "3", "") == ("Das Geburtsdatum muss einen Tag und ein Jahr enthalten", (0, 2))
    assert refusal("27", "3", "21") == ("Das Geburtsdatum muss ein Jahr mit vier Ziffern enthalten", (2,))
    assert refusal("27", "13", "2021") == ("Das Geburtsdatum muss einen Monat von 1 bis 12 enthalten", (1,))
    assert refusal("32", "3", "2021") == ("Das Geburtsdatum muss einen Tag von 1 bis 31 enthalten", (0,))
    assert refusal("29", "2", "2021") == ("Das Geburtsdatum muss ein Tag sein, den es im Kalender gibt", (0, 1, 2))


def test_an_optional_date_may_stay_empty_but_not_be_half():
    field = DateField(required=False)
    assert field.clean(["", "", ""]) is None
    with pytest.raises(ValidationError, match="Das Datum muss einen Monat und ein Jahr enthalten"):
        field.clean(["27", "", ""])
