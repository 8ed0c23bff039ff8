"""Read XML from strangers: no DTD, no entity, no network, bounded in size and depth; every node knows its line.

FIM files often are one line of a megabyte, so places are line and column. Expat tells both and asks nobody for files.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

MAX_BYTES = 50 * 1024 * 1024
MAX_DEPTH = 60  # XML elements; each level of groups takes three
MAX_NODES = 1_000_000
MAX_ATTRIBUTE = 10_000  # characters
MAX_TEXT = 500_000  # characters of one element
ENCODINGS = ("utf-8", "us-ascii", "iso-8859-1", "utf-16")
SKIPPED = "relation"  # thousands per element in real files: counted, never kept


@dataclass(frozen=True, order=True)
class Problem:
    """Why a file is refused. `line` and `column` count from 1; line 0 means the whole file."""

    line: int
    column: int
    sentence: str

    def __str__(self) -> str:
        return f"Zeile {self.line}, Zeichen {self.column}: {self.sentence}" if self.line else self.sentence


class FimError(ValueError):
    """The file cannot be used: `problems` say where and why in German."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


@dataclass(slots=True)
class Node:
    """One element. `space` is its name space ("" for none), `text` what stands directly in it."""

    name: str
    space: str
    line: int
    column: int
    attributes: dict[str, str]
    children: list["Node"] = field(default_factory=list)
    text: str = ""
    skipped: int = 0  # relations left out

    def problem(self, sentence: str) -> Problem:
        return Problem(self.line, self.column, sentence)


def parse(data: bytes) -> Node:
    """The root of the tree. Raises FimError."""
    if not data.strip(b"\0 \t\r\n"):
        raise FimError([Problem(0, 0, "Die Datei ist leer.")])
    if len(data) > MAX_BYTES:
        raise FimError([Problem(0, 0, f"Die Datei ist größer als {MAX_BYTES // 1024 // 1024} MB.")])
    return _Builder(_encoding(data)).run(data)


def _encoding(data: bytes) -> str | None:
    """None: expat finds UTF-16 itself. Anything but Latin letters of the web is refused before expat asks codecs."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:4] in (b"<\0?\0", b"\0<\0?"):
        return None
    declared = re.match(rb"(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']{1,40})[\"']", data)
    name = declared[1].decode("ascii", "replace").lower() if declared else "utf-8"
    if name not in ENCODINGS or name == "utf-16":
        sentence = f"Die Zeichenkodierung „{name}“ passt nicht. Speichern Sie die Datei in UTF-8."
        raise FimError([Problem(1, 1, sentence)])
    return name


class _Builder:
    def __init__(self, encoding: str | None):
        self.parser = expat.ParserCreate(encoding, namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.open: list[Node] = []
        self.parts: list[list[str]] = []
        self.root: Node | None = None
        self.skipping = self.nodes = 0

    def run(self, data: bytes) -> Node:
        try:
            self.parser.Parse(data, True)
        except expat.ExpatError as error:
            sentence = "Das ist kein wohlgeformtes XML."
            raise FimError([Problem(error.lineno, error.offset + 1, sentence)]) from None
        if self.root is None:  # pragma: no cover - expat refuses a document without an element
            raise FimError([Problem(0, 0, "Das ist kein wohlgeformtes XML.")])
        return self.root

    def refuse(self, sentence: str) -> None:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        raise FimError([Problem(line, column, sentence)])

    def doctype(self, *_: object) -> None:
        self.refuse("Die Datei enthält eine DOCTYPE-Angabe. Entfernen Sie sie mit allen Entitäten.")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.skipping or (self.open and tag.rpartition(" ")[2] == SKIPPED):
            if not self.skipping:
                self.open[-1].skipped += 1
            self.skipping += 1
            if self.skipping > MAX_DEPTH:
                self.refuse("Die Datei ist zu tief geschachtelt.")
            return
        self.nodes += 1
        if len(self.open) >= MAX_DEPTH:
            self.refuse("Die Datei ist zu tief geschachtelt.")
        if self.nodes > MAX_NODES:
            self.refuse("Die Datei hat zu viele Elemente.")
        if any(len(value) > MAX_ATTRIBUTE or len(name) > MAX_ATTRIBUTE for name, value in attributes.items()):
            self.refuse(f"Ein Attribut ist länger als {MAX_ATTRIBUTE} Zeichen.")
        space, _, name = tag.rpartition(" ")
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        node = Node(name, space, line, column, {key.rpartition(" ")[2]: value for key, value in attributes.items()})
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)
        self.parts.append([])

    def characters(self, text: str) -> None:
        if not self.skipping:
            self.parts[-1].append(text)

    def end(self, _: str) -> None:
        if self.skipping:
            self.skipping -= 1
            return
        node, parts = self.open.pop(), self.parts.pop()
        node.text = "".join(parts)
        if len(node.text) > MAX_TEXT:
            raise FimError([node.problem(f"Der Text von „{node.name}“ ist länger als {MAX_TEXT} Zeichen.")])
