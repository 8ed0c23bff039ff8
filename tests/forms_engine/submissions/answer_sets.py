"""People who fill in a form anyhow: stored test data, values at the edge of what is allowed, junk and forged fields."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.datastructures import MultiValueDict

from forms_engine.definitions import replay, schema
from forms_engine.definitions.actions import CATALOGUE
from forms_engine.definitions.build import as_posted
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.models import FormVersion
from forms_engine.submissions.forms import WizardForm
from forms_engine.submissions.preview.walk import Trial
from tests.forms_engine.submissions.rules import TODAY

FORMS = sorted(path.stem for path in CATALOGUE.glob("*.yaml"))
JUNK = [
    "",
    " ",
    "x",
    "-1",
    "0",
    "1e9",
    "９",
    "\0",
    "\ud800",
    "a" * 5000,
    "<script>",
    "ja",
    "on",
    "null",
    "2026-02-30",
    "M-\n1",
]
TRIES = 3  # of a page before the person gives up


def trial(slug: str) -> tuple[Trial, list[replay.Case]]:
    source = (CATALOGUE / f"{slug}.yaml").read_text(encoding="utf-8")
    cases = replay.load((replay.CASES / f"{slug}.yaml").read_text(encoding="utf-8")).cases
    version = FormVersion(number=1, source=source)
    return Trial(version, schema.load(source), {}, frozenset(), TODAY, "de"), [*cases]


class Person:
    """Goes from page to page. `accepted` are (page, form) that the wizard took."""

    def __init__(self, start: Trial, cases: list[replay.Case], seed: int):
        self.trial, self.cases, self.dice = start, cases, random.Random(seed)
        self.case = self.dice.choice(cases)

    @property
    def definition(self) -> FormDefinition:
        return self.trial.definition

    def walk(self) -> Iterator[tuple[str, WizardForm]]:
        tries = 0
        while (
            page := next((key for key in self.trial.evaluation.pages if key not in self.trial.seen), None)
        ) and tries < TRIES:
            form = self.trial.form(page, self.posted(page))
            if not form.is_valid():
                tries += 1
                continue
            tries = 0
            self.save(page, form.answers())
            yield page, form

    def save(self, page: str, answers: Mapping[str, Any]) -> None:
        held = self.trial
        merged = {**held.answers, **answers}
        self.trial = Trial(held.version, held.definition, merged, held.seen | {page}, held.today, held.language)

    def posted(self, page: str) -> MultiValueDict[str, str]:
        """What a browser, or somebody who meddles, sends for a page."""
        drawn = {item.name: self.drawn(item) for item in self.definition.page(page).questions}
        held = self.trial
        typed = Trial(held.version, held.definition, {**held.answers, **drawn}, held.seen, held.today, held.language)
        if page not in typed.evaluation.pages:  # nobody is shown it: made up by hand
            return MultiValueDict({name: [self.dice.choice(JUNK)] for name in drawn})
        data = as_posted(typed.form(page))
        for key in list(data):
            luck = self.dice.random()
            if luck < 0.03:
                data.setlist(key, [self.dice.choice(JUNK)])
            elif luck < 0.04:
                del data[key]
        if self.dice.random() < 0.2:  # a field that nobody showed
            data[self.dice.choice([*self.definition._fields_by_name])] = self.dice.choice(JUNK)
        return data

    def drawn(self, item: f.Question) -> Any:
        luck = self.dice.random()
        if luck < 0.75:
            value = self.case.answers.get(item.name)
            return self.bent(item, value) if isinstance(item, f.RepeatingField) else value
        if luck < 0.88:
            return self.dice.choice(self.cases).answers.get(item.name)
        return None if luck < 0.92 else self.edge(item)

    def edge(self, item: f.Question) -> Any:
        pick = self.dice.choice
        match item:
            case f.ChoiceField():
                return pick(item.choices).value
            case f.MultiChoiceField():
                return [choice.value for choice in item.choices if self.dice.random() < 0.5]
            case f.BooleanField() | f.DeclarationField():
                return self.dice.random() < 0.5
            case f.IntegerField():
                return pick([item.minimum - 1, item.minimum, item.maximum, item.maximum + 1])
            case f.MoneyField():
                return pick([item.minimum_cents - 1, item.minimum_cents, item.maximum_cents, item.maximum_cents + 1])
            case f.DecimalField():
                return f"{pick([item.minimum - 1, item.minimum, item.maximum, item.maximum + 1])}.00"
            case f.IbanField():  # right, a sign wrong, a sign missing
                return pick(["DE89370400440532013000", "DE89370400440532013001", "DE8937040044053201300"])
            case f.TextField(check="plz_de" | "plz_muenchen"):
                return pick(["80331", "8033", "8033a", "99999", "٨٠٣٣١"])
            case f.DateField():
                return pick(["2026-11-21", "2026-11-22", "2026-11-23", "1600-01-01", "2040-02-29", "9998-12-31"])
            case f.TextField() | f.TextareaField():
                return "ä" * pick([1, max(item.min_length - 1, 1), item.max_length, item.max_length + 1])
            case f.RepeatingField():
                count = pick([0, 1, item.minimum, item.maximum, item.maximum + 1, 2])
                return [{member.name: self.drawn_member(item, member) for member in item.members} for _ in range(count)]
        return pick(["x", "12", "a@b.de"])

    def bent(self, item: f.RepeatingField, rows: Any) -> Any:
        """The stored rows, some answer in them replaced by one at the edge."""
        members = {member.name: member for member in item.members}
        return [
            {name: self.edge(members[name]) if self.dice.random() < 0.08 else value for name, value in row.items()}
            for row in rows or ()
        ]

    def drawn_member(self, item: f.RepeatingField, member: f.Question) -> Any:
        known = [
            row[member.name] for case in self.cases for row in case.answers.get(item.name, ()) if member.name in row
        ]
        return self.dice.choice(known) if known and self.dice.random() < 0.8 else self.edge(member)
