import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from forms_engine.definitions import present
from forms_engine.definitions.fields import form_field
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.values import for_expression, sound

TODAY = dt.date(2026, 11, 22)
COMMON = {"name": "tag", "label": "Tag", "messages": {"empty": "Geben Sie den Tag ein."}}
BIRTH = f.PartialDateField(type="partial_date", birth=True, subject="Das Geburtsdatum", **COMMON)
MINUTE = f.DateTimeField(type="datetime", subject="Der Unfall", checks=[{"check": "nicht_zukunft"}], **COMMON)


def ask(item, required=True):
    return form_field(item, required=required, offer=None, today=TODAY)


def sentence(field, typed) -> str:
    with pytest.raises(ValidationError) as wrong:
        field.clean(typed)
    return wrong.value.messages[0]


@pytest.mark.parametrize(
    ("typed", "taken", "shown"),
    [
        (["27", "3", "1985"], "1985-03-27", "27. März 1985"),
        (["", "März", "1985"], "1985-03", "März 1985"),
        (["", "", "1985"], "1985", "1985"),
        (["27.3.1985", "", ""], "1985-03-27", "27. März 1985"),
    ],
)
def test_of_a_birth_the_day_and_the_month_may_be_unknown(typed, taken, shown):
    assert ask(BIRTH).clean(typed) == taken == sound(BIRTH, taken)
    assert present.text_of(BIRTH, taken) == shown


@pytest.mark.parametrize(
    ("typed", "cause", "marked"),
    [
        (["", "", ""], "Geben Sie den Tag ein.", (0, 1, 2)),
        (["", "13", "1985"], "Das Geburtsdatum muss einen Monat von 1 bis 12 enthalten.", (1,)),
        (["", "", "85"], "Das Geburtsdatum muss ein Jahr mit vier Ziffern enthalten.", (2,)),
        (["27", "", "1985"], "Das Geburtsdatum muss einen Monat enthalten.", (1,)),
        (["30", "2", "1985"], "Das Geburtsdatum muss ein Tag sein, den es im Kalender gibt.", (0, 1, 2)),
    ],
)
def test_a_partly_known_date_says_which_part_is_wrong(typed, cause, marked):
    field = ask(BIRTH)
    assert sentence(field, typed) == cause
    assert tuple(field.widget.wrong) == marked


@pytest.mark.parametrize("value", ["1985", "1985-03", "1985-03-27"])
def test_a_partly_known_date_is_shown_again_as_it_was_typed(value):
    parts = ask(BIRTH).widget.decompress(value)
    assert ask(BIRTH).clean(["" if part is None else str(part) for part in parts]) == value


def test_a_day_with_a_time_is_a_moment_for_rules():
    assert ask(MINUTE).clean(["3", "3", "2026", "8.30 Uhr"]) == "2026-03-03T08:30"
    assert ask(MINUTE).widget.decompress("2026-03-03T08:30") == [3, 3, 2026, "8:30"]
    assert for_expression(MINUTE, "2026-03-03T08:30") == dt.datetime(2026, 3, 3, 8, 30, tzinfo=dt.UTC)
    assert present.text_of(MINUTE, "2026-03-03T08:30") == "3. März 2026, 8:30 Uhr".replace("8:30", "08:30")


@pytest.mark.parametrize(
    ("typed", "cause", "marked"),
    [
        (["", "", "", ""], "Geben Sie den Tag ein.", (0, 1, 2)),
        (["3", "3", "2026", ""], "Der Unfall muss auch eine Uhrzeit enthalten.", (3,)),
        (["3", "3", "2026", "25:00"], "Geben Sie die Uhrzeit ein, zum Beispiel 8:30.", (3,)),
        (["3", "3", "2027", "8:30"], "Der Unfall darf nicht in der Zukunft liegen.", (0, 1, 2)),
    ],
)
def test_a_moment_says_which_part_is_wrong(typed, cause, marked):
    field = ask(MINUTE)
    assert sentence(field, typed) == cause
    assert tuple(field.widget.wrong) == marked


def test_a_time_without_a_day_is_no_moment():
    field = ask(MINUTE, required=False)
    assert sentence(field, ["", "", "", "8:30"]) == "Der Unfall muss auch einen Tag enthalten."
    assert field.clean(["", "", "", ""]) is None


@pytest.mark.parametrize("junk", ["2026-3-3T08:30", "2026-03-03", "2026-03-03T24:00", "T08:30", 5, None, "1985-13-01"])
def test_junk_is_no_moment(junk):
    assert sound(MINUTE, junk) is None


@pytest.mark.parametrize("junk", ["85", "1985-13", "1985-02-30", "0000", "1985-", 1985])
def test_junk_is_no_partly_known_date(junk):
    assert sound(BIRTH, junk) is None
