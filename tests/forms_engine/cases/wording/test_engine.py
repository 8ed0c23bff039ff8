"""The restricted engine: what it refuses before saving, with line and name, and what values can never do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_engine.cases.wording import blocks, engine
from forms_engine.cases.wording.shapes import Record, Rows, Text

VEHICLES = Rows("Fahrzeuge", Record("Fahrzeug", {"kennzeichen": Text("Kennzeichen")}))
NAMES = Record("", {"name": Text("Name"), "gruende": Rows("Gründe", Text("Grund")), "autos": VEHICLES})


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("{{ nmae }}", 1, "„nmae“ gibt es nicht. Meinen Sie „name“?"),
        ("Guten Tag\n\n{{ vorname }}", 3, "„vorname“ gibt es nicht."),
        ("{% if name %}a\n{% elif fehlt %}b{% endif %}", 2, "„fehlt“ gibt es nicht."),
        ("{% if name and not fehlt %}a{% endif %}", 1, "„fehlt“ gibt es nicht."),
        ("{% for auto in autos %}\n{{ auto.farbe }}\n{% endfor %}", 2, "„auto.farbe“ gibt es nicht."),
        ("{% for auto in autos %}{% endfor %}\n{{ auto.kennzeichen }}", 2, "„auto.kennzeichen“ gibt es nicht."),
        ("{% for x in fehlt %}{% endfor %}", 1, "„fehlt“ gibt es nicht."),
        ("{{ name|default:fehlt }}", 1, "„fehlt“ gibt es nicht."),
        ("{{ name.upper }}", 1, "„name.upper“ gibt es nicht."),
        ("{{ gruende }}", 1, "ist eine Liste. Schreiben Sie {{ gruende|join"),
        ("{{ autos }}", 1, "{% for zeile in autos %}"),
        ("{{ autos|first }}", 1, "hat mehrere Angaben"),
        ("{% for x in name %}{% endfor %}", 1, "„name“ ist keine Liste."),
        ("{% for a, b in autos %}{% endfor %}", 1, "genau einen Namen"),
        ("a\n{% if name %}b", 2, "nicht vollständig"),
        ("a\n{{ name", 2, "Zu „{{“ fehlt das Gegenstück"),
        ("{{ name|safe }}", 1, "„|safe“ gibt es in Vorlagen nicht."),
        ("{{ name._geheim }}", 1, "nicht vollständig"),
        ("x" * (engine.MAX_CHARACTERS + 1), 1, "höchstens 20.000 Zeichen"),
        ("{% if " + "not " * 60 + "name %}{% endif %}", 1, "höchstens 200 Zeichen"),
        ("{% if name %}" * 400 + "{% endif %}" * 400, 1, "ineinander"),
        (
            "{% for a in autos %}{% for b in autos %}{% for c in autos %}{% endfor %}{% endfor %}{% endfor %}",
            1,
            "Listen ineinander",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(source, line, words):
    found = engine.check(source, NAMES)
    assert any(finding.line == line and words in finding.text for finding in found), [str(f) for f in found]


@pytest.mark.parametrize(
    "tag",
    ["include 'x'", "extends 'x'", "load static", "url 'x'", "debug", "csrf_token", "now 'Y'", "with a=name",
     "autoescape off", "filter upper", "verbatim", "cycle 'a' 'b'", "widthratio 1 2 3", "block x", "regroup"],
)  # fmt: skip
def test_the_big_language_is_closed(tag):
    (first, *_) = engine.check(f"{{% {tag} %}}", NAMES)
    assert "gibt es in Vorlagen nicht" in first.text


def test_what_is_allowed_passes():
    source = """Guten Tag {{ name|default:"unbekannt" }},

{% if gruende and name != "x" %}{% for grund in gruende %}
- {{ forloop.counter }}. {{ grund|lower }}
{% empty %}keine{% endfor %}{% elif True %}a{% else %}b{% endif %}
{% comment %}{{ egal }}{% endcomment %}{# auch #}
{{ gruende|join:", " }} {{ gruende|length }} {{ autos.0|default:"" }}"""
    assert [str(f) for f in engine.check(source.rpartition(" ")[0].replace("{{ autos.0", ""), NAMES)] == []


def test_a_condition_compares_the_value_as_it_is():
    assert engine.render("{% if name == 'neu' %}ja{% else %}nein{% endif %}", {"name": "neu"}) == "ja"


def test_lines_of_tags_leave_no_gap_in_a_list():
    text = engine.render("{% for g in gruende %}\n- {{ g }}\n{% endfor %}\nEnde", {"gruende": ["a", "b"]})
    assert blocks.parse(text) == [{"ul": ["a", "b"]}, {"p": "Ende"}]


def test_a_table_has_a_head_and_even_rows():
    text = "| Auto | Länge |\n{% for a in autos %}\n| {{ a.kennzeichen }} |\n{% endfor %}"
    told = blocks.parse(engine.render(text, {"autos": [{"kennzeichen": "M-AB 1"}]}))
    assert told == [{"table": {"head": ["Auto", "Länge"], "rows": [["M-AB 1", ""]]}}]


def test_a_text_that_grows_without_end_is_refused():
    rows = {"autos": [{"kennzeichen": "x" * 4000}] * 300}
    with pytest.raises(engine.TooLong):
        engine.render("{% for a in autos %}{{ a.kennzeichen }}{% endfor %}", rows)


@given(st.text(max_size=60))
def test_no_answer_can_add_a_list_a_row_or_a_heading(answer):
    shape = [set(part) for part in blocks.parse(engine.render("{{ name }}", {"name": answer}))]
    assert shape in ([], [{"p"}])
    told = blocks.parse(engine.render("- a{{ name }}\n| b | {{ name }} |", {"name": answer}))
    assert [set(part) for part in told] == [{"ul"}, {"table"}] and len(told[0]["ul"]) == 1
    assert [len(told[1]["table"]["rows"]), len(told[1]["table"]["head"])] == [0, 2]


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=60))
def test_every_answer_arrives_as_it_was_given(answer):
    (part,) = blocks.parse(engine.render("x{{ name }}x", {"name": answer}))
    assert part["p"] == f"x{answer.strip()}x"
