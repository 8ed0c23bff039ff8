"""The languages of the pages and their addresses: the beginning of the path alone decides (docs/languages.md)."""

from collections.abc import Mapping

from django.utils.translation import get_language

GERMAN, ENGLISH, SIMPLE = "de", "en", "de-simple"  # BCP 47; "simple" is a registered variant subtag
PREFIXES: Mapping[str, str] = {GERMAN: "", ENGLISH: "en/", SIMPLE: "leicht/"}


def current() -> str:
    """The language of this answer; German wherever nothing else was asked for (commands, workers, admin)."""
    code = get_language()
    return code if code in PREFIXES else GERMAN


def of_path(path: str) -> str:
    """The language that the beginning of a path names."""
    return next((code for code, prefix in PREFIXES.items() if prefix and path.startswith(f"/{prefix}")), GERMAN)


def plain(path: str) -> str:
    """The same page's German address: what is stored, and what other systems are told."""
    return path[len(PREFIXES[of_path(path)]) :]


def localised(path: str, code: str | None = None) -> str:
    """The same page in another language, by default that of this answer. `path` begins with "/"."""
    return f"/{PREFIXES[code or current()]}{plain(path)[1:]}"
