"""The answers to a survey as a CSV file that a spreadsheet opens and that no cell of makes it do anything. Pure."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from forms_engine.definitions.language import fields as f

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # by it spreadsheets know UTF-8
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LINES_AT_ONCE = 500


def safe(cell: str) -> str:
    """The cell, behind an apostrophe where a spreadsheet would take it for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(DANGEROUS) or cell.lstrip().startswith(DANGEROUS) else cell


def cell(item: f.Question, value: Any) -> str:
    """An answer in words; "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        yes, no = (item.yes, item.no) if isinstance(item, f.BooleanField) else ("Ja", "Nein")
        return str(yes if value else no)
    said = [str(one) for one in (value if isinstance(value, list) else [value])]
    if isinstance(item, f.ChoiceField | f.MultiChoiceField):
        said = [item.label_of(one) for one in said]
    return ", ".join(said)


def written(lines: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The file in pieces: UTF-8 with BOM, semicolons, CRLF (RFC 4180)."""
    buffer = io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    for number, line in enumerate(lines, 1):
        writer.writerow([safe(text) for text in line])
        if number % LINES_AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
