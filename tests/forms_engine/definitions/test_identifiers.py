import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_engine.definitions import identifiers
from forms_engine.definitions.checks import TEXT_CHECKS
from forms_engine.definitions.validators import Wrong


@pytest.mark.parametrize(
    ("check", "typed", "taken"),
    [
        ("steuer_id", "86 095 742 719", "86095742719"),
        ("steuer_id", "47 036 892 816", "47036892816"),
        ("ust_id", "de 136 695 976", "DE136695976"),
        ("hundechip", "276 0939 00012345", "276093900012345"),
        ("hundechip", "981-100-000-123-456", "981100000123456"),
        ("fin", "wvwzzz1jz3w386752", "WVWZZZ1JZ3W386752"),
        ("fin", "1M8GDM9AXKP042788", "1M8GDM9AXKP042788"),
        ("ausweisnummer", "L01X00T471", "L01X00T47"),
        ("ausweisnummer", "l01x 00t47", "L01X00T47"),
        ("registernummer", "hrb 12345", "HRB 12345"),
        ("registernummer", "HRB12345B", "HRB 12345 B"),
        ("registernummer", "GnR 77", "GnR 77"),
        ("kassenkonto", "1234 5678 90123", "1234567890123"),
        ("fuehrerscheinnummer", "b072 rre2 i55", "B072RRE2I55"),
        ("imei", "49-015420-323751-8", "490154203237518"),
        ("url", "www.muenchen.example/seite?x=1", "https://www.muenchen.example/seite?x=1"),
        ("url", "http://beispiel.de", "http://beispiel.de"),
    ],
)
def test_a_number_is_taken_in_its_standard_form(check, typed, taken):
    assert TEXT_CHECKS[check](typed) == taken
    assert TEXT_CHECKS[check](taken) == taken


@pytest.mark.parametrize(
    ("check", "typed", "cause"),
    [
        ("steuer_id", "8609574271", "11 Ziffern"),
        ("steuer_id", "86095742718", "stimmt nicht"),
        ("steuer_id", "01234567899", "stimmt nicht"),
        ("steuer_id", "12345678903", "stimmt nicht"),  # no digit twice among the first ten
        ("ust_id", "ATU12345678", "DE und neun Ziffern"),
        ("ust_id", "DE136695975", "stimmt nicht"),
        ("hundechip", "27609390001234", "15 Ziffern"),
        ("hundechip", "000093900012345", "Anfang der Chipnummer"),
        ("hundechip", "999093900012345", "Anfang der Chipnummer"),
        ("fin", "WVWZZZ1JZ3W38675O", "ohne O"),
        ("fin", "WVWZZZ1JZ3W38675", "17 Zeichen"),
        ("fin", "1M8GDM9A1KP042788", "stimmt nicht"),
        ("ausweisnummer", "A01X00T47", "neun Zeichen"),
        ("ausweisnummer", "L01X00T472", "stimmt nicht"),
        ("registernummer", "12345", "HRB 12345"),
        ("registernummer", "HRX 1", "HRB 12345"),
        ("kassenkonto", "123456789012", "13 Ziffern"),
        ("fuehrerscheinnummer", "B072RRE2I5", "11 Zeichen"),
        ("imei", "49015420323751", "15 Ziffern"),
        ("imei", "490154203237519", "stimmt nicht"),
        ("url", "ftp://beispiel.de", "https://"),
        ("url", "javascript:alert(1)", "https://"),
        ("url", "https://nutzer@beispiel.de", "Prüfen Sie"),
        ("url", "https://beispiel.de:99999", "https://"),
        ("url", "localhost", "Prüfen Sie"),
        ("url", "https://[::1", "https://"),
        ("url", "beispiel.de/" + "a" * 2000, "kürzere"),
    ],
)
def test_each_cause_has_its_own_sentence(check, typed, cause):
    with pytest.raises(Wrong) as wrong:
        TEXT_CHECKS[check](typed)
    assert cause in str(wrong.value)


@given(st.text(string.digits, min_size=10, max_size=10), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_never_passes_the_check_digit_of_a_tax_number(first, place, step):
    whole = first + str(identifiers._mod_11_10(first))
    wrong = whole[:place] + str((int(whole[place]) + step) % 10) + whole[place + 1 :]
    assert identifiers._mod_11_10(wrong[:10]) != int(wrong[10])


@given(st.sampled_from(sorted(TEXT_CHECKS)), st.text(max_size=30))
def test_whatever_is_typed_is_taken_or_refused_with_a_sentence(check, typed):
    try:
        taken = TEXT_CHECKS[check](typed)
    except Wrong as wrong:
        assert str(wrong).endswith((".", "?")) or ": " in str(wrong)
    else:
        assert TEXT_CHECKS[check](taken) == taken
