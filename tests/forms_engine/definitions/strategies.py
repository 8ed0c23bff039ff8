"""Random answers to a form: sensible ones, ill-shaped ones and junk."""

import datetime as dt

from hypothesis import strategies as st

from forms_engine.definitions.language import fields as f

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "a\0b", 2**80, "9999-12-31", "0001-01-01", "2026-W01-1"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def sensible(item: f.Question) -> st.SearchStrategy:
    match item:
        case f.ChoiceField():
            return st.sampled_from([choice.value for choice in item.choices])
        case f.MultiChoiceField():
            return st.lists(st.sampled_from([choice.value for choice in item.choices]), max_size=5)
        case f.BooleanField() | f.DeclarationField():
            return st.booleans()
        case f.IntegerField() | f.MoneyField():
            return st.integers(0, 2000)
        case f.DecimalField():
            return st.integers(0, 10**6).map(lambda n: f"{n // 100}.{n % 100:02d}")
        case f.DateField():
            return st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31)).map(dt.date.isoformat)
        case f.FileField():
            return st.lists(st.uuids().map(str), max_size=item.max_files)
        case f.RepeatingField():
            row = st.fixed_dictionaries({}, optional={m.name: sensible(m) for m in item.members})
            return st.lists(row, max_size=item.maximum)
    return st.text("abc M-1234", max_size=20)


def answers(definition) -> st.SearchStrategy:
    questions = [item for page in definition.pages for item in page.questions]
    return st.fixed_dictionaries(
        {}, optional={item.name: st.one_of(sensible(item), sensible(item), sensible(item), JUNK) for item in questions}
    )
