import datetime as dt
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_engine.definitions import validators
from forms_engine.definitions.checks import DATE_CHECKS, TEXT_CHECKS
from forms_engine.definitions.validators import Wrong, clean

TODAY = dt.date(2026, 11, 22)
PLATE = re.compile(r"[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} [1-9][0-9]{0,3}[EH]?")


def sentence(check, *args) -> str:
    with pytest.raises(Wrong) as wrong:
        check(*args)
    return str(wrong.value)


@pytest.mark.parametrize(
    ("typed", "plate"),
    [
        ("M-AB 1234", "M-AB 1234"),
        ("m ab 1234", "M-AB 1234"),
        ("  M–AB1234e ", "M-AB 1234E"),
        ("MAB1234", "M-AB 1234"),
        ("M A 1", "M-A 1"),
        ("B X9", "B-X 9"),
        ("bx9", "B-X 9"),
        ("MUC-X 7H", "MUC-X 7H"),
        ("mucab123", "MUC-AB 123"),
        ("fürth-ab 1", None),
        ("Fü-AB 12", "FÜ-AB 12"),
        ("FU\u0308-AB 12", "FÜ-AB 12"),
        ("dah-ab\u00ad 123", "DAH-AB 123"),
        ("DAHAB 123", "DAH-AB 123"),
        ("M-AB 123 E", "M-AB 123E"),
        ("M_AB_12", "M-AB 12"),
    ],
)
def test_a_plate_is_repaired_to_its_standard_form(typed, plate):
    if plate is None:
        assert "höchstens drei Buchstaben" in sentence(validators.kfz_kennzeichen, typed)
    else:
        assert validators.kfz_kennzeichen(typed) == plate


@pytest.mark.parametrize(
    ("typed", "cause"),
    [
        ("1234", "deutsches Kennzeichen"),
        ("AB-123-CD", "ausländischem Kennzeichen"),
        ("W 12345 X", "ein oder zwei Buchstaben"),
        ("MÜNCHEN", "auch die Zahl"),
        ("M-AB", "auch die Zahl"),
        ("M-1234", "ein oder zwei Buchstaben"),
        ("M-ABC 123", "nur ein oder zwei Buchstaben"),
        ("ABCD-E 1", "höchstens drei Buchstaben"),
        ("M-AB 0123", "ohne führende Null"),
        ("M-AB 12345", "höchstens vier Ziffern"),
        ("M-AB 123X", "nur E (elektrisch) oder H (historisch)"),
        ("MUC-AB 1234", "höchstens acht Zeichen"),
        ("M-Ä 1", "ohne Umlaut"),
        ("DAH123", "Bindestrich"),
        ("М-АВ 123", "deutsches Kennzeichen"),  # Cyrillic letters that look the same
        ("M-AB 12<b>", "deutsches Kennzeichen"),
    ],
)
def test_each_cause_of_a_wrong_plate_has_its_own_sentence(typed, cause):
    if typed == "MUC-AB 1234":
        typed += "E"
    said = sentence(validators.kfz_kennzeichen, typed)
    assert cause in said and said.endswith(".")


@given(st.from_regex(PLATE, fullmatch=True))
def test_a_right_plate_stays_and_survives_bad_typing(plate):
    if len(re.sub(r"[- ]", "", plate)) > 8:
        assert "acht Zeichen" in sentence(validators.kfz_kennzeichen, plate)
        return
    assert validators.kfz_kennzeichen(plate) == plate
    assert validators.kfz_kennzeichen(f" {plate.lower()} ".replace("-", " – ")) == plate


@given(st.one_of(st.text(max_size=15), st.text("MABÄ ÜxyEH-0123456789", max_size=14)))
def test_whatever_is_typed_gives_a_plate_or_a_sentence(typed):
    try:
        plate = validators.kfz_kennzeichen(typed)
    except Wrong as wrong:
        assert str(wrong).endswith(".")
    else:
        assert PLATE.fullmatch(plate) and validators.kfz_kennzeichen(plate) == plate


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    for lines in (False, True):
        once = clean(text, lines=lines)
        assert clean(once, lines=lines) == once
        assert unicodedata.is_normalized("NFC", once) and once == once.strip("\n ")
        assert not any(unicodedata.category(c) in ("Cf", "Cs") for c in once)


def test_cleaning_keeps_paragraphs_only_where_asked():
    assert clean(" a\u00ad b\r\n\r\n c\u200b ") == "a b c"
    assert clean(" a\u00ad b\r\n\r\n c\u200b ", lines=True) == "a b\n\nc"


@pytest.mark.parametrize(
    "name",
    [
        "Müller-Lüdenscheidt",
        "O’Neill",
        "D'Angelo",
        "Nguyễn Thị Minh",
        "Żółć",
        "Þórður",
        "Ngọc Ánh",
        "Šķēle",
        "S\u0323\u0302a",
        "Weiß",
        "ẞ",
        "van der Berg",
        "Dr. A. Ba",
    ],
)
def test_names_of_all_europe_are_taken(name):
    assert validators.name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("typed", "cause"),
    [
        ("Anna2", "ohne Ziffern"),
        ("Иван", "lateinischen Buchstaben"),
        ("a@b", "Nicht möglich ist: @"),
        ("李", "lateinischen"),
        ("- .", "in Buchstaben"),
        ("\u0301a", "lateinischen"),
    ],
)
def test_names_that_cannot_be_written_say_why(typed, cause):
    assert cause.replace("Nicht möglich ist", "Dieses Zeichen ist nicht möglich") in sentence(validators.name, typed)


