"""What comes in goes out again: export(import(x)) is x, and importing the export gives the same form."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from forms_engine.definitions import schema as language
from forms_engine.definitions.actions import CATALOGUE
from forms_engine.fim import genericode, model, reader
from forms_engine.fim.draft import draft, to_yaml
from forms_engine.fim.export import Source, WrongSource, export
from forms_engine.fim.latin import latin
from forms_engine.fim.own import Ids
from forms_engine.fim.report import Report
from forms_engine.fim.xml import FimError
from tests.forms_engine.fim.samples import HUND, HUND_2, field, fields_of, made, message, part, schema, source, xml
from tests.forms_engine.fim.strategies import schemas

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def exported(text, read, report=None):
    return export(language.load(text), read, Ids("99"), report or Report())


def edited(data, path, **changes):
    """The YAML with one question changed."""
    item = fields_of(data)[path]
    for page in data["pages"]:
        for one in page["fields"]:
            if one["name"] == item["name"]:
                one.update(changes)
    return to_yaml(data)


@pytest.mark.slow
@given(schemas())
@SLOW
def test_what_is_written_is_read_as_the_same(found):
    assert reader.read(xml(found)).schema == found


@given(schemas())
@SLOW
@pytest.mark.slow
def test_an_import_exported_unchanged_is_the_schema_and_gives_the_same_form(found):
    assume(any(isinstance(one.element, model.Field) for _, one in model.walk(found.parts)))
    read = Source(message(found), "0" * 64, genericode.Store())
    try:
        first = draft(read.message, read.store, read.sha256)
    except FimError as error:
        assert "Daraus wird kein Formular" in str(error) and "Seiten" in str(error)
        return
    out = export(language.load(first.source), read, Ids("99"), Report())
    assert out == found
    again = draft(reader.read(xml(out)), read.store, read.sha256)
    assert again.source == first.source


@pytest.mark.parametrize("raw", [HUND, HUND_2])
def test_the_examples_survive_a_round_trip(raw):
    read = source(raw)
    before = draft(read.message, read.store, read.sha256)
    out = exported(before.source, read)
    assert out == read.message.schema
    after = draft(reader.read(xml(out)), read.store, read.sha256)
    one, other = ({key: value for key, value in found.data.items() if key != "fim"} for found in (before, after))
    assert latin(to_yaml(one)) == latin(to_yaml(other))


def test_a_changed_question_gets_an_own_number_and_names_where_it_comes_from():
    path = "G99000000001/F99000000003"
    out = exported(edited(made().data, path, label="Letzter Wohnort"), source())
    elements = {p: one.element for p, one in model.walk(out.parts)}
    assert path not in elements and "G99000000001" not in elements
    changed = next(e for e in elements.values() if e.label == "Letzter Wohnort")
    assert changed.about.derived_from == model.Ident("F99000000003", "1.0.0") and changed.about.status == "2"
    assert changed.limits.pattern == "[A-Z].*"  # what the author did not touch stays
    assert out.about.derived_from == model.Ident("S99000000001", "1.0.0")
    assert b"<xdf3:id>F99000000003</xdf3:id>" in xml(out)


def test_untouched_groups_keep_their_numbers():
    out = exported(edited(made().data, "G99000000001/F60000000227", label="Nachname"), source())
    assert {"G99000000002", "G99000000003"} <= {path for path, _ in model.walk(out.parts)}


def test_a_removed_question_is_gone_and_an_own_one_stands_where_the_author_put_it():
    data = made().data
    fields = data["pages"][0]["fields"]
    fields[0] = {"name": "spitzname", "type": "text", "label": "Spitzname", "required": False, "max_length": 20}
    out = exported(to_yaml(data), source())
    labels = [one.element.label for _, one in model.walk(out.parts)]
    assert "Familienname" not in labels and labels[0] == "Spitzname"


def test_requiredness_is_a_cardinality():
    out = exported(edited(made().data, "G99000000001/F60000000227", required=False), source())
    assert next(one.minimum for _, one in model.walk(out.parts) if one.element.label == "Familienname") == 0


def test_a_condition_of_the_author_is_kept_as_a_rule():
    data = made().data
    data["pages"][2]["visible"] = "familienname != 'X'"
    out = exported(to_yaml(data), source())
    assert out.rules[-1].text == "Seite „Hund“ wird gezeigt, wenn (Ausdruck in CEL): familienname != 'X'"


def test_another_file_than_the_form_was_made_from_is_refused():
    with pytest.raises(WrongSource, match=r"S99000000001V1\.0\.0"):
        exported(made().source, source(HUND_2))
    with pytest.raises(WrongSource):
        exported(made().source, None)


@pytest.mark.parametrize("path", sorted(CATALOGUE.glob("*.yaml")), ids=lambda path: path.stem)
@pytest.mark.sample(6)
def test_every_form_of_the_catalogue_can_be_exported_and_read_again(path):
    out = exported(path.read_text(encoding="utf-8"), None)
    again = reader.read(xml(out)).schema
    assert [p for p, _ in model.walk(again.parts)] == [p for p, _ in model.walk(out.parts)]
    assert draft(message(again), genericode.Store(), "0" * 64).report.counts["rules"] == len(out.rules)


def test_the_same_form_gives_the_same_numbers():
    text = (CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")
    assert exported(text, None) == exported(text, None)


@given(st.text(max_size=50))
def test_texts_are_written_in_the_letters_of_the_standard(text):
    kept, _lost = latin(text)
    assert latin(kept) == (kept, "")
    etree.fromstring(xml(schema(part(field(label=f"A{text}", help=text, content=text)), title=f"T{text}")))


def test_typographic_signs_are_replaced_and_foreign_letters_are_told():
    assert latin("„Straße“ – 5…") == ('"Straße" - 5...', "")
    assert latin("Ωmega") == ("mega", "Ω")
