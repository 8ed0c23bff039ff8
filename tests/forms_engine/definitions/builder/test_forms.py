"""What a form of the builder shows and nobody touches, it writes back; a change stays where it was made."""

from typing import get_args

import pytest
from django.http import QueryDict

from forms_engine.definitions import actions, document, schema
from forms_engine.definitions.build import as_posted
from forms_engine.definitions.builder import languages
from forms_engine.definitions.builder import operations as ops
from forms_engine.definitions.builder.forms import PropsForm, look, place
from forms_engine.definitions.builder.props import MEDIA, ONLY_IN_SOURCE, PAGE, SECTIONS, TYPES
from forms_engine.definitions.language import fields as f
from tests.forms_engine.definitions.conftest import SMALL

FILES = sorted(actions.CATALOGUE.glob("*.yaml"))
CODES = ("de", "en", "de-simple")


def opened(path):
    source = path.read_text(encoding="utf-8")
    return languages.unfolded(document.read(source), schema.load(source))


def posted(form) -> QueryDict:
    """What a browser sends for the form as it is shown, with what the person typed."""
    data = QueryDict(mutable=True)
    data.update(as_posted(form))
    return data


def saved(props, node, codes=CODES, **typed):
    data = posted(PropsForm(props=props, node=node, languages=codes))
    for name, value in typed.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    form = PropsForm(data, props=props, node=node, languages=codes)
    assert form.is_valid(), form.errors
    return form.written()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.sample(36)
def test_saving_without_a_change_changes_no_form_of_the_catalogue(path):
    data = opened(path)
    before = schema.load(path.read_text(encoding="utf-8"))
    for spot in list(ops.spots(data)):
        data = ops.put(data, spot.ident, saved(TYPES[spot.entry["type"]][1], spot.entry))
    for page in list(data["pages"]):
        node = {key: value for key, value in page.items() if key != "fields"}
        data = ops.put_page(data, page["key"], saved(PAGE, node))
    for section in SECTIONS.values():
        others = [code for code in data.get("languages", ()) if code != "de"]
        data = saved(section.props, {**data, "languages": others})
        given = data.pop("languages", None)
        data |= {"languages": ["de", *given]} if given else {}
    left_out = {"translations"}
    assert told(schema.from_data(data).model_dump(exclude=left_out)) == told(
        schema.from_data(opened(path)).model_dump(exclude=left_out)
    )
    assert before.form == data["form"]


