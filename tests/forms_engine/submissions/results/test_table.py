"""The CSV file opens in a spreadsheet, says what was answered, and runs nothing."""

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from forms_engine.submissions.results import table

TEXTS = st.text(st.one_of(st.sampled_from("=+-@\t\r\n ;\"'＝"), st.characters(codec="utf-8", exclude_characters="\0")))


def read(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=5))
@example([["=1+1", "\t@SUM(A1)"], [" -2", '";=1']])
def test_every_cell_comes_back_and_none_is_a_formula(lines):
    found = read(b"".join(table.written(lines)))
    assert found == [[table.safe(cell) for cell in line] for line in lines]
    for line, kept in zip(lines, found, strict=True):
        for cell, safe in zip(line, kept, strict=True):
            assert (
                safe in (cell, f"'{cell}")
                and safe.lstrip()[:1] not in {*"=+-@＝＋－＠"}
                and safe[:1] not in {*"\t\r\n"}
            )


def test_plain_words_stay_as_they_are():
    assert table.safe("Mehr Plätze = besser") == "Mehr Plätze = besser" and table.safe("") == ""


def test_a_long_table_comes_in_pieces():
    pieces = list(table.written([str(n), "x"] for n in range(2 * table.LINES_AT_ONCE + 1)))
    assert len(pieces) == 3 and len(read(b"".join(pieces))) == 2 * table.LINES_AT_ONCE + 1
