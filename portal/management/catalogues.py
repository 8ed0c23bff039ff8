"""The catalogues of translations: what the source says, merged into locale/, and what is wrong with them.

German texts are the keys. English has all of them, Leichte Sprache those of the pages that promise it
(docs/languages.md). No gettext tools needed: polib reads, writes and compiles.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.template.base import BLOCK_TAG_END, BLOCK_TAG_START, Lexer, Token, TokenType
from django.utils.translation import trim_whitespace
from django.utils.translation.template import block_re, constant_re, endblock_re, inline_re, plural_re

PACKAGES = ("portal", "forms_engine", "payments", "appointments", "mailbox", "opendata")
ENGLISH, SIMPLE = "en", "de_Simple"
_SINGULAR = {"_", "_lazy"}
_PLURAL = {"ngettext"}
# Texts of these stand on the pages that exist in Leichte Sprache.
PROMISED = (
    *("base.html", "components/header.html", "components/footer.html", "components/back_link.html"),
    *("components/error_summary.html", "components/step.html", "components/summary_rows.html"),
    *("home/_search_form.html", "home/services.html", "home/service.html", "home/collection.html"),
    *("submissions/start.html", "submissions/start_button.html", "submissions/page.html", "submissions/safety.html"),
    *("submissions/upload_field.html", "submissions/group.html", "submissions/not_eligible.html"),
    *("submissions/delete.html", "cases/check.html", "cases/received.html", "kern/field.html", "kern/messages.html"),
)


@dataclass
class Message:
    text: str
    plural: str = ""
    files: list[str] = field(default_factory=list)


def messages_of(base: Path) -> dict[str, Message]:
    """Every text of templates and code that asks for its translation, by its German words."""
    found: dict[str, Message] = {}
    for path in _sources(base):
        name = str(path.relative_to(base))
        source = path.read_text(encoding="utf-8")
        for text, plural in _in_python(source) if path.suffix == ".py" else in_template(source):
            message = found.setdefault(text, Message(text))
            message.plural = message.plural or plural
            if name not in message.files:
                message.files.append(name)
    return found


def _sources(base: Path) -> Iterator[Path]:
    yield from sorted(path for path in (base / "templates").rglob("*") if path.suffix in (".html", ".txt", ".xml"))
    for package in PACKAGES:
        yield from sorted((base / package).rglob("*.py"))


def _in_python(source: str) -> Iterator[tuple[str, str]]:
    if "gettext" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if node.func.id in _SINGULAR and texts:
            yield texts[0], ""
        elif node.func.id in _PLURAL and len(texts) == 2:
            yield texts[0], texts[1]


def in_template(source: str) -> Iterator[tuple[str, str]]:
    """(text, plural or "") of each translate, blocktranslate and _() as Django looks them up."""
    block: _Block | None = None
    for token in Lexer(source).tokenize():
        if block is None:
            yield from _inline(token)
            opening = block_re.match(token.contents) if token.token_type == TokenType.BLOCK else None
            block = _Block("trimmed" in token.split_contents()) if opening else None
        elif token.token_type == TokenType.BLOCK and endblock_re.match(token.contents):
            yield block.text, block.plural
            block = None
        else:
            block.add(token)


def _inline(token: Token) -> Iterator[tuple[str, str]]:
    if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
        return
    if token.token_type == TokenType.BLOCK and (inline := inline_re.match(token.contents)):
        yield inline[1][1:-1].replace("%", "%%"), ""
    for constant in constant_re.findall(token.contents):
        yield re.sub(r"^_\(|\)$", "", constant)[1:-1], ""


class _Block:
    """The inside of a blocktranslate."""

    def __init__(self, trimmed: bool):
        self.trimmed, self.parts = trimmed, [""]

    def add(self, token: Token) -> None:
        if token.token_type == TokenType.VAR:
            self.parts[-1] += f"%({token.contents})s"
        elif token.token_type == TokenType.TEXT:
            self.parts[-1] += token.contents.replace("%", "%%")
        elif plural_re.match(token.contents):
            self.parts.append("")
        else:
            raise ValueError(f"{BLOCK_TAG_START} {token.contents} {BLOCK_TAG_END} in a text to translate")

    @property
    def text(self) -> str:
        return self._clean(0)

    @property
    def plural(self) -> str:
        return self._clean(1) if len(self.parts) > 1 else ""

    def _clean(self, part: int) -> str:
        return str(trim_whitespace(self.parts[part])) if self.trimmed else self.parts[part]


def path_of(base: Path, locale: str) -> Path:
    return base / "locale" / locale / "LC_MESSAGES" / "django.po"


def merge(base: Path, locale: str, found: dict[str, Message]) -> polib.POFile:
    """The catalogue as it has to be: in the order of the source, translations kept, what nobody uses dropped."""
    old = polib.pofile(str(path_of(base, locale)), wrapwidth=120)
    known = {entry.msgid: entry for entry in old}
    new = polib.POFile(wrapwidth=120)
    new.header = old.header
    new.metadata = old.metadata
    for text, message in found.items():
        entry = known.get(text)
        if entry is None:
            if locale == SIMPLE and not promised(message):
                continue
            entry = polib.POEntry(msgid=text)
        entry.occurrences = [(name, "") for name in message.files]
        entry.flags = [flag for flag in entry.flags if flag == "fuzzy"]
        if message.plural and (entry.msgid_plural != message.plural or not entry.msgstr_plural):
            entry.msgid_plural, entry.msgstr, entry.msgstr_plural = message.plural, "", {0: "", 1: ""}
        new.append(entry)
    return new


def promised(message: Message) -> bool:
    return any(name.removeprefix("templates/") in PROMISED for name in message.files)


def write(base: Path, locale: str, catalogue: polib.POFile) -> None:
    path = path_of(base, locale)
    catalogue.save(str(path))
    path.with_suffix(".mo").write_bytes(catalogue.to_binary())


def problems(base: Path, locale: str, found: dict[str, Message]) -> list[str]:
    """German sentences, one for each fault."""
    path = path_of(base, locale)
    catalogue = polib.pofile(str(path), wrapwidth=120)
    said = [f"{locale}: {fault}: {entry.msgid[:80]}" for entry in catalogue for fault in _faults(entry)]
    merged = merge(base, locale, found)
    if [(e.msgid, e.msgid_plural, e.occurrences) for e in merged] != [
        (e.msgid, e.msgid_plural, e.occurrences) for e in catalogue
    ]:
        said.append(f"{locale}: Der Katalog passt nicht zum Quelltext. ./run messages ausführen und übersetzen.")
    if not path.with_suffix(".mo").exists() or path.with_suffix(".mo").read_bytes() != catalogue.to_binary():
        said.append(f"{locale}: django.mo ist veraltet. ./run messages ausführen.")
    return said


def _faults(entry: polib.POEntry) -> Iterator[str]:
    if entry.obsolete:
        yield "nicht mehr gebraucht"
    if "fuzzy" in entry.flags:
        yield "nicht geprüft (fuzzy)"
    pairs = [(entry.msgid, entry.msgstr)]
    if entry.msgid_plural:
        pairs = [(entry.msgid_plural, text) for text in entry.msgstr_plural.values()]
    for source, text in pairs:
        if not text.strip():
            yield "ohne Übersetzung"
        elif wrong := _lost(source, text, one=entry.msgid_plural != "" and text == entry.msgstr_plural[0]):
            yield f"Platzhalter oder Tags stimmen nicht ({', '.join(wrong)})"


def _lost(source: str, text: str, *, one: bool) -> Sequence[str]:
    """What stands in only one of both. The singular may do without its number."""
    marks = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^>]*>")
    return sorted(
        mark for mark in set(marks.findall(source)) ^ set(marks.findall(text)) if not (one and mark == "%(count)s")
    )
