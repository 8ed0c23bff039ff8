"""The kinds of questions. Each kind says which keys its YAML may have; what the answers look like stands here too.

Answers are JSON: text "…", integer 12, decimal "1.25", money cents 3000, date "2026-03-03", partial_date
"2026-03", time "08:30", datetime "2026-03-03T08:30", yes/no true or false, choice "value", multi_choice ["a", "b"],
file ["upload id"], declaration true, repeating [{member: answer}].
"""

import datetime as dt
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import Field, StringConstraints, TypeAdapter, field_validator, model_validator

from forms_engine.definitions import patterns
from forms_engine.definitions.language.origin import FimRef
from forms_engine.definitions.language.parts import OPTIONAL, PARTS, USUAL
from forms_engine.definitions.language.text import Strict, Text

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
Expr = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Fraction = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,9}\.[0-9]{1,6}$")]
Autocomplete = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
RESERVED = frozenset(
    re.findall(
        r"\w+",
        """today answered row true false null in as break const continue else for function if import let loop package
        namespace return var void while int uint double bool string bytes list map type dyn timestamp duration size
        has all exists exists_one filter matches""",
    )
)


MOST_CHOICES, MANY_CHOICES = 2000, 50


class Rule(Strict):
    """A named check of portal validators with its parameters, e.g. {check: not_after_today_plus, days: 180}."""

    check: Name
    days: int | None = Field(default=None, ge=0, le=40_000)
    message: Text | None = None


class Messages(Strict):
    """What the page says per cause (rule F33). `empty` is written by the author.

    `wrong` is for a text that does not pass its check or pattern; without it the check speaks for itself.
    """

    empty: Text | None = None
    wrong: Text | None = None


class Prefill(Strict):
    """Where an answer may come from: the profile, an earlier application of the same form, or a register.

    `datum` is a name of portal.accounts.profile.KNOWN. `locked`: what the register said cannot be overwritten.
    """

    source: Literal["profile", "submission", "register"]
    datum: Name | None = None
    registry: Name = "musterregister"  # a key of settings.REGISTERS
    locked: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.locked and self.source != "register":
            raise ValueError("locked geht nur mit source: register. Anderes darf die Person immer ändern.")
        if (self.datum is None) != (self.source == "submission"):
            raise ValueError("datum gehört zu source: profile und source: register, und dort ist es nötig.")
        return self


class Question(Strict):
    """What all kinds share. `visible` and `required` may be expressions over other answers (expressions.py)."""

    name: Name
    label: Text
    hint: Text | None = None
    required: bool | Expr = True
    visible: Expr | None = None
    messages: Messages = Messages()
    autocomplete: Autocomplete | None = None
    summary_label: Text | None = None  # a shorter label for check answers, PDF and clerks
    personal: bool = False  # identifies a person: never in exports for statistics
    prefill: Prefill | None = None
    fim: FimRef | None = None

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name in RESERVED:
            raise ValueError("Dieser Name ist in Ausdrücken vergeben.")
        return name

    @property
    def row_label(self) -> Text:
        return self.summary_label or self.label


class TextField(Question):
    """`suggested`, here and below: stands in the field until somebody answers, and can be written over."""

    type: Literal["text"]
    suggested: str | None = Field(default=None, min_length=1, max_length=4000)
    min_length: int = Field(default=0, ge=0, le=4000)
    max_length: int = Field(default=200, ge=1, le=4000)
    width: int | None = Field(default=None, ge=1, le=80)  # characters (rule F21)
    check: Name | None = None  # one of checks.TEXT_CHECKS
    # The form of the whole answer, as in HTML (patterns.py); never shown: `messages.wrong` says what to do.
    pattern: Annotated[str, StringConstraints(min_length=1, max_length=patterns.LONGEST)] | None = None
    numeric: bool = False  # digits only: numeric keypad on phones

    @model_validator(mode="after")
    def _can_fit(self) -> Self:
        found = patterns.read(self.pattern) if self.pattern else None
        if found and found.shortest > self.max_length:
            raise ValueError(f"Zum Muster passt keine Antwort mit höchstens {self.max_length} Zeichen.")
        if found and found.ways * self.max_length > patterns.MOST_STEPS:
            raise ValueError("Das Muster ist für so lange Antworten zu aufwendig. Kürzen Sie max_length.")
        return self


