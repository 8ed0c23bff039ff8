import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_engine.definitions.expressions import BadExpression, Kind, Scope, moment, names_in

NAMES = {"art": Kind.TEXT, "zahl": Kind.INT, "ja": Kind.BOOL, "tag": Kind.DATE, "liste": Kind.TEXTS, "wagen": Kind.ROWS}
SCOPE = Scope(NAMES)


def value(source: str, kind: Kind = Kind.BOOL, **data):
    return SCOPE.compile(source, kind).value(data)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("art == 'a' && zahl > 3", True),
        ("zahl in [1, 2] || !ja", False),
        ("liste.exists(x, x == 'b')", True),
        ("wagen.all(w, w.laenge > 600)", False),
        ("wagen.exists_one(w, w.laenge > 600)", True),
        ("tag < timestamp('2027-01-01T00:00:00Z')", True),
        ("art.startsWith('a') ? zahl > 4 : ja", True),
    ],
)
def test_expressions_are_evaluated(source, expected):
    data = {"art": "a", "zahl": 5, "ja": True, "tag": moment(dt.date(2026, 3, 3)), "liste": ["a", "b"]}
    assert value(source, **data, wagen=[{"laenge": 500}, {"laenge": 700}]) is expected


@pytest.mark.parametrize("source", ["art == 'a'", "art != 'a'", "!ja", "zahl > 0 || art == 'a'", "wagen.size() == 0"])
def test_what_rests_on_a_missing_answer_is_unknown(source):
    assert value(source) is None


def test_one_known_side_decides_an_or_and_an_and():
    assert value("art == 'a' || zahl == 1", zahl=1) is True
    assert value("art == 'a' && zahl == 1", zahl=2) is False


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("zahl / 0 == 1", {"zahl": 1}),
        ("zahl + 9223372036854775807 > 0", {"zahl": 1}),
        ("liste[7] == 'a'", {"liste": []}),
        ("wagen[0].farbe == 'rot'", {"wagen": [{}]}),
        ("wagen.all(w, w.laenge)", {"wagen": [{"laenge": 3}]}),
    ],
)
def test_what_cannot_be_worked_out_is_unknown(source, data):
    assert value(source, **data) is None


def test_whole_numbers_are_exact():
    assert value("zahl + 1", Kind.INT, zahl=2**53) == 2**53 + 1


@pytest.mark.parametrize(
    ("source", "kind", "sentence"),
    [
        ("farbe == 1", Kind.BOOL, "„farbe“ gibt es in diesem Formular nicht"),
        ("art > 3", Kind.BOOL, "Typen passen nicht"),
        ("zahl", Kind.BOOL, "muss den Typ „Ja/Nein“"),
        ("zahl * 1.5 > 2.0", Kind.BOOL, "Typen passen nicht"),
        ("art ==", Kind.BOOL, "nicht lesbar"),
        ("(" * 500 + "true" + ")" * 500, Kind.BOOL, "zu tief"),
        ("art == 'a' // geheim", Kind.BOOL, "nicht erlaubt"),
        ("art == r'a\\'", Kind.BOOL, "nicht erlaubt"),
        ("wagen[0].`x` == 1", Kind.BOOL, "nicht erlaubt"),
        (".ja", Kind.BOOL, "nicht erlaubt"),
        ("art in .liste", Kind.BOOL, "nicht erlaubt"),
        ("open('/etc/passwd') == 'x'", Kind.BOOL, "„open“ gibt es"),
        ("''.__class__ == 1", Kind.BOOL, "nicht verwendbar"),
    ],
)
def test_what_is_wrong_with_an_expression_is_said_in_german(source, kind, sentence):
    with pytest.raises(BadExpression, match=sentence.replace("(", r"\(")):
        SCOPE.compile(source, kind)


def test_endless_work_is_cut_off():
    ten = "[0,1,2,3,4,5,6,7,8,9]"
    source = "true"
    for name in "abcdefgh":
        source = f"{ten}.all({name}, {source})"
    assert value(source) is None


def test_names_are_found_outside_of_strings_only():
    names = names_in("art == 'zahl' && wagen.exists(w, w.laenge > row.breite) || answered.tag && size(liste) == 0")
    assert {"art", "wagen", "w", "liste"} <= names.free and "zahl" not in names.free and "size" not in names.free
    assert (names.members, names.row, names.answered) == ({"laenge"}, {"breite"}, {"tag"})


@given(st.text(max_size=40))
def test_any_text_compiles_or_is_refused_in_german(source):
    try:
        SCOPE.compile(source, Kind.BOOL)
    except BadExpression as error:
        assert str(error)


@given(st.sampled_from(sorted(NAMES)), st.text("_()[]!&|=<>?:.'\" 12", max_size=10))
def test_a_name_the_library_reads_is_never_missed(name, around):
    source = around.replace("_", name)
    try:
        SCOPE.compile(source, Kind.BOOL)
    except BadExpression:
        return
    if SCOPE.compile(source, Kind.BOOL).value({}) is None:
        assert name in names_in(source).free
