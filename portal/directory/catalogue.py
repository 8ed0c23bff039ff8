"""The seed file of the directory: YAML in, checked values out, German sentences when something is wrong. No rows."""

import datetime as dt
import itertools
import re
from decimal import Decimal
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from portal.common.yaml_reading import Loader
from portal.directory import richtext

MOST_ALIASES = 1000
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SENTENCES = {
    "missing": "Ergänzen Sie diese Angabe.",
    "extra_forbidden": "Diese Angabe ist unbekannt. Entfernen Sie sie oder berichtigen Sie den Namen.",
    "string_type": "Schreiben Sie einen Text, Ziffern in Anführungszeichen.",
    "string_too_short": "Geben Sie einen Text ein.",
    "string_too_long": "Kürzen Sie diesen Text.",
    "string_pattern_mismatch": "Berichtigen Sie die Schreibweise.",
    "list_type": "Schreiben Sie eine Liste.",
    "dict_type": "Schreiben Sie eine Zuordnung.",
    "model_type": "Schreiben Sie eine Zuordnung.",
}


class CatalogueError(Exception):
    """The file cannot be used; the text says where and what to do."""


def _stretch(text: object) -> tuple[dt.time, dt.time]:
    match = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", text) if isinstance(text, str) else None
    try:
        opens, closes = (dt.time.fromisoformat(part) for part in match.groups()) if match else (None, None)
    except ValueError:
        opens = closes = None
    if opens is None or closes is None:
        raise ValueError("Schreiben Sie die Zeit wie 07:30-13:00.")
    if opens >= closes:
        raise ValueError("Die Dienststelle muss öffnen, bevor sie schließt.")
    return opens, closes