class TextareaField(Question):
    type: Literal["textarea"]
    suggested: str | None = Field(default=None, min_length=1, max_length=20_000)
    min_length: int = Field(default=0, ge=0, le=4000)
    max_length: int = Field(default=2000, ge=1, le=20_000)
    check: Literal["latein"] | None = None
    rows: int = Field(default=5, ge=2, le=20)


class IntegerField(Question):
    type: Literal["integer"]
    suggested: int | None = None
    minimum: int = Field(default=0, ge=-(10**12), le=10**12)
    maximum: int = Field(default=10**9, ge=-(10**12), le=10**12)
    unit: Text | None = None


class DecimalField(Question):
    """Exact decimals. In expressions an integer count of the smallest step: 1,25 with places 2 is 125.

    Limits are whole numbers, or texts with a point: "0.1".
    """

    type: Literal["decimal"]
    places: int = Field(default=2, ge=1, le=6)
    minimum: Annotated[int, Field(ge=-(10**9), le=10**9)] | Fraction = 0
    maximum: Annotated[int, Field(ge=-(10**9), le=10**9)] | Fraction = 10**6
    unit: Text | None = None

    @field_validator("minimum", "maximum", mode="before")
    @classmethod
    def _whole_is_a_number(cls, limit: Any) -> Any:
        return int(limit) if isinstance(limit, str) and re.fullmatch(r"-?[0-9]{1,10}", limit) else limit

    @model_validator(mode="after")
    def _in_steps(self) -> Self:
        for limit in (self.minimum, self.maximum):
            if -int(Decimal(limit).as_tuple().exponent) > self.places:
                raise ValueError(f"Die Grenze {limit} hat mehr als {self.places} Stellen nach dem Komma.")
        return self


class MoneyField(Question):
    type: Literal["money"]
    minimum_cents: int = Field(default=0, ge=-(10**12), le=10**12)
    maximum_cents: int = Field(default=99_999_999_99, ge=-(10**12), le=10**12)


class _Dated(Question):
    """`earliest` and `latest`: the first and the last answer that may be given, written as answers are."""

    written: ClassVar[tuple[str, str]]  # how such an answer is written, and an example
    earliest: str | None = Field(default=None, max_length=16)
    latest: str | None = Field(default=None, max_length=16)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        form, example = self.written
        for key, limit in (("earliest", self.earliest), ("latest", self.latest)):
            if limit is not None and not _is_written(limit, form):
                raise ValueError(f"Schreiben Sie {key} so: {example}.")
        if self.earliest and self.latest and self.earliest > self.latest:
            raise ValueError("earliest liegt nach latest.")
        return self

    def allows(self, answer: str) -> bool:
        """Whether an answer lies within the limits: they are written so that texts compare as times do."""
        return (self.earliest is None or self.earliest <= answer) and (self.latest is None or answer <= self.latest)


def _is_written(text: str, form: str) -> bool:
    try:
        read = dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC)
    except ValueError:
        return False
    return read.strftime(form) == text and 1600 <= read.year <= 9998


class DateField(_Dated):
    written = ("%Y-%m-%d", "2026-03-03")
    type: Literal["date"]
    checks: tuple[Rule, ...] = ()
    subject: Text | None = None  # begins its sentences: "Das Geburtsdatum"


class PartialDateField(Question):
    """A date of which only the year, or month and year, may be known: "1985", "1985-03" or "1985-03-27"."""

    type: Literal["partial_date"]
    subject: Text | None = None
    birth: bool = False