def told(value):
    """Without line breaks inside paragraphs, which a line of a list cannot hold."""
    if isinstance(value, dict):
        return {key: told(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [told(entry) for entry in value]
    return " ".join(value.split()) if isinstance(value, str) else value


def test_the_languages_of_the_catalogue_survive_being_put_to_their_texts():
    path = actions.CATALOGUE / "bewohnerparkausweis.yaml"
    unfolded = schema.from_data(opened(path))
    assert not unfolded.translations
    assert schema.publishable(document.write(opened(path))).title.en == "Resident parking permit"


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_key_of_every_kind_can_be_changed_or_is_left_to_the_source(kind):
    models = {model.model_fields["type"].annotation.__args__: model for model in vars(f).values() if is_kind(model)}
    model = next(model for kinds, model in models.items() if kind in kinds)
    known = {prop.key.split(".")[0] for prop in TYPES[kind][1]}
    others = {key.split(".")[0] for key in ONLY_IN_SOURCE["*"] | ONLY_IN_SOURCE.get(kind, frozenset())}
    assert set(model.model_fields) - {"placed"} <= known | others


def is_kind(model) -> bool:
    return isinstance(model, type) and "type" in getattr(model, "model_fields", {})


CHOICE = {
    "name": "art",
    "type": "choice",
    "label": "Art",
    "messages": {"empty": "Wählen Sie."},
    "choices": [{"value": "a", "label": {"de": "A", "en": "A!"}, "hint": "H"}, {"value": "b", "label": "B"}],
}
PROPS = TYPES["choice"][1]


def test_every_type_of_file_of_the_language_can_be_chosen():
    assert {kind for kind, _ in MEDIA} == set(get_args(f.MediaType))


def long_list(count=61):
    rows = [{"value": f"w{n}", "label": {"de": f"Ort {n}", "en": f"Place {n}"}, "hint": "H"} for n in range(count)]
    return {**CHOICE, "choices": rows}


def test_a_long_list_is_written_line_by_line_and_keeps_what_its_lines_do_not_show():
    node = long_list()
    shown = PropsForm(props=PROPS, node=node)["choices"].value()
    assert shown.startswith("w0 = Ort 0\nw1 = Ort 1\n")
    assert saved(PROPS, node) == node
    changed = saved(PROPS, node, choices=shown.replace("w1 = Ort 1\n", "").replace("= Ort 0", "= Neu") + "\nGanz neu")
    assert changed["choices"][0] == {"value": "w0", "label": {"de": "Neu", "en": "Place 0"}, "hint": "H"}
    assert changed["choices"][1]["value"] == "w2"
    assert changed["choices"][-1] == {"label": "Ganz neu", "value": "ganz-neu"}


def test_a_problem_of_a_long_list_is_shown_at_its_lines():
    form = PropsForm(QueryDict("choices=x"), props=PROPS, node=long_list())
    form.tell("choices[3].label", "Das geht nicht.")
    assert form.errors["choices"] == ["Das geht nicht."]


def test_a_text_has_its_languages_only_if_it_says_something_in_them():
    assert saved(PROPS, CHOICE, label="Neu")["label"] == "Neu"
    assert saved(PROPS, CHOICE, **{"label-en": "New"})["label"] == {"de": "Art", "en": "New"}


def test_languages_that_are_not_shown_are_kept():
    assert saved(PROPS, CHOICE, codes=("de",))["choices"][0]["label"] == {"de": "A", "en": "A!"}


def test_rows_are_added_ordered_and_deleted():
    node = saved(PROPS, CHOICE, **{"choices-2-label": "Ganz neu", "choices-1-platz": "0", "choices-0-weg": "on"})
    assert node["choices"] == [{"value": "b", "label": "B"}, {"label": "Ganz neu", "value": "ganz-neu"}]


def test_required_is_always_never_or_by_a_rule():
    assert "required" not in saved(PROPS, CHOICE)
    assert saved(PROPS, CHOICE, required="nie")["required"] is False
    assert saved(PROPS, CHOICE, required="wenn", **{"required-wenn": "x == 1"})["required"] == "x == 1"


def test_a_rule_that_is_chosen_must_be_written():
    data = posted(PropsForm(props=PROPS, node=CHOICE))
    data["required"] = "wenn"
    form = PropsForm(data, props=PROPS, node=CHOICE)
    assert form.errors == {"required-wenn": ["Geben Sie die Bedingung ein."]}


def test_missing_texts_are_asked_for_by_their_names():
    form = PropsForm(QueryDict(), props=PROPS, node=CHOICE)
    assert form.errors["label"] == ["Geben Sie ein: Beschriftung."]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("label", "label"),
        ("messages.empty", "messages-empty"),
        ("choices[1].label", "choices-1-label"),
        ("choices[1].label.de", "choices-1-label"),
        ("fim.path", "__all__"),
        ("", "__all__"),
    ],
)
def test_a_problem_of_the_data_is_told_at_its_field(path, field):
    data = posted(PropsForm(props=PROPS, node=CHOICE))
    form = PropsForm(data, props=PROPS, node=CHOICE)
    assert form.is_valid()
    form.tell(path, "Das geht nicht.")
    assert list(form.errors) == [field] and "Das geht nicht." in form.errors[field][0]


def test_dotted_keys_are_put_and_taken_away():
    node: dict = {}
    place(node, "messages.empty", "Satz.")
    assert node == {"messages": {"empty": "Satz."}} and look(node, "messages.empty") == "Satz."
    place(node, "messages.empty", None)
    assert node == {}


def test_the_small_form_has_the_languages_it_declares():
    data = document.read(SMALL)
    languages.put(data, "pages[0].title", {"en": "Start"})
    assert data["pages"][0]["title"] == {"de": "Anfang", "en": "Start"}
    languages.put(data, "pages[0].fields[0].yes", {"en": "Yes"})  # stands in no file
    assert schema.from_data(data).pages[0].title.en == "Start"


@pytest.mark.parametrize(
    ("held", "typed", "written"), [(50000, None, 50000), (True, "200", 200), (300, "gross", "gross")]
)
def test_from_an_amount_on_two_people_sign(held, typed, written):
    node = opened(actions.CATALOGUE / "freischankflaeche.yaml")
    place(node, "decision.four_eyes", held)
    props = SECTIONS["entscheidung"].props
    said = {} if typed is None else {"decision-four_eyes": "wenn", "decision-four_eyes-wenn": typed}
    assert look(saved(props, node, **said), "decision.four_eyes") == written


def test_a_rule_whose_grant_says_nothing_more_stays_a_grant():
    node = {"casework": {"rules": [{"key": "schnell", "when": "true", "grant": {}}]}}
    assert saved(SECTIONS["bearbeitung"].props, node) == node
