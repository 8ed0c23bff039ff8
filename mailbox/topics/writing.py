"""What editors write: headings, paragraphs, lists, links, emphasis (a small part of CommonMark), as HTML and as text.

Nothing else passes: no HTML, no images (a picture that is fetched tells who has opened the mail), no scripts in links.
Both forms come from the same tokens, so that they say the same. Pure.
"""

import dataclasses
import functools
import re
from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

WIDTH = 72
SCHEMES = frozenset({"https", "http", "mailto", "tel"})
RULES = ("heading", "list", "link", "emphasis", "newline", "escape", "entity", "autolink")
_PATH = re.compile(r"/(?![/\\])[^\s\\]*")


@dataclasses.dataclass(frozen=True)
class Written:
    """`html`: headings from h2 on, no wrapper. `text`: lines of at most WIDTH, links in angle brackets. `headings`:
    (anchor, text) of the sections."""

    html: str
    text: str
    headings: tuple[tuple[str, str], ...]


@functools.cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero").enable(list(RULES))
    parser.validateLink = _harmless  # type: ignore[method-assign, assignment]  # the library's own way to say what may be a link
    return parser


def _harmless(address: str) -> bool:
    """A page of ours, or one that people expect behind a link."""
    try:
        return bool(_PATH.fullmatch(address)) or urlsplit(address).scheme.lower() in SCHEMES
    except ValueError:
        return False


def read(source: str, *, base: str) -> Written:
    """`base` makes an address of a path, without a slash at its end."""
    tokens = _parser().parse(source.replace("\r\n", "\n").replace("\0", ""))
    headings: list[tuple[str, str]] = []
    html, text = _Html(base, headings), _Text(base)
    return Written(html.of(tokens), text.of(tokens), tuple(headings))


def _address(token: Token, base: str) -> str:
    href = str(token.attrs.get("href", ""))
    return base + href if href.startswith("/") else href


class _Html:
    def __init__(self, base: str, headings: list[tuple[str, str]]) -> None:
        self.base, self.headings = base, headings

    def of(self, tokens: Sequence[Token]) -> str:
        parts: list[str] = []
        for place, token in enumerate(tokens):
            if token.type == "heading_open":
                parts.append(self._heading(token, tokens[place + 1]))
            elif token.type == "heading_close":
                parts.append(f"</{_level(token)}>\n")
            elif token.type == "inline":
                parts.append(self._inline(token))
            elif token.nesting and not token.hidden:
                parts.append(f"<{'/' * (token.nesting < 0)}{token.tag}>" + "\n" * (token.nesting < 0))
        return "".join(parts)

    def _heading(self, opening: Token, inside: Token) -> str:
        tag = _level(opening)
        if tag != "h2":
            return f"<{tag}>"
        anchor = f"teil-{len(self.headings) + 1}"
        self.headings.append((anchor, _plain(inside)))
        return f'<h2 id="{anchor}">'

    def _inline(self, token: Token) -> str:
        parts = []
        for child in token.children or ():
            if child.type == "link_open":
                parts.append(f'<a href="{escape(_address(child, self.base))}">')
            elif child.type in ("softbreak", "hardbreak"):
                parts.append("<br>\n" if child.type == "hardbreak" else "\n")
            elif child.nesting:
                parts.append(f"<{'/' * (child.nesting < 0)}{child.tag}>")
            else:
                parts.append(escape(child.content))
        return "".join(parts)


def _level(token: Token) -> str:
    """The title of the issue is the only h1; below h3 nothing can be told apart."""
    return "h2" if token.tag in ("h1", "h2") else "h3"


def _plain(token: Token) -> str:
    return "".join(c.content if c.type not in ("softbreak", "hardbreak") else " " for c in token.children or ())


class _Text:
    """Blocks with their indentation, wrapped; lists with marks, headings underlined."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.lists: list[int] = []  # 0: bullets, else the next number
        self.mark = ""

    def of(self, tokens: Sequence[Token]) -> str:
        blocks: list[str] = []
        kind = ""
        for token in tokens:
            if token.type.endswith("_list_open"):
                self.lists.append(int(token.attrs.get("start", 1)) if token.tag == "ol" else 0)
            elif token.type.endswith("_list_close"):
                self.lists.pop()
                blocks += [] if self.lists else [""]
            elif token.type == "list_item_open":
                self.mark = self._next_mark()
            elif token.type in ("heading_open", "paragraph_open"):
                kind = _level(token) if token.type == "heading_open" else ""
            elif token.type == "inline":
                self._put(blocks, self._inline(token), kind)
        return "\n".join(blocks).strip("\n") + "\n"

    def _next_mark(self) -> str:
        number = self.lists[-1]
        if number:
            self.lists[-1] += 1
        return f"{number}. " if number else "* "

    def _put(self, blocks: list[str], text: str, kind: str) -> None:
        if kind:
            rule = ("=" if kind == "h2" else "-") * min(len(text), WIDTH)
            blocks.append(f"\n{text}\n{rule}\n")
            return
        indent = "  " * len(self.lists)
        first = indent[2:] + self.mark.rjust(2) if self.mark else indent
        lines = [wrapped for line in text.split("\n") for wrapped in _wrap(line, WIDTH - len(indent) - 1)]
        block = "\n".join([first + lines[0], *(indent + " " * (len(first) - len(indent)) + line for line in lines[1:])])
        blocks.append(block if self.mark or self.lists else block + "\n")
        self.mark = ""

    def _inline(self, token: Token) -> str:
        parts: list[str] = []
        where: list[tuple[str, int]] = []
        for child in token.children or ():
            if child.type == "link_open":
                where.append((_address(child, self.base), len(parts)))
            elif child.type == "link_close":
                address, start = where.pop()
                if "".join(parts[start:]) not in (address, address.removeprefix("mailto:").removeprefix("tel:")):
                    parts.append(f" <{address}>")
            elif child.type in ("softbreak", "hardbreak"):
                parts.append("\n" if child.type == "hardbreak" else " ")
            else:
                parts.append(child.content)
        return "".join(parts)


def _wrap(line: str, width: int) -> list[str]:
    """Never inside a word: an address has to stay whole."""
    lines, row = [], ""
    for word in line.split():
        if row and len(row) + 1 + len(word) > width:
            lines.append(row)
            row = word
        else:
            row = f"{row} {word}" if row else word
    return [*lines, row]