class TimeField(_Dated):
    written = ("%H:%M", "08:30")
    type: Literal["time"]


class DateTimeField(_Dated):
    """A day and a time of day in Munich: "2026-03-03T08:30"."""

    written = ("%Y-%m-%dT%H:%M", "2026-03-03T08:30")
    type: Literal["datetime"]
    checks: tuple[Rule, ...] = ()
    subject: Text | None = None


class BooleanField(Question):
    """Yes or no as two radios; never a lonely checkbox."""

    type: Literal["boolean"]
    yes: Text = Text.model_validate({"de": "Ja", "en": "Yes", "de-simple": "Ja"})
    no: Text = Text.model_validate({"de": "Nein", "en": "No", "de-simple": "Nein"})


class Choice(Strict):
    value: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]
    label: Text
    hint: Text | None = None
    visible: Expr | None = None


class _WithChoices(Question):
    choices: tuple[Choice, ...] = Field(min_length=1, max_length=MOST_CHOICES)
    names: bool = False  # the labels are proper names, the same in every language

    @model_validator(mode="after")
    def _values_differ(self) -> Self:
        if len(self.by_value) < len(self.choices):
            raise ValueError("Jeder Wert darf in der Auswahl nur einmal vorkommen.")
        return self

    @functools.cached_property
    def by_value(self) -> dict[str, Choice]:
        return {choice.value: choice for choice in self.choices}

    @functools.cached_property
    def labels(self) -> dict[str, str]:
        return {choice.value: str(choice.label) for choice in self.choices}

    @functools.cached_property
    def hints(self) -> dict[str, str]:
        return {choice.value: str(choice.hint) for choice in self.choices if choice.hint}

    def label_of(self, value: str) -> str:
        return self.labels.get(value, value)


class ChoiceField(_WithChoices):
    type: Literal["choice"]
    widget: Literal["radios", "select"] = "radios"

    @property
    def is_long(self) -> bool:
        """Whether its list can be narrowed by typing."""
        return self.widget == "select" and len(self.choices) > MANY_CHOICES


class MultiChoiceField(_WithChoices):
    """Whoever answers gives at least `minimum` and at most `maximum` answers."""

    type: Literal["multi_choice"]
    minimum: int = Field(default=1, ge=1)
    maximum: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.minimum > len(self.choices):
            raise ValueError("Es gibt weniger Möglichkeiten, als nötig sind (minimum).")
        if self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("Das Minimum ist größer als das Maximum.")
        return self


MediaType = Literal[
    "application/pdf",
    "image/jpeg",
    "image/png",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
]


class FileField(Question):
    """Uploads. `files` is an expression: how many different documents are needed (default 1)."""

    type: Literal["file"]
    media_types: tuple[MediaType, ...] = Field(min_length=1)
    max_bytes: int = Field(ge=1000, le=200_000_000)
    max_files: int = Field(default=1, ge=1, le=20)
    files: Expr | None = None
    keep_days: int | None = Field(default=None, ge=1, le=36_500)


class EmailField(Question):
    type: Literal["email"]


class UrlField(Question):
    type: Literal["url"]


class PhoneField(Question):
    type: Literal["phone"]


class IbanField(Question):
    type: Literal["iban"]


class PlateField(Question):
    """A German number plate, stored as "M-AB 1234E"."""

    type: Literal["plate"]


class LocationField(Question):
    """A place in the city: {"words": "Tal 1, vor dem Eingang", "lat": "48.13715", "lon": "11.57612"} or words alone."""

    type: Literal["location"]


class DeclarationField(Question):
    """A statement the person confirms by one checkbox. Required unless `required: false` (a free consent)."""

    type: Literal["declaration"]
    statement: Text


class StaticField(Strict):
    """Text between questions; asks nothing."""

    type: Literal["static"]
    name: Name
    text: Text
    visible: Expr | None = None
    fim: FimRef | None = None


