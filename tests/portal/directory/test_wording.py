import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from portal.directory.wording import Words, check_translations, words

OTHERS = {"en": {"title": "Identity card", "summary": "Proves who you are."}}


def test_a_row_speaks_the_language_of_the_page():
    with override("en"):
        assert words("Ausweis", "Zeigt, wer Sie sind.", OTHERS) == Words("Identity card", "Proves who you are.", "")


@pytest.mark.parametrize("code", ["en", "de-simple"])
def test_a_row_without_other_words_stays_german_and_says_so(code):
    with override(code):
        assert words("Ausweis", "Zeigt es.", {}) == Words("Ausweis", "Zeigt es.", "de")


def test_on_a_german_page_nothing_is_marked():
    assert words("Ausweis", "Zeigt es.", OTHERS) == Words("Ausweis", "Zeigt es.", "")


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"fr": {"title": "x"}},
        {"en": {"summary": "x"}},
        {"en": {"title": 1}},
        {"en": {"title": "x" * 251}},
        {"en": "x"},
    ],
)
def test_editors_are_told_what_is_wrong(value):
    with pytest.raises(ValidationError):
        check_translations(value)


def test_what_is_right_passes():
    check_translations(OTHERS)