@pytest.mark.parametrize(
    ("check", "typed", "taken"),
    [
        ("plz_muenchen", " 80 331", "80331"),
        ("plz_muenchen", "81999", "81999"),
        ("plz_de", "01067", "01067"),
        ("strasse_hausnummer", "Straße des 17. Juni 135", "Straße des 17. Juni 135"),
        ("strasse_hausnummer", "Ganghoferstr. 12 a / Rgb.", "Ganghoferstr. 12 a / Rgb."),
        ("email", " Anna.Li+x@Straße-beispiel.de ", "Anna.Li+x@Straße-beispiel.de"),
        ("email", "a @b.de", "a@b.de"),
        ("phone", "+49 (0)89 / 233-00", "+49 (0)89 / 233-00"),
        ("iban", "de02 1203 0000 0000 2020 51", "DE02120300000000202051"),
    ],
)
def test_right_answers_are_taken_in_standard_form(check, typed, taken):
    assert TEXT_CHECKS[check](typed) == taken
    assert TEXT_CHECKS[check](taken) == taken


@pytest.mark.parametrize(
    ("check", "typed", "cause"),
    [
        ("plz_muenchen", "85737", "Münchner Postleitzahl"),
        ("plz_muenchen", "82000", "Münchner Postleitzahl"),
        ("plz_muenchen", "8033", "fünf Ziffern"),
        ("plz_de", "8O331", "fünf Ziffern"),
        ("plz_de", "٨٠٣٣١", "fünf Ziffern"),
        ("strasse_hausnummer", "Marienplatz", "Hausnummer"),
        ("strasse_hausnummer", "12", "Namen der Straße"),
        ("strasse_hausnummer", "Улица 1", "Namen der Straße"),
        ("strasse_hausnummer", "Weg <b> 1", "Nicht möglich ist: <"),
        ("email", "anna", "genau einem @"),
        ("email", "a@b@c.de", "genau einem @"),
        ("email", ".a@b.de", "vor dem @"),
        ("email", "a@b", "nach dem @"),
        ("email", f"a@{'b' * 250}.de", "254 Zeichen"),
        ("phone", "ruf an", "in Ziffern"),
        ("phone", "123", "mit Vorwahl"),
        ("iban", "hallo", "Sie beginnt mit"),
        ("iban", "DE0212030000000020205", "22 Zeichen"),
        ("iban", "DE03120300000000202051", "Mindestens ein Zeichen"),
    ],
)
def test_wrong_answers_get_the_sentence_of_their_cause(check, typed, cause):
    assert cause in sentence(TEXT_CHECKS[check], typed)


@given(st.sampled_from(sorted(TEXT_CHECKS)), st.text(max_size=40))
def test_no_check_ever_breaks_and_none_judges_its_own_result_differently(check, typed):
    try:
        taken = TEXT_CHECKS[check](typed)
    except Wrong as wrong:
        assert str(wrong)
    else:
        assert TEXT_CHECKS[check](taken) == taken


@pytest.mark.parametrize(
    ("typed", "taken"), [("8:30", "08:30"), ("8.30 Uhr", "08:30"), ("14", "14:00"), ("0:05", "00:05")]
)
def test_times_are_taken(typed, taken):
    assert validators.time(typed) == taken == validators.time(taken)


@pytest.mark.parametrize("typed", ["24:00", "8:60", "acht", "8:3", ""])
def test_times_that_do_not_exist_are_refused(typed):
    assert "zum Beispiel 8:30" in sentence(validators.time, typed)


@pytest.mark.parametrize(
    ("check", "day", "days", "cause"),
    [
        ("geburtsdatum", dt.date(2026, 11, 23), None, "Der Tag muss in der Vergangenheit liegen."),
        ("geburtsdatum", dt.date(1906, 11, 21), None, "Der Tag darf höchstens 120 Jahre zurückliegen."),
        ("nicht_zukunft", dt.date(2026, 11, 23), None, "Der Tag darf nicht in der Zukunft liegen."),
        ("nicht_zukunft", dt.date(2026, 11, 11), 10, "Der Tag darf nicht vor dem 12. November 2026 liegen."),
        ("nach_heute", dt.date(2026, 11, 22), None, "Der Tag muss nach dem heutigen Tag liegen."),
        ("nach_heute", dt.date(2026, 12, 3), 10, "Der Tag darf nicht nach dem 2. Dezember 2026 liegen."),
    ],
)
def test_days_outside_their_limits_say_which(check, day, days, cause):
    assert sentence(DATE_CHECKS[check], day, TODAY, "Der Tag", days) == cause


@pytest.mark.parametrize(
    ("check", "day", "days"),
    [
        ("geburtsdatum", dt.date(1906, 11, 22), None),
        ("geburtsdatum", TODAY, None),
        ("nicht_zukunft", dt.date(2026, 11, 12), 10),
        ("nicht_zukunft", TODAY, 0),
        ("nach_heute", dt.date(2026, 12, 2), 10),
        ("nach_heute", dt.date(2026, 11, 23), 10),
    ],
)
def test_days_at_their_limits_are_taken(check, day, days):
    DATE_CHECKS[check](day, TODAY, "Der Tag", days)
