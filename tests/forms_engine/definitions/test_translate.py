"""A form in the languages it declares: complete, or it is not published."""

import re

import pytest

from forms_engine.definitions import actions, schema, translate
from forms_engine.definitions.queries import shown

SOURCE = (actions.CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")


def faults(source: str) -> list[tuple[str, str]]:
    with pytest.raises(schema.DefinitionError) as caught:
        schema.publishable(source)
    return caught.value.problems


def test_a_missing_text_is_named_by_path_and_language():
    source = SOURCE.replace('    "Vorname": "First name"\n', "", 1)
    assert source != SOURCE
    assert [path for path, sentence in faults(source) if "(en)" in sentence] == ["pages[5].fields[0].label"]


def test_a_translation_of_nothing_is_refused():
    assert faults(SOURCE + '    "Gibt es nicht": "x"\n')[0][0] == "translations.de-simple"


def test_words_of_an_undeclared_language_are_refused():
    source = SOURCE.replace("languages: [de, en, de-simple]", "languages: [de, en]")
    assert faults(source) == [("translations.de-simple", "Diese Sprache steht nicht in languages.")]


def test_german_comes_first_and_nothing_twice():
    source = SOURCE.replace("languages: [de, en, de-simple]", "languages: [en, de, de-simple]")
    assert "languages" in dict(faults(source))


def test_every_text_citizens_read_has_english_words():
    definition = schema.load(SOURCE)
    english = dict(translate.texts(translate.in_language(definition, "en")))
    same = {str(text) for path, text in translate.texts(definition) if str(text) == str(english[path])}
    assert same == {"Person", "cm"}


def test_leichte_sprache_makes_short_sentences():
    definition = translate.in_language(schema.load(SOURCE), "de-simple")
    texts = [str(text) for _path, text in translate.texts(definition)]
    long = [one for text in texts for one in re.split(r"[.?!:] ?", text) if len(one.split()) > 12]
    assert long == []


def test_rules_fees_and_letters_are_the_same_objects():
    german = schema.load(SOURCE)
    english = translate.in_language(german, "en")
    assert english.program is german.program
    assert (english.fee, english.decision, english.meaning) == (german.fee, german.decision, german.meaning)


def test_another_language_is_made_once():
    definition = schema.load(SOURCE)
    assert translate.in_language(definition, "en") is translate.in_language(definition, "en")
    assert translate.in_language(definition, "fr") is definition


def test_publishing_keeps_the_title_of_every_language(db):
    version = actions.publish("bewohnerparkausweis", SOURCE, by=None)
    assert version.form.titles == {"en": "Resident parking permit", "de-simple": "Bewohner-Park-Ausweis"}
    assert (version.form.name, str(shown(version).title)) == ("Bewohnerparkausweis", "Bewohnerparkausweis")
