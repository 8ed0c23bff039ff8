"""The kinds of questions. Each kind says which keys its YAML may have; what the answers look like stands here too.

Answers are JSON: text "…", integer 12, decimal "1.25", money cents 3000, date "2026-03-03", time "08:30", yes/no
true or false, choice "value", multi_choice ["a", "b"], file ["upload id"], declaration true,
repeating [{member: answer}].
"""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from forms_engine.definitions.language.text import Strict, Text

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
Expr = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Autocomplete = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,40}$")]
RESERVED = frozenset(
    re.findall(
        r"\w+",
        """today answered row true false null in as break const continue else for function if import let loop package
        namespace return var void while int uint double bool string bytes list map type dyn timestamp duration size
        has all exists exists_one filter matches""",
    )
)


class Rule(Strict):
    """A named check of portal validators with its parameters, e.g. {check: not_after_today_plus, days: 180}."""

    check: Name
    days: int | None = Field(default=None, ge=0, le=40_000)
    message: Text | None = None


class Messages(Strict):
    """What the page says per cause (rule F33). `empty` is written by the author, the others have good defaults."""

    empty: Text | None = None
    wrong: Text | None = None


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
    type: Literal["text"]
    min_length: int = Field(default=0, ge=0, le=4000)
    max_length: int = Field(default=200, ge=1, le=4000)
    width: int | None = Field(default=None, ge=1, le=80)  # characters (rule F21)
    check: Name | None = None  # a check of validators.TEXT_CHECKS
    numeric: bool = False  # digits only: numeric keypad on phones


class TextareaField(Question):
    type: Literal["textarea"]
    min_length: int = Field(default=0, ge=0, le=4000)
    max_length: int = Field(default=2000, ge=1, le=20_000)
    rows: int = Field(default=5, ge=2, le=20)


class IntegerField(Question):
    type: Literal["integer"]
    minimum: int = Field(default=0, ge=-(10**12), le=10**12)
    maximum: int = Field(default=10**9, ge=-(10**12), le=10**12)
    unit: Text | None = None


class DecimalField(Question):
    """Exact decimals. In expressions an integer count of the smallest step: 1,25 with places 2 is 125."""

    type: Literal["decimal"]
    places: int = Field(default=2, ge=1, le=6)
    minimum: int = Field(default=0, ge=-(10**9), le=10**9)
    maximum: int = Field(default=10**6, ge=-(10**9), le=10**9)
    unit: Text | None = None


class MoneyField(Question):
    type: Literal["money"]
    minimum_cents: int = Field(default=0, ge=-(10**12), le=10**12)
    maximum_cents: int = Field(default=99_999_999_99, ge=-(10**12), le=10**12)


class DateField(Question):
    type: Literal["date"]
    checks: tuple[Rule, ...] = ()
    subject: Text | None = None  # begins its sentences: "Das Geburtsdatum"


class TimeField(Question):
    type: Literal["time"]


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
    choices: tuple[Choice, ...] = Field(min_length=1, max_length=500)
    names: bool = False  # the labels are proper names, the same in every language

    @model_validator(mode="after")
    def _values_differ(self) -> Self:
        values = [choice.value for choice in self.choices]
        if len(set(values)) < len(values):
            raise ValueError("Jeder Wert darf in der Auswahl nur einmal vorkommen.")
        return self

    def label_of(self, value: str) -> str:
        return next((str(choice.label) for choice in self.choices if choice.value == value), value)


class ChoiceField(_WithChoices):
    type: Literal["choice"]
    widget: Literal["radios", "select"] = "radios"


class MultiChoiceField(_WithChoices):
    type: Literal["multi_choice"]


class FileField(Question):
    """Uploads. `files` is an expression: how many different documents are needed (default 1)."""

    type: Literal["file"]
    media_types: tuple[Literal["application/pdf", "image/jpeg", "image/png"], ...] = Field(min_length=1)
    max_bytes: int = Field(ge=1000, le=50_000_000)
    max_files: int = Field(default=1, ge=1, le=20)
    files: Expr | None = None
    keep_days: int | None = Field(default=None, ge=1, le=36_500)


class EmailField(Question):
    type: Literal["email"]


class PhoneField(Question):
    type: Literal["phone"]


class IbanField(Question):
    type: Literal["iban"]


class PlateField(Question):
    """A German number plate, stored as "M-AB 1234E"."""

    type: Literal["plate"]


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


class ComputedField(Strict):
    """A value the form works out itself; shown on check answers if it has a label."""

    type: Literal["computed"]
    name: Name
    label: Text | None = None
    value: Expr
    result: Literal["text", "integer", "money", "boolean", "date"]


Member = Annotated[
    TextField
    | TextareaField
    | IntegerField
    | DecimalField
    | MoneyField
    | DateField
    | TimeField
    | BooleanField
    | ChoiceField
    | MultiChoiceField
    | EmailField
    | PhoneField
    | IbanField
    | PlateField,
    Field(discriminator="type"),
]


class RepeatingField(Question):
    """A list of rows with the same questions, e.g. up to three vehicles (rule F46)."""

    type: Literal["repeating"]
    row_title: Text  # "Fahrzeug": shown as "Fahrzeug 1"
    add_label: Text
    minimum: int = Field(default=1, ge=0, le=20)
    maximum: int = Field(ge=1, le=20)
    members: tuple[Member, ...] = Field(min_length=1, max_length=30)
    unique_by: Name | None = None  # no two rows may give the same answer here
    duplicate_message: Text | None = None

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
    | TimeField
    | BooleanField
    | ChoiceField
    | MultiChoiceField
    | FileField
    | EmailField
    | PhoneField
    | IbanField
    | PlateField
    | DeclarationField
    | StaticField
    | ComputedField
    | RepeatingField,
    Field(discriminator="type"),
]


def asks(field: Any) -> bool:
    """Whether the field has an answer of the person (not static text, not computed)."""
    return isinstance(field, Question)
