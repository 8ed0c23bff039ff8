"""Letters that are hard to set: any script, long answers, long tables, nothing given. All are fit for the archive."""

import pytest

from forms_engine.cases.models import DecisionKind, LetterPreview
from forms_engine.cases.tasks import draw_preview
from forms_engine.cases.wording import blocks, previews, samples, shapes, texts, values
from portal.documents.render import check_pdf
from tests import make

pytestmark = pytest.mark.django_db
NAMES = {
    "din_91379": "Łukasz Ḥaddād Ṩðþß Ǿ n̂ M̂",
    "arabic": "محمد بن عبد الله",
    "hebrew": "יעל כהן",
    "chinese": "王小明 歐陽",
    "devanagari": "क्षेत्रज्ञ",
    "greek_cyrillic": "Ελένη Щербакова",
    "emoji_and_controls": "A\u0000B\u202eC\U0001f600\ufeff",
    "markup": '<script>alert(1)</script> & "x" {{ y }} {% if %}',
}
SAID = {
    "opening": "Guten Tag {{ name }}\n\n| Kennzeichen | Länge |\n{% for f in antrag.fahrzeuge %}\n"
    "| {{ f.kennzeichen }} | {{ f.laenge_cm }} |\n{% endfor %}\n\n{{ begruendung }}",
    "reasons": "{% if begruendung %}{{ begruendung }}{% endif %}",
    "conditions": "{% for k in kennzeichen %}\n- {{ k }}\n{% endfor %}",
    "plain": "{{ name }}\n\n- {{ gebiet }}",
}


def drawn(clara, given: dict) -> bytes:
    definition = make.permit().definition
    payload = samples.payload(definition, DecisionKind.REFUSED, {"opening": "x", "plain": "y"}, clerk="Clara")
    payload |= {"recipient": {"name": given.get("name", ""), "lines": []}, "explanation": given.get("begruendung", "")}
    blank = shapes.empty(texts.vocabulary(definition))
    row = previews.ask(values.apply(payload, SAID, blank | given), by=clara)
    assert draw_preview(str(row.pk))
    return LetterPreview.objects.get().pdf()


@pytest.mark.parametrize("script", NAMES)
@pytest.mark.sample(8)
def test_a_name_in_any_script(clara, script):
    assert check_pdf(drawn(clara, {"name": NAMES[script]})) == []


@pytest.mark.slow
def test_answers_of_four_thousand_characters_with_and_without_spaces(clara):
    for text in ("Lärm am Hof. " * 308, "x" * 4000, "Zeile\n" * 666):
        LetterPreview.objects.all().delete()
        assert check_pdf(drawn(clara, {"name": "A", "begruendung": text})) == []


@pytest.mark.slow
def test_a_table_of_three_hundred_rows(clara):
    cars = [{"kennzeichen": f"M-AB {number}", "laenge_cm": str(number)} for number in range(300)]
    pdf = drawn(clara, {"name": "A", "antrag": {"fahrzeuge": cars}, "kennzeichen": [c["kennzeichen"] for c in cars]})
    assert check_pdf(pdf) == []


def test_headings_in_every_block_skip_no_level(clara, monkeypatch):
    monkeypatch.setitem(SAID, "closing", "## Ende\n\nText")
    for block in ("opening", "reasons", "conditions", "plain"):
        monkeypatch.setitem(SAID, block, f"## Teil\n\n{SAID[block]}")
    assert check_pdf(drawn(clara, {"name": "A"})) == []


def test_nothing_given_at_all(clara):
    assert check_pdf(drawn(clara, {})) == []


def test_an_empty_block_leaves_nothing_behind():
    assert blocks.parse(" \n\n \t\n") == [] and blocks.parse("- \n|") != [{"ul": [""]}]
