"""Which words of a page are in which language: lists made from the catalogue, a page reduced to what it says."""

import functools
import re
from html.parser import HTMLParser

import polib
from django.conf import settings

WORD = re.compile(r"[^\W\d_]{3,}")
SPOKEN = ("title", "aria-label", "alt", "placeholder", "value")
VOID = {"br", "img", "input", "meta", "link", "hr", "source"}
# Written the same in both, or names.
NAMES = {
    *(
        "bundid",
        "bayernid",
        "kern",
        "open",
        "font",
        "license",
        "kfz",
        "muc",
        "münchen",
        "münchner",
        "demo",
        "otto",
        "stadt",
    ),
    *(
        "kreisverwaltungsreferat",
        "anmelden",
        "perso",
        "kennwort",
        "gutes",
        "ins",
        "check",
        "deutsches",
        "fahrzeugschein",
        "pass",
        "teil",  # Zulassungsbescheinigung Teil I
        "umziehen",
        "parkausweis",
        "park",
        "start",
        "zone",
    ),
    *("portal_sitzung", "sitzung", "messages"),  # names of cookies
}


@functools.cache
def only_in() -> dict[str, frozenset[str]]:
    """The words that occur in texts of one language and not of the other."""
    catalogue = _entries("en")
    german = {word for entry in catalogue for text in (entry.msgid, entry.msgid_plural) for word in words_of(text)}
    english = {
        word for entry in catalogue for text in (entry.msgstr, *entry.msgstr_plural.values()) for word in words_of(text)
    }
    simple = {word for entry in _entries("de_Simple") for word in words_of(entry.msgstr)}
    return {"de": frozenset(german - english - NAMES), "en": frozenset(english - german - simple - NAMES)}


def _entries(locale: str) -> polib.POFile:
    return polib.pofile(str(settings.BASE_DIR / "locale" / locale / "LC_MESSAGES" / "django.po"))


def words_of(text: str) -> set[str]:
    bare = re.sub(r"<[^>]+>|%\(\w+\)[sd]|\{\w+\}|\S+@\S+", " ", text)
    return {word.lower() for word in WORD.findall(bare)}


def said(page: str, language: str) -> str:
    """What the page says in a language: text and spoken attributes of the elements whose `lang` is this one."""
    reader = _Reader(language)
    reader.feed(page)
    return "\n".join(reader.parts)


class _Reader(HTMLParser):
    def __init__(self, language: str):
        super().__init__(convert_charrefs=True)
        self.language, self.parts, self.stack = language, [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        language = (given.get("lang") or (self.stack[-1][1] if self.stack else "")).split("-")[0]
        is_input = tag == "input" and given.get("type") not in ("submit", "button")
        if language == self.language:
            self.parts += [
                given[name] or ""
                for name in SPOKEN
                if name in given and not (name == "value" and (is_input or tag != "input"))
            ]
        if tag not in VOID:
            self.stack.append((tag, language))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.stack and self.stack[-1][1] == self.language and self.stack[-1][0] not in ("script", "style"):
            self.parts.append(data)