Stretch = Annotated[tuple[dt.time, dt.time], BeforeValidator(_stretch)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Name = Annotated[str, Field(min_length=1, max_length=160)]


def _rich(text: object) -> object:
    """A list becomes a list, plain text paragraphs; text with tags is taken as HTML."""
    if isinstance(text, list) and all(isinstance(item, str) for item in text):
        return richtext.from_list(text)
    return richtext.from_plain(text) if isinstance(text, str) else text


Rich = Annotated[str, BeforeValidator(_rich)]
Degrees = Annotated[Decimal | None, BeforeValidator(lambda value: value if value is None else Decimal(str(value)))]
SourceId = Annotated[str, Field(max_length=40)]
Leika = Annotated[str, Field(pattern=r"^\d{14}$")]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class OrganisationRow(_Row):
    short: Annotated[str, Field(pattern=r"^[A-Z]{2,10}$")]
    name: Name


class OfficeRow(_Row):
    slug: Slug
    name: Name
    organisation: str
    street: Name
    postcode: Annotated[str, Field(pattern=r"^\d{5}$")]
    place: Name = "München"
    phone: Annotated[str, Field(pattern=r"^[0-9 /-]*$", max_length=40)] = ""
    accessibility: str = ""
    note: str = ""
    hours_note: str = ""
    hours: dict[str, list[Stretch]] = {}
    latitude: Degrees = None
    longitude: Degrees = None
    source: SourceId = ""
    source_id: SourceId = ""
    kept: bool = True

    def stretches(self) -> list[tuple[int, dt.time, dt.time]]:
        """(weekday 0-6, opens, closes), in order."""
        return sorted((WEEKDAYS.index(day), *stretch) for day, row in self.hours.items() for stretch in row)


class LinkRow(_Row):
    name: Name
    url: Annotated[str, Field(pattern=r"^https://\S+$", max_length=1000)]


class WordsRow(_Row):
    """Title and summary in another language."""

    title: Annotated[str, Field(min_length=1, max_length=250)]
    summary: Annotated[str, Field(max_length=1000)] = ""


Translations = dict[Literal["en", "de-simple"], WordsRow]


class ServiceRow(_Row):
    """One service. `source` and `source_id` name the same service in a foreign directory, so that both are one row."""

    slug: Slug
    title: Annotated[str, Field(min_length=1, max_length=250)]
    leika: Annotated[str, Field(pattern=r"^(\d{14})?$")] = ""
    further_leika: list[Leika] = []
    summary: str = ""
    translations: Translations = {}
    description: Rich = ""
    eligibility: Rich = ""
    requirements: Rich = ""
    documents: Rich = ""
    prepare: Rich = ""
    procedure: Rich = ""
    fee: Rich = ""
    processing: Rich = ""
    deadline: Rich = ""
    legal_basis: Rich = ""
    keywords: str = ""
    links: list[LinkRow] = []
    organisation: str
    offices: list[str] = []
    form_slug: Annotated[str, Field(pattern=r"^([a-z][a-z0-9-]{1,59})?$")] = ""
    offering_slug: Annotated[str, Field(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$", max_length=80)] = ""
    appointment_minutes: Annotated[int, Field(ge=1, le=480)] | None = None
    appointment_max: Annotated[int, Field(ge=1, le=100)] | None = None
    checked_on: dt.date | None = None
    public: bool = True
    source: SourceId = ""
    source_id: SourceId = ""
    kept: bool = True


class CollectionRow(_Row):
    """A topic or a life event; see models.Collection for how services join by themselves."""

    slug: Slug
    title: Name
    summary: str = ""
    translations: Translations = {}
    order: Annotated[int, Field(ge=0, le=32767)] = 100
    leika_prefixes: list[Annotated[str, Field(pattern=r"^\d{5,14}$")]] = []
    title_words: list[Annotated[str, Field(min_length=3, max_length=40)]] = []


Term = Annotated[str, AfterValidator(richtext.line), Field(min_length=2, max_length=80)]
Meaning = Annotated[str, AfterValidator(richtext.line), Field(min_length=2, max_length=200)]


class Catalogue(_Row):
    """One file. References go to rows of this file or of the database."""

    organisations: list[OrganisationRow] = []
    offices: list[OfficeRow] = []
    topics: list[CollectionRow] = []
    life_events: list[CollectionRow] = []
    services: list[ServiceRow] = []
    synonyms: dict[Term, Meaning] = {}


class _Loader(Loader):
    """Takes references (*name), but none inside of what is referred to: a few such lines could stand for billions."""

    inside, aliases = 0, 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # yaml's stubs
        if isinstance(event, yaml.AliasEvent):
            self.aliases += 1
            if self.inside or self.aliases > MOST_ALIASES:
                mark: Any = event.start_mark
                raise yaml.MarkedYAMLError(None, None, "a reference inside a reference", mark)
        anchored = bool(getattr(event, "anchor", None))
        self.inside += anchored
        node = super().compose_node(parent, index)
        self.inside -= anchored
        return node


def _check_signs(text: str) -> None:
    """Half a pair of UTF-16 is no letter, and no database takes it."""
    found = re.search(r"\\u[dD][89a-fA-F]", text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise CatalogueError(f"Zeile {line}: Diese Zeichenfolge ist kein Buchstabe. Schreiben Sie das Zeichen selbst.")


def parse(text: str) -> Catalogue:
    """Raises CatalogueError with a sentence that names the place, e.g. "offices, 2. Eintrag, postcode: ..."."""
    _check_signs(text)
    try:
        raw = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (ValueError, RecursionError):  # a 31st of February, a list in a list in a list ...
        raise CatalogueError("Das ist kein brauchbares YAML. Prüfen Sie Datumsangaben und Einrückung.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"Zeile {mark.line + 1}" if mark else "Anfang"
        raise CatalogueError(
            f"{where}: Das ist kein gültiges YAML. Prüfen Sie Einrückung und Anführungszeichen."
        ) from None
    try:
        catalogue = Catalogue.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise CatalogueError(f"{_place(first['loc'])}: {_sentence(first['type'], first['msg'])}") from None
    _check_hours(catalogue)
    _check_twins(catalogue)
    return catalogue


def _place(loc: tuple[int | str, ...]) -> str:
    return ", ".join(f"{part + 1}. Eintrag" if isinstance(part, int) else part for part in loc) or "Datei"


def _sentence(kind: str, message: str) -> str:
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    return _SENTENCES.get(kind, "Berichtigen Sie diese Angabe.")


def _check_hours(catalogue: Catalogue) -> None:
    for office in catalogue.offices:
        for day in office.hours:
            if day not in WEEKDAYS:
                raise CatalogueError(
                    f"{office.slug}, hours, {day}: Schreiben Sie den Wochentag englisch, z. B. monday."
                )
        rows = office.stretches()
        for (day_a, _, closes), (day_b, opens, _) in itertools.pairwise(rows):
            if day_a == day_b and opens < closes:
                raise CatalogueError(f"{office.slug}, hours, {WEEKDAYS[day_a]}: Zwei Zeiten überschneiden sich.")


def _check_twins(catalogue: Catalogue) -> None:
    for kind, keys in (
        ("organisations", [row.short for row in catalogue.organisations]),
        ("offices", [row.slug for row in catalogue.offices]),
        ("services", [row.slug for row in catalogue.services]),
        ("topics", [row.slug for row in catalogue.topics]),
        ("life_events", [row.slug for row in catalogue.life_events]),
    ):
        for key in keys:
            if keys.count(key) > 1:
                raise CatalogueError(f"{kind}, {key}: Dieser Eintrag steht zweimal in der Datei. Entfernen Sie einen.")
