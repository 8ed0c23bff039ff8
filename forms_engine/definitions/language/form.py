"""A whole form: pages, not-eligible pages, fee, documents, decision, and the texts around it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, PrivateAttr, StringConstraints, model_validator

from forms_engine.definitions.language.fields import (
    AnyEntry,
    AnyField,
    Block,
    ComputedField,
    Expr,
    FileField,
    Name,
    Placed,
    Question,
    RepeatingField,
    flatten,
)
from forms_engine.definitions.language.origin import FimSource, OpenPoint
from forms_engine.definitions.language.text import Language, Strict, Text

if TYPE_CHECKING:
    from forms_engine.definitions.program import Program

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,59}$")]


HIGHEST_FEE = 99_999_999_99  # cents


class Check(Strict):
    """A rule over several answers, judged when its page is sent: `holds` must not be false."""

    holds: Expr
    field: Name
    message: Text


class Page(Strict):
    key: Slug
    title: Text
    summary_title: Text | None = None  # heading of the section on check answers
    text: tuple[Text, ...] = ()
    visible: Expr | None = None
    entries: tuple[AnyEntry, ...] = Field(alias="fields", min_length=1, max_length=100)
    checks: tuple[Check, ...] = ()

    @functools.cached_property
    def placed(self) -> tuple[Placed, ...]:
        """Its fields, those of blocks too, with their places ("fields[2]")."""
        return tuple(flatten(self.entries, "fields"))

    @functools.cached_property
    def fields(self) -> tuple[AnyField, ...]:
        return tuple(entry.question for entry in self.placed)

    @functools.cached_property
    def blocks(self) -> dict[str, Block]:
        """The block of every question that stands in one, by the question's name."""
        inside = [*self.placed]
        for field in self.fields:
            inside.extend(field.placed if isinstance(field, RepeatingField) else ())
        return {entry.question.name: entry.block for entry in inside if entry.block}

    @functools.cached_property
    def questions(self) -> tuple[Question, ...]:
        return tuple(field for field in self.fields if isinstance(field, Question))


class Refusal(Strict):
    """A not-eligible page (rule F35): shown after `page` as soon as `when` holds; ends the way through the form."""

    key: Slug
    page: Slug
    when: Expr
    title: Text
    text: tuple[Text, ...] = Field(min_length=1)
    next_steps: tuple[Text, ...] = Field(min_length=1)
    legal_basis: str = ""
    advice: bool = False  # a result and no refusal: "an application may succeed"


class FeeTier(Strict):
    """An amount in cents, or an expression that works it out ("anzahl * 1200")."""

    key: Slug
    when: Expr
    label: Text
    cents: int | None = Field(default=None, ge=0, le=HIGHEST_FEE)
    amount: Expr | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.cents is None) == (self.amount is None):
            raise ValueError("Eine Gebühr hat entweder cents oder amount.")
        return self


class FeeFrame(Strict):
    """From how much to how much, in cents: the clerk sets the amount in the decision."""

    lowest: int = Field(ge=1, le=HIGHEST_FEE)
    highest: int = Field(ge=1, le=HIGHEST_FEE)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.lowest > self.highest:
            raise ValueError("Der kleinste Betrag ist größer als der größte.")
        return self


class Fee(Strict):
    """First tier whose condition holds, known when it is sent; or a frame. No tier holds: nothing is owed.

    `due` says when it is owed: `before` the work begins, `after` sending while the work goes on, or with the `decision`
    that grants something. A frame is always owed with the decision.
    """

    legal_basis: str
    tiers: tuple[FeeTier, ...] = ()
    frame: FeeFrame | None = None
    due: Literal["before", "after", "decision"] = "before"
    due_days: int = Field(default=14, ge=1, le=365)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.tiers) == (self.frame is not None):
            raise ValueError("Eine Gebühr hat entweder Stufen (tiers) oder einen Rahmen (frame).")
        return self

    @property
    def with_decision(self) -> bool:
        return self.frame is not None or self.due == "decision"


class Validity(Strict):
    """When what is granted holds: first entry whose condition holds. The earlier of `months` and `until` ends it."""

    when: Expr
    start: Expr
    months: Expr | None = None
    until: Expr | None = None

    @property
    def ends(self) -> bool:
        return self.months is not None or self.until is not None


class RefusalReason(Strict):
    """One ground on which a clerk may refuse: `text` goes into the decision letter."""

    key: Slug
    title: Text
    text: Text
    legal_basis: str


class ChecklistItem(Strict):
    """`passes`: when the answers alone show that this point is in order."""

    key: Slug
    text: Text
    passes: Expr | None = None