class Total(Strict):
    """The sum of one number or amount over the rows of a group; `where` may ask about the row: row.art == 'lohn'."""

    group: Name
    member: Name
    where: Expr | None = None


class ComputedField(Strict):
    """A value the form works out itself, by an expression or as a sum; shown on check answers if it has a label.

    `result: decimal` counts the smallest steps of `places`, as expressions see a decimal: 420 with places 2 is 4.20.
    """

    type: Literal["computed"]
    name: Name
    label: Text | None = None
    value: Expr | None = None
    total: Total | None = None
    result: Literal["text", "integer", "decimal", "money", "boolean", "date"]
    places: int = Field(default=2, ge=1, le=6)
    unit: Text | None = None
    fim: FimRef | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.value is None) == (self.total is None):
            raise ValueError("Ein berechneter Wert hat entweder value oder total.")
        if self.total and self.result not in ("integer", "decimal", "money"):
            raise ValueError("Eine Summe ist eine Zahl oder ein Betrag: result ist integer, decimal oder money.")
        return self


Member = Annotated[
    TextField
    | TextareaField
    | IntegerField
    | DecimalField
    | MoneyField
    | DateField
    | PartialDateField
    | TimeField
    | DateTimeField
    | BooleanField
    | ChoiceField
    | MultiChoiceField
    | EmailField
    | UrlField
    | PhoneField
    | IbanField
    | PlateField
    | FileField,
    Field(discriminator="type"),
]
_MEMBER: TypeAdapter[Member] = TypeAdapter(Member)
PartKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,30}$")]


@dataclass(frozen=True)
class Block:
    """Questions that stand together under one heading (fieldset and legend, rule F14)."""

    name: str
    label: Text
    hint: Text | None
    members: tuple[str, ...]


class PartTexts(Strict):
    """The author's own words for one part of a block."""

    label: Text | None = None
    hint: Text | None = None
    empty: Text | None = None


class _Blocked(Strict):
    name: Name
    label: Text
    hint: Text | None = None
    visible: Expr | None = None


class KnownBlock(_Blocked):
    """A block whose parts the portal knows. `required: false`: either nothing is filled in, or all of it.

    `own: false` where it is about somebody else: browsers then offer no data of the person who types (rule F22).
    """

    type: Literal["person", "address", "company", "contact"]
    parts: tuple[PartKey, ...] = ()
    optional: tuple[PartKey, ...] | None = None  # parts that may stay empty; None: those that usually may
    required: bool | Expr = True
    own: bool = True
    in_city: bool = False  # an address in Munich: its postcodes only, no town asked
    texts: dict[PartKey, PartTexts] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> Self:
        unknown = sorted({*self.parts, *(self.optional or ()), *self.texts} - PARTS[self.type].keys())
        if unknown:
            raise ValueError(f"Den Teil „{unknown[0]}“ gibt es hier nicht. Möglich: {', '.join(PARTS[self.type])}.")
        return self

    @property
    def _chosen(self) -> tuple[str, ...]:
        usual = self.parts or USUAL[self.type]
        return tuple(part for part in usual if not (self.in_city and part == "ort"))

    def expand(self, row: bool = False) -> Iterator[Member]:
        """Its questions; `row` inside a repeating group."""
        optional = OPTIONAL if self.optional is None else frozenset(self.optional)
        for part in self._chosen:
            required = False if part in optional else self._required(part, row)
            yield _MEMBER.validate_python(self._question(part) | {"required": required})

    def _required(self, part: str, row: bool) -> bool | str:
        if self.required is not False:
            return self.required
        # Something is there if another part has an answer; a comparison with itself holds for what exists.
        others = [f"{self.name}_{other}" for other in self._chosen if other != part]
        return " || ".join(f"row.{o} == row.{o}" if row else f"answered.{o}" for o in others) or False

    def _question(self, part: str) -> dict[str, Any]:
        raw = {**PARTS[self.type][part], "name": f"{self.name}_{part}", "visible": self.visible, "personal": True}
        if part == "plz" and self.in_city:
            raw |= {"check": "plz_muenchen"}
        if not self.own:
            raw.pop("autocomplete", None)
        words = self.texts.get(part, PartTexts())
        raw |= {"label": words.label} if words.label else {}
        raw |= {"hint": words.hint} if words.hint else {}
        raw |= {"messages": {"empty": words.empty}} if words.empty else {}
        return raw


