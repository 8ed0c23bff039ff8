"""Texts of all languages side by side: each stands where its German one stands. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from forms_engine.definitions import translate
from forms_engine.definitions.builder.forms import text_from, text_of
from forms_engine.definitions.document import Data
from forms_engine.definitions.language.form import FormDefinition


def unfolded(data: Data, definition: FormDefinition) -> Data:
    """The list of translations at the end, if there is one, put to the texts. What says nothing goes."""
    listed = data.get("translations")
    if not listed:
        return data
    for path, text in translate.texts(definition):
        said = {
            code: words[text.de] for code, words in listed.items() if not text.in_language(code) and text.de in words
        }
        if said:
            put(data, path, said)
    return {key: value for key, value in data.items() if key != "translations"}


def put(data: Data, path: str, words: dict[str, str]) -> None:
    """Sets some languages of the text at a path of the data, such as "pages[0].fields[1].label"."""
    *way, last = [int(number) if number else name for number, name in re.findall(r"\[(\d+)\]|([^.\[\]]+)", path)]
    holder: Any = data
    for part in way:
        holder = holder[part]
    before = holder.get(last) if isinstance(holder, dict) else holder[last]
    if before is None:  # it stands in no file: the word for Ja, which has its own languages
        return
    old = {code: text_of(before, code) for code in ("de", "en", "de-simple")}
    holder[last] = text_from(old | words)


def parts(definition: FormDefinition) -> Iterator[tuple[str, str]]:
    """Key and name of what the texts are grouped by: the start page and so on, then each page."""
    yield "formular", "Startseite, Datenschutz, Absenden"
    yield from ((page.key, str(page.title)) for page in definition.pages)


def of_part(definition: FormDefinition, data: Data, part: str) -> list[tuple[str, Any]]:
    """Path and text of everything a part says, as the data have it."""
    index = next((n for n, page in enumerate(definition.pages) if page.key == part), None)
    start = "pages[" if index is None else f"pages[{index}]."
    found = [(path, look(data, path)) for path, _ in translate.texts(definition)]
    return [(path, text) for path, text in found if text is not None and path.startswith(start) == (index is not None)]


def look(data: Data, path: str) -> Any:
    """What stands at a path; None if nothing does."""
    value: Any = data
    for number, name in re.findall(r"\[(\d+)\]|([^.\[\]]+)", path):
        if number:
            value = value[int(number)] if isinstance(value, list) and int(number) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value