class Decision(Strict):
    """How it is decided. `outcome: certificate`: what is granted is a piece of paper that decides nothing.
    `grant_explained`: a grant, too, says why and how much in the clerk's own words. `four_eyes`: always, by an
    expression over the answers, or from a fee on (cents).

    `remedy`: the instruction on legal remedies, left out: the usual one of `remedy_area`, an area of Art. 12 (1) AGVwGO
    in which an objection is possible. `remedy_for_grants`: whether it stands under a grant that burdens nobody, too
    (remedies.py).
    """

    outcome: Literal["granted", "certificate"] = "granted"
    grant_explained: bool = False
    checklist: tuple[ChecklistItem, ...] = Field(min_length=1)
    refusal_reasons: tuple[RefusalReason, ...] = Field(min_length=1)
    granted_title: Text
    granted_text: tuple[Text, ...] = Field(min_length=1)
    refused_title: Text
    refused_text: tuple[Text, ...] = Field(min_length=1)
    conditions: tuple[Text, ...] = ()  # side provisions of what is granted
    remedy: Text | None = None
    remedy_area: (
        Literal["municipal_charges", "agriculture", "school", "social", "civil_servants", "examinations"] | None
    ) = None
    remedy_for_grants: Expr | bool = True
    four_eyes: Expr | bool | Annotated[int, Field(strict=True, ge=1, le=HIGHEST_FEE)] = False


class LeikaKey(Strict):
    """Key of the service in the federal catalogue (LeiKa), 14 digits, by what is applied for."""

    when: Expr
    key: Annotated[str, StringConstraints(pattern=r"^\d{14}$")]


class Start(Strict):
    """Start page (rule F40)."""

    intro: tuple[Text, ...] = Field(min_length=1)
    who: tuple[Text, ...] = ()
    needed: tuple[Text, ...] = ()
    costs: tuple[Text, ...] = ()
    deadlines: tuple[Text, ...] = ()
    other_ways: tuple[Text, ...] = ()
    minutes: int = Field(ge=1, le=240)
    processing_time: Text
    trust_level: Literal["none", "basic", "substantial", "high"] = "basic"
    trust_reason: Text


class Privacy(Strict):
    """Short data-protection notice at the point of collection (GDPR art. 13)."""

    purpose: Text
    legal_basis: str
    recipients: tuple[Text, ...] = ()
    retention: Text
    text: tuple[Text, ...] = ()


class AreaMeaning(Strict):
    """Where the area stands: the answer to `field`, else the text for the answer to `otherwise`."""

    label: Text = Text(de="Gebiet")
    field: Name
    otherwise: Name | None = None
    texts: dict[str, Text] = Field(default_factory=dict)
    unknown: str | None = None  # the answer "I do not know": the clerk finds the area out


class MarkMeaning(Strict):
    """What the paper is for: `member` of each row of `group`, else the answer to `otherwise`."""

    label: Text = Text(de="Kennzeichen")
    group: Name
    member: Name
    otherwise: Name | None = None


class RowFacts(Strict):
    """Some answers of each row of a group, e.g. the names of all persons."""

    group: Name
    members: tuple[Name, ...] = Field(min_length=1)


class Meaning(Strict):
    """Which answers letters and statistics need, by the names of their fields (the linter checks that they exist)."""

    name: tuple[Name, ...] = ()
    address: tuple[tuple[Name, ...], ...] = ()  # one line of the address window each
    place: str = ""  # ends the last line of the address, where the form asks no place because it is always the city
    area: AreaMeaning | None = None
    marks: MarkMeaning | None = None
    facts: tuple[Name | RowFacts, ...] = ()  # answers and computed values that the decision letter repeats
    email: Name | None = None  # where somebody without an account hears that there is news


ForClerks = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class RuleTask(Strict):
    """A task for the team, due so many days after the rule is applied."""

    title: ForClerks
    days: int = Field(default=7, ge=0, le=365)


class RuleDate(Strict):
    """An internal deadline."""

    reason: ForClerks
    days: int = Field(ge=0, le=1500)


class RuleRoute(Strict):
    """To the office of a team, named by itself or by the office's address in the directory."""

    team: ForClerks | None = None
    office: Slug | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.team is None) == (self.office is None):
            raise ValueError("Nennen Sie entweder das Team (team) oder die Dienststelle (office).")
        return self


class RuleGrant(Strict):
    """Granted without a clerk if every point of the checklist passes. `sample`: per cent that a clerk sees anyway.

    `legal_basis`: the law that allows a decision by machine (BayVwVfG Art. 35a); a certificate needs none.
    """

    sample: int = Field(default=10, ge=0, le=100)
    legal_basis: str = ""


class Rule(Strict):
    """What happens by itself when a case is sent, and paid where that comes first."""

    key: Slug
    when: Expr
    task: RuleTask | None = None
    deadline: RuleDate | None = None
    route: RuleRoute | None = None
    grant: RuleGrant | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.task or self.deadline or self.route or self.grant):
            raise ValueError("Eine Regel braucht task, deadline, route oder grant.")
        return self


