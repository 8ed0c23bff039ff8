"""The DLDB format of service directories (services_de.json, locations_de.json) -> rows and problems. No database.

Cities publish it with small differences: ids as text or number, texts as HTML, missing parts, references to nothing.
What cannot be used is left out and named; only a file that is no such file at all is refused.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.directory import richtext
from portal.directory.catalogue import CatalogueError

_LEIKA = re.compile(r"(?<!\d)\d{14}(?!\d)")
LONGEST_TEXT, MOST_TAGS = 100_000, 5_000
_DEGREE = Decimal("0.000001")
_PHONE = re.compile(r"[^0-9 /+-]")


@dataclass(frozen=True)
class Problem:
    """Something in a file that was left out, and why; for people."""

    where: str
    text: str


@dataclass(frozen=True)
class OfficeRecord:
    id: str
    name: str
    unit: str  # department; "" if the file names none
    street: str
    postcode: str
    place: str
    phone: str
    latitude: Decimal | None
    longitude: Decimal | None
    public: bool
    services: tuple[str, ...]


@dataclass(frozen=True)
class ServiceRecord:
    id: str
    title: str
    leika: tuple[str, ...]
    description: str  # HTML, cleaned
    fee: str  # HTML, cleaned
    keywords: str
    links: tuple[tuple[str, str], ...]
    unit: str
    offices: tuple[str, ...]
    appointment_url: str
    minutes: int | None
    most: int | None
    combinable: tuple[str, ...]
    checked_on: dt.date | None
    public: bool


@dataclass
class Directory:
    """What all files of one import say together."""

    offices: dict[str, OfficeRecord] = field(default_factory=dict)
    services: dict[str, ServiceRecord] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def parse(text: str, into: Directory | None = None) -> Directory:
    """Read one file. Raises CatalogueError when it is not JSON of this format."""
    found = into or Directory()
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise CatalogueError(
            f"Zeile {error.lineno}: Das ist kein gültiges JSON. Laden Sie die Datei noch einmal herunter."
        ) from None
    except (ValueError, RecursionError):  # a number of a million digits, a list in a list in a list ...
        raise CatalogueError("Das ist kein brauchbares JSON. Laden Sie die Datei noch einmal herunter.") from None
    items = raw.get("data") if isinstance(raw, dict) else raw
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise CatalogueError("Der Datei fehlt die Liste „data“. Nehmen Sie eine Datei im DLDB-Format.")
    if not all("address" in item or "locations" in item or "description" in item for item in items):
        raise CatalogueError(
            "Die Datei enthält weder Leistungen noch Dienststellen. Nehmen Sie eine Datei im DLDB-Format."
        )
    for item in items:
        if "address" in item:
            _take(found.offices, found.problems, "Dienststelle", item, _office)
        else:
            _take(found.services, found.problems, "Leistung", item, _service)
    return found


def _take(into: dict[str, Any], problems: list[Problem], kind: str, item: dict[str, Any], read: Any) -> None:
    key = _id(item.get("id"))
    where = f"{kind} {key or '?'}"
    if not key:
        problems.append(Problem(where, "Die Kennung (id) fehlt. Der Eintrag wurde ausgelassen."))
    elif key in into:
        problems.append(Problem(where, "Die Kennung kommt zweimal vor. Der zweite Eintrag wurde ausgelassen."))
    else:
        record = read(key, item, problems, where)
        if record is not None:
            into[key] = record


def _office(key: str, item: dict[str, Any], problems: list[Problem], where: str) -> OfficeRecord | None:
    name = _text(item, "displayName", 160) or _text(item, "name", 160)
    address = _dict(item.get("address"))
    postcode = _text(address, "postal_code", 20)
    street = " ".join(filter(None, (_text(address, "street", 120), _text(address, "house_number", 20))))
    for missing, what in ((not name, "Der Name"), (not street, "Die Straße")):
        if missing:
            problems.append(Problem(where, f"{what} fehlt. Die Dienststelle wurde ausgelassen."))
            return None
    if not re.fullmatch(r"[0-9]{5}", postcode):
        problems.append(Problem(where, "Die Postleitzahl hat keine 5 Ziffern. Die Dienststelle wurde ausgelassen."))
        return None
    geo = _dict(item.get("geo"))
    latitude, longitude = _degrees(geo.get("lat"), 90), _degrees(geo.get("lon"), 180)
    if (latitude is None) != (longitude is None):
        latitude = longitude = None
    return OfficeRecord(
        id=key,
        name=name,
        unit=_text(item, "organizationUnit", 160) or _text(item, "organization", 160),
        street=street,
        postcode=postcode,
        place=_text(address, "city", 80) or "München",
        phone=richtext.line(_PHONE.sub(" ", _text(_dict(item.get("contact")), "phone", 80)))[:40],
        latitude=latitude,
        longitude=longitude,
        public=item.get("public", True) is not False,
        services=_references(item.get("services"), "service"),
    )


def _service(key: str, item: dict[str, Any], problems: list[Problem], where: str) -> ServiceRecord | None:
    title = _text(item, "name", 250)
    if not title:
        problems.append(Problem(where, "Der Name fehlt. Die Leistung wurde ausgelassen."))
        return None
    leika = tuple(_LEIKA.findall(_text(item, "leika", 1000)))
    if item.get("leika") and not leika:
        problems.append(Problem(where, "Der LeiKa-Schlüssel hat keine 14 Ziffern. Er wurde ausgelassen."))
    meta = _dict(item.get("meta"))
    authorities = item.get("authorities")
    return ServiceRecord(
        id=key,
        title=title,
        leika=leika,
        description=_html(item.get("description"), problems, where),
        fee=_html(item.get("fees"), problems, where),
        keywords=_text(meta, "keywords", 4000),
        links=_links(item.get("links"), item.get("forms")),
        unit=next((_text(_dict(row), "name", 160) for row in _list(authorities)), ""),
        offices=_references(item.get("locations"), "location"),
        appointment_url=_url(_text(_dict(item.get("appointment")), "link", 500).replace("{serviceId}", key)),
        minutes=_whole(item.get("duration"), 32767),
        most=_whole(item.get("maxQuantity"), 100),
        combinable=tuple(one for one in _references(item.get("combinable"), "service") if one != key),
        checked_on=_day(meta.get("lastupdate")),
        public=item.get("public", True) is not False,
    )


def _id(value: object) -> str:
    """Ids come as text in one place and as numbers in another."""
    return richtext.line(value)[:40] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(item: dict[str, Any], key: str, most: int) -> str:
    value = item.get(key)
    return richtext.line(value)[:most] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _html(value: object, problems: list[Problem], where: str) -> str:
    if not isinstance(value, str):
        return ""
    if len(value) > LONGEST_TEXT or value.count("<") > MOST_TAGS:
        limits = f"{LONGEST_TEXT} Zeichen oder {MOST_TAGS} Auszeichnungen"
        problems.append(Problem(where, f"Ein Text hat mehr als {limits}. Er wurde ausgelassen."))
        return ""
    return richtext.clean(value)


def _references(value: object, key: str) -> tuple[str, ...]:
    """Ids from [1, "2", {key: 3}], each once, in order."""
    found = (_id(row.get(key) if isinstance(row, dict) else row) for row in _list(value))
    return tuple(dict.fromkeys(filter(None, found)))


def _links(*lists: object) -> tuple[tuple[str, str], ...]:
    rows: Iterable[dict[str, Any]] = (_dict(row) for rows in lists for row in _list(rows))
    return tuple(dict.fromkeys(_named(rows)))


def _named(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for row in rows:
        name, url = _text(row, "name", 200), _url(_text(row, "link", 1000))
        if name and url:
            yield name, url


def _url(text: str) -> str:
    return text if re.match(r"https?://[^\s/]", text) else ""


def _whole(value: object, most: int) -> int | None:
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) and 1 <= int(text) <= most else None


def _degrees(value: object, most: int) -> Decimal | None:
    try:
        degrees = Decimal(str(value))
    except InvalidOperation:
        return None
    return degrees.quantize(_DEGREE) if degrees.is_finite() and abs(degrees) <= most else None


def _day(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
