"""One FIM field as one question of our language. What is not in the table is not lost: it becomes a note.

TYPES and KNOWN are the only places that say which FIM field becomes which question: widen the language, then these.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, get_args

from forms_engine.definitions import patterns
from forms_engine.definitions.checks import TEXT_CHECKS
from forms_engine.definitions.language.fields import MOST_CHOICES, MediaType
from forms_engine.definitions.lint import HINT_LENGTH
from forms_engine.definitions.validators import Wrong, clean
from forms_engine.fim import model
from forms_engine.fim.conditions import quote
from forms_engine.fim.places import Place

Data = dict[str, Any]  # one question as it stands in the YAML
LONGEST_LINE = 255  # characters; longer texts get an area
MEDIA_TYPES: tuple[str, ...] = get_args(MediaType)
USUAL_MEDIA = ["application/pdf", "image/jpeg", "image/png"]
# Spellings that are no registered types, but stand in files.
SPELT = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "application/x-pdf": "application/pdf"}
DEFAULT_BYTES = 10_000_000
MOST_BYTES = 50_000_000
MOST_FILES = 20
RADIOS = 6
MOST_DIGITS = 6  # after the comma
NAMES = frozenset({"Familienname", "Geburtsname", "Nachname", "Vorname", "Vornamen"})  # of persons, always
MISSING = "offen"  # value of the only choice of a list that is not at hand


# Groups of the federal editors that are one question for us, if they have exactly these fields.
COMPOSITES: Mapping[str, tuple[frozenset[str], Data]] = {
    "G60000000083": (
        frozenset({"F60000000231", "F60000000232", "F60000000233"}),
        {"type": "partial_date", "birth": True},
    ),
}


def composite(place: Place) -> Data | None:
    """Type and keys of the question a whole group becomes; None for all other elements."""
    element = place.element
    if not isinstance(element, model.Group) or place.many or element.ident.id not in COMPOSITES:
        return None
    ids, data = COMPOSITES[element.ident.id]
    counts = {part.element.ident.id: (part.minimum, part.maximum) for part in element.parts}
    # Day and month may be unknown, the year may not (in the order of their numbers).
    if counts.keys() != ids or [counts[key] for key in sorted(ids)] != [(0, 1), (0, 1), (1, 1)]:
        return None
    return {"type": data["type"], "label": label_of(element)[:4000], **data}


@dataclass
class Said:
    """What converting one field had to leave out (`lost`), took for granted, or leaves to the author (`open`)."""

    lost: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)


Converter = Callable[[model.Field, Place, Said], Data]


def label_of(element: model.Field | model.Group) -> str:
    return element.label or element.about.name or element.ident.id


def convert(place: Place, said: Said) -> Data:
    """type, label, hint and the keys of the type; neither name nor conditions. Long help is left to the caller."""
    element = place.element
    if not isinstance(element, model.Field):
        raise TypeError("groups are not converted")
    if not element.label:
        said.assumed.append("Die Bezeichnung fehlt, genommen ist der Name.")
    known = KNOWN.get(element.ident.id) if element.kind == "input" and element.type.startswith("text") else None
    data = (known or TYPES[element.kind, element.type])(element, place, said)
    data = {"type": data.pop("type"), "label": label_of(element)[:4000], **data}
    if short_help(element.help):
        data["hint"] = element.help
    if element.label_out and element.label_out != data["label"] and data["type"] not in ("static", "computed"):
        data["summary_label"] = element.label_out
    _leftovers(element, data, said)
    if data["type"] in ("static", "computed"):
        data.pop("hint", None)
        # A hidden value has no label: then nobody sees it.
        if not data.pop("shown", False):
            del data["label"]
    return data


def short_help(text: str) -> bool:
    return 0 < len(text) <= HINT_LENGTH and "\n" not in text and not re.search(r"https?://|www\.|<a ", text)


def _leftovers(element: model.Field, data: Data, said: Said) -> None:
    limits = element.limits
    if limits.note:
        said.lost.append(f"Präzisierung „{limits.note[:200]}“.")
    if limits.pattern and data.get("check") in (None, "latein") and data["type"] not in ("email", "phone", "url"):
        _pattern(limits.pattern, data, said)
    if element.prefill != "keine":
        said.lost.append(f"Vorbefüllung „{element.prefill}“ durch die Behörde.")
    if element.content and element.kind in ("input", "select") and data["type"] != "declaration":
        suggestion = _suggestion(element.content, data)
        if suggestion is None:
            said.lost.append(f"Vorgabewert „{element.content[:200]}“.")
        else:
            data["suggested"] = suggestion


def _pattern(text: str, data: Data, said: Said) -> None:
    """The pattern if the language can judge by it, and if anybody could give an answer that fits."""
    shown = f"Muster „{text[:200]}“"
    if data["type"] != "text":
        said.lost.append(f"{shown}.")
        return
    try:
        found = patterns.read(text)
    except patterns.BadPattern as error:
        said.lost.append(f"{shown}: {error}")
        return
    if found.single:
        # "Mehrfachauswahl", "Codeliste Staat": a note that got into the wrong place.
        said.lost.append(f"{shown}: das ist kein Muster, es passt nur ein einziger Text.")
    elif found.shortest > data["max_length"]:
        said.lost.append(f"{shown}: es passt keine Antwort mit höchstens {data['max_length']} Zeichen.")
    elif found.ways * data["max_length"] > patterns.MOST_STEPS:
        said.lost.append(f"{shown}: für {data['max_length']} Zeichen ist es zu aufwendig.")
    else:
        data["pattern"] = text


def _suggestion(content: str, data: Data) -> str | int | None:
    """The default value where the question takes one and would itself accept it. Nothing is ever chosen beforehand."""
    text = clean(content, lines=data["type"] == "textarea")
    if data["type"] == "integer" and re.fullmatch(r"-?[0-9]{1,15}", text):
        return int(text) if data["minimum"] <= int(text) <= data["maximum"] else None
    if data["type"] not in ("text", "textarea") or not text:
        return None
    fits = data.get("min_length", 0) <= len(text) <= data["max_length"]
    fits = fits and ("pattern" not in data or patterns.read(data["pattern"]).fits(text))
    try:
        return TEXT_CHECKS[data["check"]](text) if fits and "check" in data else text if fits else None
    except Wrong:
        return None


def _lengths(element: model.Field, most: int, said: Said) -> Data:
    low, high = element.limits.min_length or 0, element.limits.max_length
    if high is not None and (high == 0 or low > high):
        said.lost.append(f"Länge {low} bis {high}: das Minimum ist größer als das Maximum.")
        low, high = 0, None
    if high is None:
        said.assumed.append(f"Ohne Höchstlänge (QS 1102), genommen sind {max(LONGEST_LINE, low)} Zeichen.")
    if (high or 0) > most:
        said.assumed.append(f"Höchstlänge {high}, möglich sind {most} Zeichen.")
    data: Data = {"max_length": min(high or max(LONGEST_LINE, low), most)}
    # A required text has at least one letter anyway.
    if low > 1:
        data["min_length"] = min(low, data["max_length"], 4000)
    return data


def _text(element: model.Field, place: Place, said: Said) -> Data:
    if (element.limits.max_length or 0) > LONGEST_LINE or (element.limits.min_length or 0) > LONGEST_LINE:
        return {"type": "textarea", **_lengths(element, 20_000, said), **_letters(element)}
    check = {"check": "name", "personal": True} if element.label in NAMES else _letters(element)
    return {"type": "text", **_lengths(element, 4000, said), **check}


def _letters(element: model.Field) -> Data:
    """Of DIN SPEC 91379, where the schema asks for them."""
    return {"check": "latein"} if element.type == "text_latin" else {}


def _checked(check: str, **more: Any) -> Converter:
    def converter(element: model.Field, place: Place, said: Said) -> Data:
        return {**_text(element, place, said), "check": check, **more}

    return converter


def _plain(kind: str) -> Converter:
    def converter(element: model.Field, place: Place, said: Said) -> Data:
        for name, value in (("min", element.limits.min_value), ("max", element.limits.max_value)):
            if value:
                said.lost.append(f"Grenze {name} „{value}“.")
        return {"type": kind}

    return converter


def _boolean(element: model.Field, place: Place, said: Said) -> Data:
    """Yes or no; with a sentence as its content it is that statement, to be confirmed (own.py writes it so)."""
    if " " in element.content.strip() and not place.many:
        return {"type": "declaration", "statement": element.content[:4000]}
    return {"type": "boolean"}


def _dated(kind: str) -> Converter:
    def converter(element: model.Field, place: Place, said: Said) -> Data:
        data: Data = {"type": kind}
        for key, value in (("earliest", element.limits.min_value), ("latest", element.limits.max_value)):
            limit = model.as_moment(value, kind)
            if limit:
                data[key] = limit
            elif value:
                said.lost.append(f"Grenze „{value}“: das ist kein fester Zeitpunkt.")
        if data.get("earliest", "") > data.get("latest", "~"):
            said.lost.append(f"Grenzen {data.pop('earliest')} bis {data.pop('latest')}: verkehrt herum.")
        return data

    return converter


def _bounds(element: model.Field, said: Said) -> tuple[Any, Any]:
    low, high = (model.as_decimal(raw) for raw in (element.limits.min_value, element.limits.max_value))
    for raw, number in ((element.limits.min_value, low), (element.limits.max_value, high)):
        if raw and number is None:
            said.lost.append(f"Grenze „{raw}“.")
    if low is not None and high is not None and low > high:
        said.lost.append(f"Grenzen {low} bis {high}: das Minimum ist größer als das Maximum.")
        return None, None
    return low, high


def _whole(low: Any, high: Any, limit: int) -> tuple[int, int]:
    return (
        max(math.ceil(low), -limit) if low is not None else -limit,
        min(math.floor(high), limit) if high is not None else limit,
    )


def _integer(element: model.Field, place: Place, said: Said) -> Data:
    low, high = _whole(*_bounds(element, said), 10**12)
    return {"type": "integer", "minimum": low, "maximum": max(low, high)}


def _decimal(element: model.Field, place: Place, said: Said) -> Data:
    low, high = _bounds(element, said)
    places = max((-int(n.as_tuple().exponent) for n in (low, high) if n is not None), default=0)
    if places > MOST_DIGITS:
        said.assumed.append(f"Grenzen auf {MOST_DIGITS} Stellen nach dem Komma.")
    minimum = max(low if low is not None else Decimal(-(10**9)), Decimal(-(10**9)))
    maximum = min(high if high is not None else Decimal(10**9), Decimal(10**9))
    if low is None and high is None:
        said.assumed.append("Zwei Stellen nach dem Komma.")
    limits = {"minimum": _limit(minimum), "maximum": _limit(max(minimum, maximum))}
    return {"type": "decimal", "places": min(max(places, 2), MOST_DIGITS), **limits}


def _limit(number: Decimal) -> int | str:
    """As the language writes it: a whole number, or a text with a point."""
    short = round(number, MOST_DIGITS)
    return int(short) if short == short.to_integral_value() else f"{short.normalize():f}"


def _money(element: model.Field, place: Place, said: Said) -> Data:
    low, high = _bounds(element, said)
    minimum, maximum = _whole(low and low * 100, high and high * 100, 10**12)
    # Amounts below nothing are rare enough to be asked for by a limit.
    return {"type": "money", "minimum_cents": minimum if low is not None else 0, "maximum_cents": max(0, maximum)}


def _file(element: model.Field, place: Place, said: Said) -> Data:
    named = {media: SPELT.get(media.strip().lower(), media.strip().lower()) for media in element.media_types}
    wanted = [media for media in MEDIA_TYPES if media in named.values()]
    for said_type, media in named.items():
        if media not in MEDIA_TYPES:
            said.lost.append(f"Dateityp {said_type}.")
    size = element.max_size or DEFAULT_BYTES
    if not 1000 <= size <= MOST_BYTES:
        said.assumed.append(f"Dateigröße {size} Bytes, möglich sind 1 000 bis {MOST_BYTES} Bytes.")
    data: Data = {"type": "file", "media_types": wanted or USUAL_MEDIA}
    data["max_bytes"] = min(max(size, 1000), MOST_BYTES)
    if place.many:
        data["max_files"] = min(place.part.maximum or MOST_FILES, MOST_FILES)
        if place.part.maximum is None or place.part.maximum > MOST_FILES:
            said.assumed.append(f"Höchstens {MOST_FILES} Dateien.")
        if place.part.minimum > 1:
            data["files"] = str(min(place.part.minimum, data["max_files"]))
    return data


def _object(element: model.Field, place: Place, said: Said) -> Data:
    said.lost.append("Datentyp „obj“, genommen ist eine Datei.")
    return _file(element, place, said)


def _select(element: model.Field, place: Place, said: Said) -> Data:
    values = place.values or ()
    if not values or len(values) > MOST_CHOICES:
        named = f"„{element.list_ref}“" if element.list_ref else "ohne Namen"
        why = "hat zu viele Werte" if values else "fehlt"
        said.open.append(f"Die Codeliste {named} {why} (QS 1018).")
        values = (model.Value(MISSING, f"Codeliste {named} {why}"),)
    codes = choice_codes(values)
    choices: list[Data] = [{"value": codes[value.code], "label": value.name[:4000] or value.code} for value in values]
    for choice, value in zip(choices, values, strict=True):
        if choice["value"] != value.code:
            said.assumed.append(f"Der Code „{value.code}“ heißt in diesem Formular „{choice['value']}“.")
        if value.help:
            choice["hint"] = value.help[:4000]
    if place.many:
        return {"type": "multi_choice", "choices": choices, **counts(place.part, len(choices))}
    widget = {"widget": "select"} if len(choices) > RADIOS else {}
    return {"type": "choice", **widget, "choices": choices}


def counts(part: model.Part, choices: int) -> Data:
    """How many answers a multiple choice takes, where not any number does."""
    data: Data = {"minimum": min(part.minimum, choices)} if part.minimum > 1 else {}
    if part.maximum is not None and part.maximum < choices:
        data["maximum"] = part.maximum
    return data


def choice_codes(values: tuple[model.Value, ...]) -> Mapping[str, str]:
    """Codes of a list as values of choices, which have no blanks and umlauts; each stays different."""
    found: dict[str, str] = {}
    for value in values:
        plain = re.sub(r"[^A-Za-z0-9_.-]", "-", value.code)[:50]
        plain = plain if re.match(r"[A-Za-z0-9]", plain) else f"x{plain}"
        number, base = 2, plain
        while plain in found.values():
            plain, number = f"{base}-{number}", number + 1
        found[value.code] = plain
    return found


def _label(element: model.Field, place: Place, said: Said) -> Data:
    if not element.content:
        said.assumed.append("Der Text ist leer, gezeigt wird nur die Überschrift.")
    text = "\n".join(dict.fromkeys(part for part in (label_of(element), element.content, element.help) if part))
    return {"type": "static", "text": text[:4000]}


def _hidden(element: model.Field, place: Place, said: Said) -> Data:
    if not element.content:
        said.open.append("Das Feld ist versteckt und hat keinen Wert. Legen Sie fest, woher der Wert kommt.")
    return {"type": "computed", "value": quote(element.content)[:1000], "result": "text"}


def _locked(element: model.Field, place: Place, said: Said) -> Data:
    if element.content:
        return {**_hidden(element, place, said), "shown": True}
    said.open.append("Das Feld ist nur lesbar und hat keinen Wert. Legen Sie fest, woher der Wert kommt.")
    return _label(element, place, Said())


_INPUT: Mapping[str, Converter] = {
    "text": _text,
    "text_latin": _text,
    "num_int": _integer,
    "num": _decimal,
    "num_currency": _money,
    "date": _dated("date"),
    "time": _dated("time"),
    "datetime": _dated("datetime"),
    "bool": _boolean,
    "file": _file,
    "obj": _object,
}
_EVERY: Mapping[str, Converter] = {"select": _select, "label": _label, "hidden": _hidden, "locked": _locked}
TYPES: Mapping[tuple[str, str], Converter] = {
    **{("input", data_type): converter for data_type, converter in _INPUT.items()},
    **{(kind, data_type): converter for kind, converter in _EVERY.items() for data_type in _INPUT},
}
# Harmonised fields of the federal editors that our language checks better than their pattern does.
KNOWN: Mapping[str, Converter] = {
    "F60000000242": _plain("email"),
    "F60000000240": _plain("phone"),
    "F60000000241": _plain("phone"),
    "F60000000321": _plain("url"),
    "F60000000246": _checked("plz_de", numeric=True),
    "F60000000227": _checked("name", personal=True),
    "F60000000228": _checked("name", personal=True),
    "F60000000230": _checked("name", personal=True),
}
