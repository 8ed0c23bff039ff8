import pytest

from forms_engine.fim import model, reader
from forms_engine.fim.xml import FimError
from tests.forms_engine.fim.samples import HUND, HUND_2, field, group, part, schema, xml


def refused(raw):
    with pytest.raises(FimError) as error:
        reader.read(raw)
    return error.value.problems


def changed(old, new, raw=HUND):
    assert raw.count(old.encode()) >= 1
    return raw.replace(old.encode(), new.encode(), 1)


def test_version_3_is_read_whole():
    read = reader.read(HUND).schema
    assert (str(read.ident), read.title, read.about.status) == ("S99000000001V1.0.0", "Hund anmelden", "6")
    assert read.about.bases == (model.Basis("Beispielsatzung § 3", "https://stadt.invalid/satzung"),)
    assert read.about.relations == 1
    assert [path for path, _ in model.walk(read.parts)][:2] == ["G99000000001", "G99000000001/F60000000227"]


def test_version_2_is_read_into_the_same_model_with_long_numbers():
    read = reader.read(HUND_2).schema
    assert (read.ident, read.parts[0].element.ident) == (
        model.Ident("S99000000001", "1.2.0"),
        model.Ident("F99000000001", "1.0.0"),
    )
    assert read.parts[1].element.limits == model.Limits(min_value="2000", max_value="2100")
    assert read.rules[0].script == "function script() {}"  # kept, never run


def test_prefix_order_and_blanks_do_not_matter():
    other = HUND.replace(b"x:", b"ns0:").replace(b"xmlns:x=", b"xmlns:ns0=")
    assert reader.read(other) == reader.read(HUND)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("xdatenfelder_3.0.0", "xdatenfelder_9", "„urn:xoev-de:fim:standard:xdatenfelder_9“ gehört nicht"),
        ("xdatenfelder_3.0.0", "xdatenfelder_1", "XDatenfelder 1. Möglich sind"),
        ("<x:id>S99000000001</x:id>", "", "fehlt das Element „id“"),
        ("<x:id>S99000000001</x:id>", "<x:id>S 99/1</x:id>", "keine FIM-Nummer"),
        ("<x:version>1.0.0</x:version>", "<x:version>eins</x:version>", "keine Versionsnummer"),
        ("<x:name>Halter</x:name>", "<x:name>A</x:name><x:name>B</x:name>", "nur einmal stehen"),
        ("<x:name>Halter</x:name>", "<x:name>A</x:name><x:neu/>", "„neu“ gibt es in „datenfeldgruppe“ nicht"),
        ("<x:name>Halter</x:name>", "<name>A</name>", "„name“ gibt es in „datenfeldgruppe“ nicht"),
        ("<x:anzahl>1:1</x:anzahl>", "<x:anzahl>viele</x:anzahl>", "keine Anzahl"),
        ("<x:anzahl>1:1</x:anzahl>", "<x:anzahl>2:1</x:anzahl>", "QS 1046"),
        ("<x:anzahl>1:1</x:anzahl>", "<x:anzahl>0:0</x:anzahl>", "QS 1046"),
        ("<code>input</code>", "<code>eingabe</code>", "„eingabe“ gibt es für „feldart“ nicht"),
        ("<code>bool</code>", "<code>boolean</code>", "„boolean“ gibt es für „datentyp“ nicht"),
        ("<code>input</code>", "", "genau ein „code“"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old, new, sentence):
    problems = refused(changed(old, new))
    assert any(sentence in problem.sentence and problem.line > 0 for problem in problems), problems


def test_every_problem_is_told_at_once_in_the_order_of_the_file():
    problems = refused(HUND.replace(b"<code>input</code>", b"<code>nichts</code>"))
    assert len(problems) == 6 and problems == sorted(problems)


def test_a_group_that_holds_itself_is_refused():
    inner = group(1, "Innen", part(field()))
    problems = refused(xml(schema(part(group(1, "Außen", part(inner))))))
    assert "enthält sich selbst" in problems[0].sentence


def test_another_message_of_the_standard_is_refused_by_name():
    problems = refused(HUND.replace(b"stammdatenschema.0102", b"dokumentsteckbrief.0101"))
    assert "xdatenfelder.dokumentsteckbrief.0101" in problems[0].sentence


def test_too_many_elements_are_refused(monkeypatch):
    monkeypatch.setattr(reader, "MAX_PARTS", 3)
    assert "mehr als 3 Felder" in refused(HUND)[0].sentence


def test_a_single_group_is_read_as_a_schema_around_it():
    raw = xml(schema(part(group(7, "Anschrift", part(field(8, "Ort"))))))
    start, end = raw.index(b"<xdf3:datenfeldgruppe>"), raw.index(b"</xdf3:datenfeldgruppe>")
    body = raw[start:end] + b"</xdf3:datenfeldgruppe>"
    head = raw[: raw.index(b"<xdf3:stammdatenschema>")].replace(b"stammdatenschema.0102", b"datenfeldgruppe.0103")
    read = reader.read(head + body + b"</xdf3:xdatenfelder.datenfeldgruppe.0103>")
    assert (
        read.number == "0103" and [path for path, _ in model.walk(read.schema.parts)][1] == "G99000000007/F99000000008"
    )


def test_a_code_twice_in_a_list_of_values_is_refused():
    raw = xml(schema(part(field(kind="select", values=[("1", "eins"), ("1", "zwei")]))))
    assert "steht zweimal in der Werteliste (QS 1045)" in refused(raw)[0].sentence
