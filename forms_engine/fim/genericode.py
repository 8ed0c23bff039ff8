"""Code lists in OASIS genericode 1.0, in each of the three spellings of name spaces that real files have."""

from collections.abc import Iterable
from dataclasses import dataclass

from forms_engine.fim.model import ListRef, Value
from forms_engine.fim.reader import words
from forms_engine.fim.xml import FimError, Node, Problem, parse

SPACE = "http://docs.oasis-open.org/codelist/ns/genericode/1.0/"
MAX_ROWS = 50_000
_NAMES = ("name", "Name", "Codename", "Bezeichnung", "beschreibung", "Beschreibung")  # or beginning like this
_HELPS = ("Hilfetext", "hilfetext", "hilfe")


@dataclass(frozen=True)
class CodeList:
    """One version of a list, rows in the order of the file. `title` is its short name, `file` where it came from."""

    uri: str
    version: str
    version_uri: str
    title: str
    columns: tuple[str, ...]
    code_column: str
    name_column: str
    help_column: str
    rows: tuple[tuple[tuple[str, str], ...], ...]  # per row: column, text
    file: str = ""

    def values(self, ref: ListRef | None = None) -> tuple[Value, ...]:
        """The values by the columns a field asks for, else by the list's own."""
        code = ref.code_key if ref and ref.code_key in self.columns else self.code_column
        name = ref.name_key if ref and ref.name_key in self.columns else self.name_column
        tip = ref.help_key if ref and ref.help_key in self.columns else self.help_column
        found = (dict(row) for row in self.rows)
        return tuple(Value(row[code], row.get(name) or row[code], row.get(tip, "")) for row in found if row.get(code))


def is_code_list(data: bytes) -> bool:
    """Whether the bytes look like a code list; reading them may still fail."""
    return b"CodeList" in data[:4000] and SPACE.encode() in data[:4000]


def read(data: bytes, file: str = "") -> CodeList:
    """Raises FimError with every problem found."""
    root = parse(data)
    if root.name != "CodeList" or root.space not in (SPACE, ""):
        raise FimError([root.problem("Das ist keine Codeliste im Format genericode 1.0.")])
    problems: list[Problem] = []
    columns, code, name, tip = _columns(root, problems)
    rows = list(_rows(root, columns, code, problems))
    if not rows and not problems:
        problems.append(root.problem("Die Codeliste hat keine Zeilen."))
    if problems:
        raise FimError(sorted(problems)[:50])
    about = _child(root, "Identification")
    uri, version, version_uri, title = (
        _text(about, key) for key in ("CanonicalUri", "Version", "CanonicalVersionUri", "ShortName")
    )
    return CodeList(uri, version, version_uri, title, columns, code, name, tip, tuple(rows), file)


def _child(node: Node | None, name: str) -> Node | None:
    return next((c for c in node.children if c.name == name and c.space in (SPACE, "")), None) if node else None


def _children(node: Node | None, name: str) -> Iterable[Node]:
    return (c for c in node.children if c.name == name and c.space in (SPACE, "")) if node else ()


def _text(node: Node | None, name: str) -> str:
    return " ".join(words(_child(node, name)).split())


def _columns(root: Node, problems: list[Problem]) -> tuple[tuple[str, ...], str, str, str]:
    """All columns, and which hold code, name and help ("" for none)."""
    sets = _child(root, "ColumnSet")
    if sets is None:
        problems.append(root.problem("In der Codeliste fehlt „ColumnSet“."))
        return (), "", "", ""
    columns = tuple(dict.fromkeys(column.attributes.get("Id", "") for column in _children(sets, "Column")))
    if not columns or "" in columns:
        problems.append(sets.problem("Jede Spalte der Codeliste braucht eine Id."))
        return (), "", "", ""
    keys = {}
    for key in _children(sets, "Key"):
        ref = next(iter(_children(key, "ColumnRef")), None)
        column = ref.attributes.get("Ref", "") if ref else ""
        if column not in columns:
            problems.append(key.problem(f"Der Schlüssel nennt die Spalte „{column}“, die es nicht gibt."))
            continue
        keys[key.attributes.get("Id", "")] = column
    # Ours by the order of the specification: named key, first key, first column.
    code = keys.get("codeKey") or next((c for k, c in keys.items() if k != "codenameKey"), columns[0])
    required = {c.attributes.get("Id", "") for c in _children(sets, "Column") if c.attributes.get("Use") == "required"}
    name = keys.get("codenameKey") or _name_column([c for c in columns if c != code], required, code)
    return columns, code, name, next((column for column in _HELPS if column in columns), "")


def _name_column(columns: list[str], required: set[str], code: str) -> str:
    """What people read: a required column that is called so, else the first required one, else the first."""
    always = [column for column in columns if column in required]
    called = [column for column in always or columns if column.startswith(_NAMES)]
    return next(iter(called or always or columns), code)


def _rows(
    root: Node, columns: tuple[str, ...], code: str, problems: list[Problem]
) -> Iterable[tuple[tuple[str, str], ...]]:
    seen: dict[str, int] = {}
    for number, row in enumerate(_children(_child(root, "SimpleCodeList"), "Row")):
        if number >= MAX_ROWS:
            raise FimError([row.problem(f"Die Codeliste hat mehr als {MAX_ROWS} Zeilen.")])
        cells = {}
        for position, value in enumerate(_children(row, "Value")):
            # Without ColumnRef the values stand in the order of the columns (genericode 1.0, 3.6.2).
            column = value.attributes.get("ColumnRef") or (columns[position] if position < len(columns) else "")
            if column not in columns:
                problems.append(value.problem(f"Die Zeile nennt die Spalte „{column}“, die es nicht gibt."))
            cells[column] = words(_child(value, "SimpleValue"))
        if not cells.get(code):
            problems.append(row.problem("In dieser Zeile fehlt der Code."))
        elif cells[code] in seen:
            problems.append(
                row.problem(f"Der Code „{cells[code]}“ steht schon in Zeile {seen[cells[code]]} (QS 1045).")
            )
        seen.setdefault(cells.get(code, ""), row.line)
        yield tuple((column, text) for column, text in cells.items() if text)


class Store:
    """The lists at hand. Finds one for a reference; another version is offered, never taken in silence."""

    def __init__(self, lists: Iterable[CodeList] = ()):
        self.lists = tuple(lists)

    def find(self, ref: ListRef) -> CodeList | None:
        """By URI with version, URI and version, or the file of version 2; the newest if no version is asked for."""
        for known in self.lists:
            same_version = known.version == ref.version or not ref.version
            if ref.version_uri and known.version_uri == ref.version_uri:
                return known
            if ref.version and known.uri == ref.uri and same_version:
                return known
            if ref.file and known.file.startswith(f"{short_id(ref.file)}_") and known.uri == ref.uri and same_version:
                return known
        if not ref.version and not ref.version_uri:
            return max((k for k in self.lists if ref.uri and k.uri == ref.uri), key=lambda k: k.version, default=None)
        return None

    def others(self, ref: ListRef) -> tuple[str, ...]:
        """Versions of the same list that are at hand instead."""
        return tuple(sorted(known.version for known in self.lists if ref.uri and known.uri == ref.uri))


def short_id(ident: str) -> str:
    """C00005000073 or C05000073 as file names of version 2 have it."""
    return f"{ident[:3]}{ident[6:]}" if len(ident) == 12 and ident[3:6] == "000" else ident