class GroupBlock(_Blocked):
    """The author's own questions under one heading. Their names stay as they are."""

    type: Literal["group"]
    members: tuple[Member, ...] = Field(min_length=1, max_length=30)

    def expand(self, row: bool = False) -> Iterator[Member]:
        for member in self.members:
            both = " && ".join(f"({rule})" for rule in (self.visible, member.visible) if rule)
            yield member.model_copy(update={"visible": both or None}) if self.visible else member


class Placed(NamedTuple):
    """A question, where it is written, and the block it stands in."""

    place: str
    question: Any
    block: Block | None


def flatten(entries: Iterable[Any], prefix: str, row: bool = False) -> Iterator[Placed]:
    """The questions of a page or group in order, blocks taken apart. `prefix` begins their places."""
    for number, entry in enumerate(entries):
        place = f"{prefix}[{number}]"
        if not isinstance(entry, KnownBlock | GroupBlock):
            yield Placed(place, entry, None)
            continue
        members = tuple(entry.expand(row))
        block = Block(entry.name, entry.label, entry.hint, tuple(member.name for member in members))
        for inner, member in enumerate(members):
            yield Placed(f"{place}.members[{inner}]" if isinstance(entry, GroupBlock) else place, member, block)


class RepeatingField(Question):
    """A list of rows with the same questions, e.g. up to three vehicles (rule F46)."""

    type: Literal["repeating"]
    row_title: Text  # "Fahrzeug": shown as "Fahrzeug 1"
    add_label: Text
    minimum: int = Field(default=1, ge=0, le=20)
    maximum: int = Field(ge=1, le=20)
    entries: tuple[Annotated[Member | KnownBlock | GroupBlock, Field(discriminator="type")], ...] = Field(
        alias="members", min_length=1, max_length=30
    )
    unique_by: Name | None = None  # no two rows may give the same answer here
    duplicate_message: Text | None = None

    @functools.cached_property
    def placed(self) -> tuple[Placed, ...]:
        """Its questions, those of blocks too, with their places ("members[2]")."""
        return tuple(flatten(self.entries, "members", row=True))

    @functools.cached_property
    def members(self) -> tuple[Member, ...]:
        return tuple(entry.question for entry in self.placed)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError("Das Minimum ist größer als das Maximum.")
        if self.unique_by and self.unique_by not in {member.name for member in self.members}:
            raise ValueError(f"unique_by nennt „{self.unique_by}“, diese Frage gibt es in der Gruppe nicht.")
        if self.unique_by and self.duplicate_message is None:
            raise ValueError("Zu unique_by gehört duplicate_message: der Satz, wenn etwas doppelt ist.")
        return self


AnyField = Annotated[
    TextField
    | TextareaField
    | IntegerField
    | DecimalField
    | MoneyField
    | DateField
    | PartialDateField
    | TimeField
    | DateTimeField
    | BooleanField
    | ChoiceField
    | MultiChoiceField
    | FileField
    | EmailField
    | UrlField
    | PhoneField
    | IbanField
    | PlateField
    | LocationField
    | DeclarationField
    | StaticField
    | ComputedField
    | RepeatingField,
    Field(discriminator="type"),
]
AnyEntry = Annotated[AnyField | KnownBlock | GroupBlock, Field(discriminator="type")]
