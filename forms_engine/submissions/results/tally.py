"""From counts to what a page may show: one bar per answer, and no bar for a handful of people. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forms_engine.definitions.language import fields as f

FEWEST = 5  # answers that a bar, or a whole page, needs to be shown
MOST_BARS = 12  # of a number; a longer range is cut into steps
NOTHING = "keine Angabe"


@dataclass(frozen=True)
class Bar:
    """One answer, how often it was given, and its share of `of` in whole percent."""

    label: str
    count: int
    of: int

    @property
    def percent(self) -> int:
        return round(100 * self.count / self.of) if self.of else 0


@dataclass(frozen=True)
class Chart:
    """One counted question. `several`: one person may count in several bars."""

    name: str
    label: str
    bars: tuple[Bar, ...]
    several: bool
    merged: bool  # small bars were put together


def chart(item: f.Question, counts: Mapping[str, int], given: int, answers: int) -> Chart:
    """`counts` by the answer as text, `given` answers to this question out of `answers` to the survey.

    Where one person gives one answer, the bars add up to `answers`, whatever was put together.
    """
    several = isinstance(item, f.MultiChoiceField)
    rows = _rows(item, counts) + ([(NOTHING, answers - given)] if given < answers else [])
    shown = protect(rows)
    bars = tuple(Bar(label, count, answers) for label, count in shown)
    return Chart(item.name, str(item.label), bars, several, merged=len(shown) < len(rows))


def protect(rows: Sequence[tuple[str, int]], fewest: int = FEWEST) -> list[tuple[str, int]]:
    """Rows with 1 to `fewest` - 1 answers become one row, with the next smallest if they are too few together.

    The sum stays. Nothing is left to show where all rows together have fewer: then the list is empty.
    """
    small = {n for n, (_, count) in enumerate(rows) if 0 < count < fewest}
    rest = sorted((n for n, (_, count) in enumerate(rows) if count >= fewest), key=lambda n: rows[n][1])
    while small and sum(rows[n][1] for n in small) < fewest:
        if not rest:
            return []
        small.add(rest.pop(0))
    kept = [row for n, row in enumerate(rows) if n not in small]
    if not small:
        return kept
    together = sorted(small)
    return [*kept, ("Zusammen: " + ", ".join(rows[n][0] for n in together), sum(rows[n][1] for n in together))]


def _rows(item: f.Question, counts: Mapping[str, int]) -> list[tuple[str, int]]:
    if isinstance(item, f.IntegerField):
        return _steps(item, counts)
    if isinstance(item, f.BooleanField):
        named = {"true": str(item.yes), "false": str(item.no)}
    elif isinstance(item, f.ChoiceField | f.MultiChoiceField):
        named = {choice.value: str(choice.label) for choice in item.choices}
    else:
        raise TypeError(item.type)  # type: ignore[attr-defined]  # every kind of question has one
    # Answers that only an older version offered stand behind those of today.
    named |= {value: value for value in counts if value not in named}
    return [(label, counts.get(value, 0)) for value, label in named.items()]


def _steps(item: f.IntegerField, counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The range of a number in at most MOST_BARS equal steps; what an older version allowed beyond it at its ends."""
    width = step_width(item.maximum - item.minimum + 1)
    starts = range(item.minimum, item.maximum + 1, width)
    found = dict.fromkeys(starts, 0)
    numbers = {text: count for text, count in counts.items() if text.lstrip("-").isdecimal()}
    for text, count in numbers.items():
        number = min(max(int(text), item.minimum), item.maximum)
        found[starts[(number - item.minimum) // width]] += count
    unit = f" {item.unit}" if item.unit else ""
    others = [(text, count) for text, count in counts.items() if text not in numbers]  # once it was another question
    return others + [
        (_range(start, min(start + width - 1, item.maximum)) + unit, count) for start, count in found.items()
    ]


def _range(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first} bis {last}"


def step_width(span: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that cuts so many numbers into at most MOST_BARS steps."""
    width, factors = 1, (2, 5, 10)
    while True:
        for step in (width, *(width * factor for factor in factors)):
            if -(-span // step) <= MOST_BARS:
                return step
        width *= 10
