import pytest

from forms_engine.fim import genericode, model
from forms_engine.fim.xml import FimError
from tests.forms_engine.fim.samples import FARBE, GRUND

LISTED = genericode.read(FARBE, "farbe_genericode.xml")


def test_values_are_read_by_column_whatever_their_order():
    assert LISTED.values() == (model.Value("01", "schwarz"), model.Value("02", "gefleckt"))


def test_a_field_may_ask_for_other_columns():
    ref = model.ListRef("urn:example:farbe", "1", name_key="code", help_key="hinweis")
    assert LISTED.values(ref)[1] == model.Value("02", "02", "auch gestromt")


@pytest.mark.parametrize(
    "spelling",
    [
        lambda raw: raw,
        lambda raw: raw.replace(b"<gc:", b"<").replace(b"</gc:", b"</").replace(b"xmlns:gc", b"xmlns"),
        lambda raw: raw.replace(b"<Row>", b"<gc:Row>").replace(b"</Row>", b"</gc:Row>"),
    ],
)
def test_each_spelling_of_name_spaces_is_read(spelling):
    assert genericode.read(spelling(FARBE)).values() == LISTED.values()


def test_uris_that_are_no_urns_and_empty_names_are_read():
    assert genericode.read(GRUND).version_uri == "Gründe_0.1"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("<SimpleValue>02</SimpleValue>", "<SimpleValue>01</SimpleValue>", "steht schon in Zeile"),
        ("<SimpleValue>02</SimpleValue>", "<SimpleValue/>", "fehlt der Code"),
        ('<Value ColumnRef="hinweis">', '<Value ColumnRef="neu">', "„neu“, die es nicht gibt"),
        ('<ColumnRef Ref="code"/>', '<ColumnRef Ref="neu"/>', "Schlüssel nennt die Spalte „neu“"),
        ('<Column Id="name"', "<Column", "braucht eine Id"),
        ("ColumnSet>", "Spalten>", "fehlt „ColumnSet“"),
        ("SimpleCodeList>", "Liste>", "hat keine Zeilen"),
        ("gc:CodeList", "gc:Liste", "keine Codeliste"),
    ],
)
def test_a_broken_list_is_refused_with_line_and_sentence(old, new, sentence):
    assert old.encode() in FARBE
    with pytest.raises(FimError) as refused:
        genericode.read(FARBE.replace(old.encode(), new.encode()))
    assert any(sentence in problem.sentence and problem.line for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("ref", "found"),
    [
        (model.ListRef(version_uri="urn:example:farbe_1"), True),
        (model.ListRef("urn:example:farbe", "1"), True),
        (model.ListRef("urn:example:farbe"), True),
        (model.ListRef("urn:example:farbe", "2"), False),
        (model.ListRef("urn:example:farbe", version_uri="urn:example:farbe_2"), False),
        (model.ListRef("urn:example:rasse", "1"), False),
        (model.ListRef(), False),
    ],
)
def test_another_version_is_never_taken_in_silence(ref, found):
    store = genericode.Store([LISTED])
    assert (store.find(ref) is LISTED) is found
    assert store.others(ref) == (("1",) if ref.uri == "urn:example:farbe" else ())