class Casework(Strict):
    """How the city works on what was sent. Whatever is left out fits most forms."""

    office: Slug | None = None  # the responsible office, by its address in the directory
    sender: Text | None = None  # who signs letters and messages; None: the department
    letters: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,5}$")] | None = None  # before the file number
    decide_days: int = Field(default=14, ge=1, le=1500)
    decide_basis: str = ""  # the law that sets this term, if one does
    answer_days: int = Field(default=14, ge=1, le=365)  # for what the city asks in addition
    visit: Slug | None = "unterlagen-zeigen"  # what may be booked at the office; null: nobody has to come
    provisional_days: int | None = Field(default=None, ge=1, le=365)  # the receipt serves as a permit for so long
    done_text: tuple[Text, ...] = ()  # proposed for the answer where nothing is decided
    rules: tuple[Rule, ...] = Field(default=(), max_length=50)
    search: tuple[Name, ...] = ()  # answers by which clerks find a case, beside those that letters name


class Retention(Strict):
    """How long a case is kept after its end, and by which law. Without it the case is kept until somebody decides.

    The years begin when it is closed, or when what was granted ends (`starts: validity`). `offer`: the archive is asked
    before anything is destroyed (Art. 6 BayArchivG).
    """

    years: int = Field(ge=1, le=110)
    basis: Annotated[str, StringConstraints(min_length=3, max_length=200)]
    starts: Literal["closed", "validity"] = "closed"
    offer: bool = True


class Submission(Strict):
    """What stands on check answers and on the receipt."""

    button: Text
    button_with_fee: Text
    next_steps: tuple[Text, ...] = Field(min_length=1)
    delete_draft_after_days: int = Field(default=30, ge=1, le=365)


class FormDefinition(Strict):
    """One version of one form, complete and checked. Made by schema.load(); equal text gives the same object."""

    language: Literal[1]  # version of this definition language
    kind: Literal["case", "survey"] = "case"  # what was sent is worked on, or only counted
    form: Slug
    title: Text
    service: Slug
    leika: tuple[LeikaKey, ...] = ()  # first whose condition holds
    department: Text
    legal_basis: tuple[str, ...] = Field(min_length=1)
    start: Start
    privacy: Privacy
    pages: tuple[Page, ...] = Field(min_length=1, max_length=60)
    refusals: tuple[Refusal, ...] = ()
    fee: Fee | None = None
    validity: tuple[Validity, ...] = ()
    decision: Decision | None = None
    submission: Submission
    meaning: Meaning = Meaning()
    casework: Casework = Casework()
    retention: Retention | None = None
    languages: tuple[Language, ...] = ("de",)
    translations: dict[Language, dict[str, str]] = Field(default_factory=dict)  # by the German text
    fim: FimSource | None = None
    open_points: tuple[OpenPoint, ...] = Field(default=(), max_length=500)
    _translated: dict[str, FormDefinition] = PrivateAttr(default_factory=dict)

    @functools.cached_property
    def program(self) -> Program:
        """Compiled expressions and their order. schema.load() puts it here, and only there is it made."""
        raise RuntimeError("Definition ohne schema.load() gebaut: Ausdrücke sind nicht übersetzt.")

    @functools.cached_property
    def _pages_by_key(self) -> dict[str, Page]:
        return {page.key: page for page in self.pages}

    @functools.cached_property
    def _fields_by_name(self) -> dict[str, AnyField]:
        return {field.name: field for page in self.pages for field in page.fields}

    @functools.cached_property
    def _page_of(self) -> dict[str, str]:
        return {field.name: page.key for page in self.pages for field in page.fields}

    @property
    def is_survey(self) -> bool:
        """Sending makes no case: the answers are kept without anybody's name and counted."""
        return self.kind == "survey"

    @property
    def without_account(self) -> bool:
        """Whether anybody may send it signed out: nothing is decided, nothing is owed, nobody has to be known."""
        return self.start.trust_level == "none" and self.decision is None and self.fee is None

    def page(self, key: str) -> Page:
        """Raises KeyError."""
        return self._pages_by_key[key]

    def field(self, name: str) -> AnyField:
        """A top-level field. Raises KeyError."""
        return self._fields_by_name[name]

    def page_of(self, name: str) -> str:
        """The key of the page a field stands on. Raises KeyError."""
        return self._page_of[name]

    def refusal(self, key: str) -> Refusal:
        """Raises KeyError."""
        return {refusal.key: refusal for refusal in self.refusals}[key]

    def refusal_reason(self, key: str) -> RefusalReason:
        """Raises KeyError."""
        return {reason.key: reason for reason in (self.decision.refusal_reasons if self.decision else ())}[key]

    @functools.cached_property
    def file_fields(self) -> tuple[FileField, ...]:
        return tuple(field for page in self.pages for field in page.fields if isinstance(field, FileField))

    @functools.cached_property
    def row_files(self) -> tuple[tuple[RepeatingField, FileField], ...]:
        """File questions inside repeating groups, with their groups."""
        groups = [field for page in self.pages for field in page.fields if isinstance(field, RepeatingField)]
        return tuple((group, item) for group in groups for item in group.members if isinstance(item, FileField))

    @functools.cached_property
    def computed_fields(self) -> tuple[ComputedField, ...]:
        return tuple(field for page in self.pages for field in page.fields if isinstance(field, ComputedField))
