import datetime as dt
import time

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_engine.definitions import schema
from forms_engine.definitions.build import page_form, row_count, with_row_change
from forms_engine.definitions.evaluate import evaluate
from tests.forms_engine.definitions import strategies
from tests.forms_engine.definitions.conftest import SMALL
from tests.forms_engine.definitions.test_permit import PERMIT

LETTERS = "Schreiben Sie in lateinischen Buchstaben. Dieses Zeichen ist nicht möglich:"
TODAY = dt.date(2026, 11, 22)


def form_of(definition, page, data=None, answers=None, **kwargs):
    return page_form(definition, page, evaluate(definition, answers or {}, today=TODAY))(data, **kwargs)


def permit(page, data=None, concern="altstadt", **answers):
    return form_of(PERMIT, page, data, {"anliegen": concern, "stellplatz": False, **answers})


def kinds(kind: str):
    """A form with one question of a kind; `kind` are the rest of its YAML keys."""
    old = "- {name: notiz, type: text, label: Notiz, required: false}"
    new = f"- {{name: notiz, label: Notiz, messages: {{empty: Geben Sie etwas ein.}}, {kind}}}"
    return schema.load(SMALL.replace(old, new))


def answer(kind: str, *typed: str, name: str = "notiz"):
    """What is stored for what is typed, or the sentence."""
    data = QueryDict(mutable=True)
    data.update({"tag_0": "1", "tag_1": "1", "tag_2": "2026"})
    data.setlist(name, list(typed))
    form = form_of(kinds(kind), "mehr", data, {"wahl": "b"})
    form.is_valid()
    return form.errors["notiz"][0] if "notiz" in form.errors else form.answers()["notiz"]


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("type: text", " a\u00ad  b ", "a b"),
        ("type: text, check: plz_de", "80 331", "80331"),
        ("type: text", "", "Geben Sie etwas ein."),
        ("type: text, max_length: 3", "abcd", "Geben Sie höchstens 3 Zeichen ein. Jetzt sind es 4."),
        ("type: text, min_length: 3", "ab", "Geben Sie mindestens 3 Zeichen ein."),
        ("type: text, pattern: '[A-Z]{2}[0-9]*'", "AB12", "AB12"),
        ("type: text, pattern: '[A-Z]{2}[0-9]+'", "12", "Prüfen Sie die Schreibweise. Richtig ist zum Beispiel: AB2."),
        ("type: text, pattern: '[^x]*[^ -~]'", "x", "Prüfen Sie die Schreibweise. Richtig ist zum Beispiel: aä."),
        ("type: text, pattern: 'a[^\\x00-\\uffff]'", "x", "Prüfen Sie die Schreibweise. So passt die Antwort nicht."),
        ("type: textarea", "a\r\n\r\nb", "a\n\nb"),
        ("type: integer, maximum: 2000", "1.234", 1234),
        ("type: integer, unit: cm", "430 cm", 430),
        ("type: integer", "4,5", "Geben Sie eine ganze Zahl ein, ohne Komma."),
        ("type: integer", "4.5", "Geben Sie eine ganze Zahl ein, ohne Komma."),
        (
            "type: integer, minimum: 100, maximum: 20000, unit: cm",
            "99",
            "Geben Sie eine Zahl von 100 bis 20.000 cm ein.",
        ),
        ("type: decimal", "1.234,5", "1234.5"),
        ("type: decimal", "1,234", "Geben Sie eine Zahl mit höchstens 2 Stellen nach dem Komma ein."),
        ("type: decimal, maximum: 10", "11", "Geben Sie eine Zahl von 0 bis 10 ein."),
        ("type: decimal, minimum: '0.1', maximum: 10", "0,09", "Geben Sie eine Zahl von 0,1 bis 10 ein."),
        ("type: decimal, minimum: '0.1'", "0,1", "0.1"),
        ("type: money", "30,5 €", 3050),
        ("type: money", "viel", "Geben Sie den Betrag in Euro ein, zum Beispiel 30,50."),
        ("type: money, maximum_cents: 100", "2", "Geben Sie einen Betrag von 0,00\xa0€ bis 1,00\xa0€ ein."),
        ("type: time", "8.30 Uhr", "08:30"),
        ("type: text, check: latein", "„Łukasz“ – 5 € …", '"Łukasz" - 5 € ...'),
        ("type: textarea, check: latein", "Ä\r\n½ §", "Ä\n½ §"),
        ("type: text, check: latein", "Αθήνα", f"{LETTERS} Α"),
        ("type: textarea, check: latein", "a\nж", f"{LETTERS} ж"),
        ("type: time, earliest: '08:00', latest: '18:00'", "18", "18:00"),
        (
            "type: time, earliest: '08:00', latest: '18:00'",
            "7:59",
            "Geben Sie eine Uhrzeit von 8:00 bis 18:00 Uhr ein.",
        ),
        ("type: time, earliest: '08:00'", "7", "Geben Sie eine Uhrzeit ab 8:00 Uhr ein."),
        ("type: time, latest: '08:00'", "9", "Geben Sie eine Uhrzeit bis 8:00 Uhr ein."),
        ("type: boolean", "ja", True),
        ("type: boolean", "nein", False),
        ("type: boolean", "vielleicht", "Geben Sie etwas ein."),
        ("type: choice, choices: [{value: x, label: X}]", "x", "x"),
        ("type: choice, choices: [{value: x, label: X}]", "y", "Geben Sie etwas ein."),
        ("type: choice, widget: select, choices: [{value: x, label: X}]", "", "Geben Sie etwas ein."),
        ("type: declaration, statement: Ich weiß.", "on", True),
        ("type: declaration, statement: Ich weiß.", "", "Geben Sie etwas ein."),
        ("type: email", "a@b", "Geben Sie nach dem @ eine Adresse wie beispiel.de ein."),
        ("type: phone", "089 23300", "089 23300"),
        ("type: iban", "DE02 1203 0000 0000 2020 51", "DE02120300000000202051"),
        ("type: plate", "m ab 1234e", "M-AB 1234E"),
    ],
)
def test_what_is_typed_is_stored_in_standard_form_or_gets_one_sentence(kind, typed, stored):
    assert answer(kind, typed) == stored


THREE = "type: multi_choice, choices: [{value: x, label: X}, {value: y, label: Y}, {value: z, label: Z}]"


@pytest.mark.parametrize(
    ("limits", "typed", "stored"),
    [
        ("minimum: 2", ["x"], "Wählen Sie mindestens 2 Antworten aus."),
        ("minimum: 2", ["x", "z"], ["x", "z"]),
        ("minimum: 2, required: false", [], None),
        ("maximum: 2", ["x", "y", "z"], "Wählen Sie höchstens 2 Antworten aus."),
        ("maximum: 1", ["x", "y"], "Wählen Sie höchstens eine Antwort aus."),
    ],
)
def test_a_choice_may_say_how_many_answers_it_takes(limits, typed, stored):
    assert answer(f"{THREE}, {limits}", *typed) == stored
    assert "Antwort" in str(form_of(kinds(f"{THREE}, {limits}"), "mehr", None, {"wahl": "b"})["notiz"].help_text)


def test_no_more_answers_are_wanted_than_are_on_offer():
    few = THREE.replace("{value: y, label: Y}", "{value: y, label: Y, visible: wahl == 'a'}")
    assert answer(f"{few}, minimum: 3", "x", "z") == ["x", "z"]


LIMITED = [
    ("type: date, earliest: '2027-01-15', latest: '2027-02-01'", ("14", "1", "2027"), "nicht vor dem 15. Januar 2027"),
    ("type: date, earliest: '2027-01-15', latest: '2027-02-01'", ("2", "2", "2027"), "nicht nach dem 1. Februar 2027"),
    ("type: date, earliest: '2027-01-15'", ("15", "1", "2027"), "2027-01-15"),
    ("type: date, latest: '2027-01-15'", ("15", "1", "2027"), "2027-01-15"),
    (
        "type: datetime, earliest: '2027-01-15T08:30'",
        ("15", "1", "2027", "8:29"),
        "nicht vor dem 15. Januar 2027, 08:30 Uhr",
    ),
    ("type: datetime, earliest: '2027-01-15T08:30'", ("15", "1", "2027", "8:30"), "2027-01-15T08:30"),
]


@pytest.mark.parametrize(("kind", "parts", "expected"), LIMITED)
def test_a_day_lies_between_the_first_and_the_last_that_may_be_given(kind, parts, expected):
    data = {f"notiz_{n}": part for n, part in enumerate(parts)}
    form = form_of(kinds(kind), "mehr", data, {"wahl": "b"})
    said = form.errors.get("notiz", [form.cleaned_data.get("notiz")])[0]
    assert expected in said and (said == expected or tuple(form.fields["notiz"].widget.wrong))


def test_the_example_of_a_date_is_one_that_may_be_given():
    old = form_of(kinds("type: date, latest: '1999-12-31'"), "mehr", None, {"wahl": "b"})
    assert old["notiz"].help_text == "Zum Beispiel 31 12 1999"
    assert form_of(kinds("type: date"), "mehr", None, {"wahl": "b"})["notiz"].help_text == "Zum Beispiel 27 3 2027"


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("type: date, earliest: morgen", "Schreiben Sie earliest so: 2026-03-03"),
        ("type: date, latest: '2026-02-30'", "Schreiben Sie latest so: 2026-03-03"),
        ("type: time, latest: '8:30'", "Schreiben Sie latest so: 08:30"),
        ("type: datetime, latest: '2026-03-03'", "Schreiben Sie latest so: 2026-03-03T08:30"),
        ("type: date, earliest: '2026-03-03', latest: '2026-03-02'", "earliest liegt nach latest"),
        ("type: decimal, minimum: '0.001'", "mehr als 2 Stellen"),
        ("type: decimal, minimum: '0,1'", "minimum"),
        (f"{THREE}, minimum: 4", "weniger Möglichkeiten"),
        (f"{THREE}, minimum: 3, maximum: 2", "größer als das Maximum"),
    ],
)
def test_limits_nobody_could_keep_are_refused(kind, sentence):
    with pytest.raises(schema.DefinitionError, match=sentence):
        kinds(kind)


@pytest.mark.parametrize("key", ["check: plz_de", "pattern: '[0-9]{5}'"])
def test_the_author_may_say_what_to_do_about_a_wrong_answer(key):
    kind = f"type: text, {key}, messages: {{empty: Geben Sie etwas ein., wrong: Geben Sie fünf Ziffern ein.}}"
    text = SMALL.replace(
        "- {name: notiz, type: text, label: Notiz, required: false}", f"- {{name: notiz, label: N, {kind}}}"
    )
    data = {"tag_0": "1", "tag_1": "1", "tag_2": "2026", "notiz": "8033"}
    form = form_of(schema.load(text), "mehr", data, {"wahl": "b"})
    assert form.errors["notiz"] == ["Geben Sie fünf Ziffern ein."]


def test_nobody_gets_to_see_a_pattern():
    form = form_of(kinds("type: text, pattern: '[A-Z]{2}[0-9]+'"), "mehr", {"notiz": "x"}, {"wahl": "b"})
    assert "[A-Z]" not in str(form) + str(form.errors)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("pattern: '(a)\\1'", "gibt es hier nicht"),
        ("pattern: '[0-9]{13}', max_length: 12", "passt keine Antwort mit höchstens 12 Zeichen"),
        ("pattern: '([a-z]?){30}', max_length: 4000", "zu aufwendig"),
    ],
)
def test_a_pattern_that_cannot_be_judged_or_met_is_refused(kind, sentence):
    with pytest.raises(schema.DefinitionError, match=sentence):
        kinds(f"type: text, {kind}")


def test_several_choices_are_stored_in_the_order_given():
    kind = "type: multi_choice, choices: [{value: x, label: X}, {value: y, label: Y}]"
    assert answer(kind, "y", "x") == ["y", "x"]
    assert answer(kind, "z") == answer(kind) == "Geben Sie etwas ein."


@pytest.mark.parametrize(
    ("kind", "stored", "shown"),
    [
        ("type: boolean", False, "nein"),
        ("type: decimal", "1234.50", "1234,50"),
        ("type: money", 3050, "30,50\xa0€"),
        ("type: integer", 430, 430),
        ("type: time", "08:30", "8:30"),
    ],
)
def test_stored_answers_are_shown_as_people_type_them(kind, stored, shown):
    form = form_of(kinds(kind), "mehr", None, {"wahl": "b", "notiz": stored})
    assert form["notiz"].value() == shown
    assert answer(kind, str(shown)) == stored


@pytest.mark.parametrize(
    ("parts", "sentence", "wrong"),
    [
        (("", "", ""), "Geben Sie den gewünschten Beginn ein.", (0, 1, 2)),
        (("3", "", ""), "Der gewünschte Beginn muss einen Monat und ein Jahr enthalten.", (1, 2)),
        (("31", "2", "2027"), "Der gewünschte Beginn muss ein Tag sein, den es im Kalender gibt.", (0, 1, 2)),
        (("3", "3", "27"), "Der gewünschte Beginn muss ein Jahr mit vier Ziffern enthalten.", (2,)),
        (("22", "11", "2026"), "Der gewünschte Beginn muss nach dem heutigen Tag liegen.", (0, 1, 2)),
        (("22", "Mai", "2027"), "Der gewünschte Beginn darf nicht nach dem 21. Mai 2027 liegen.", (0, 1, 2)),
    ],
)
def test_a_date_says_what_is_missing_then_what_is_impossible_then_what_breaks_a_rule(parts, sentence, wrong):
    form = permit("laufzeit", {"laufzeit": "12", **{f"beginn_{n}": part for n, part in enumerate(parts)}})
    assert form.errors["beginn"] == [sentence]
    assert tuple(form.fields["beginn"].widget.wrong) == wrong


def test_month_names_are_welcome():
    form = permit("laufzeit", {"laufzeit": "12", "beginn_0": "21", "beginn_1": "mai", "beginn_2": "2027"})
    assert form.is_valid() and form.answers() == {"laufzeit": "12", "beginn": "2027-05-21"}


def test_fields_carry_keypad_autocomplete_width_and_hint_but_no_required_attribute():
    form = permit("adresse")
    html = str(form["plz"])
    assert 'inputmode="numeric"' in html and 'autocomplete="postal-code"' in html and "required" not in html
    assert form.fields["plz"].width == 5 and "80 oder 81" in form["plz"].help_text
    assert 'autocomplete="bday-day"' in str(permit("person")["geburtsdatum"])
    assert 'autocomplete="off"' in str(permit("fahrzeuge")["fahrzeuge-0-kennzeichen"])


def test_choices_stand_below_each_other_with_nothing_selected_and_their_hints():
    form = form_of(PERMIT, "anliegen")
    assert str(form["anliegen"]).count('type="radio"') == 5 and "checked" not in str(form["anliegen"])
    assert form.fields["anliegen"].choice_hints["altstadt"] == "Blaue Zone innerhalb des Altstadtrings"


def test_only_what_is_on_offer_can_be_chosen():
    form = permit("laufzeit", {"laufzeit": "6"}, concern="neu")
    assert form.errors["laufzeit"] == ["Wählen Sie die Laufzeit aus."]
    assert "6 Monate" not in str(form["laufzeit"])


def test_a_page_of_one_question_has_its_label_as_heading():
    assert form_of(PERMIT, "anliegen").heading_field == "anliegen"
    assert permit("gebiet", concern="neu").heading_field is None
    assert permit("person").heading_field is None


def test_optional_questions_are_not_required():
    assert not permit("kontakt").fields["email"].required
    assert permit("kontakt", {"email": ""}).is_valid()


def test_files_are_left_to_those_who_store_them():
    form = permit("unterlagen", fahrzeuge=[{"kennzeichen": "M-A 1", "halterschaft": "eigen"}])
    (part,) = form.parts()
    assert form.fields == {} and part.upload.name == "zulassung" and part.document.needed == 1


def cars(*plates: str, **changes: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data["fahrzeuge-rows"] = str(len(plates))
    for number, plate in enumerate(plates):
        row = {"kennzeichen": plate, "halterschaft": "eigen", "laenge_cm": "430", "antrieb": "ja"}
        data.update({f"fahrzeuge-{number}-{name}": value for name, value in row.items()})
    data.update(changes)
    return data


def test_rows_become_a_list_of_answers():
    form = permit("fahrzeuge", cars("m ab 1", "M-AB 2"))
    assert form.is_valid(), form.errors
    assert form.answers()["fahrzeuge"] == [
        {"kennzeichen": plate, "halterschaft": "eigen", "laenge_cm": 430, "antrieb": True}
        for plate in ("M-AB 1", "M-AB 2")
    ]


def test_stored_rows_are_shown_and_posting_them_back_changes_nothing():
    stored = permit("fahrzeuge", cars("M-AB 1", "M-AB 2"))
    assert stored.is_valid()
    form = permit("fahrzeuge", fahrzeuge=stored.answers()["fahrzeuge"])
    posted = {bound.html_name: str(bound.value()) for bound in form}
    again = permit("fahrzeuge", posted)
    assert again.is_valid() and again.answers() == stored.answers()


def test_an_error_in_one_of_several_rows_names_the_row():
    form = permit("fahrzeuge", cars("M-AB 1", ""))
    assert form.errors == {
        "fahrzeuge-1-kennzeichen": ["Fahrzeug 2: Geben Sie ein Kennzeichen ein, zum Beispiel M-AB 1234."]
    }
    assert permit("fahrzeuge", cars("")).errors["fahrzeuge-0-kennzeichen"][0].startswith("Geben Sie")


def test_the_same_plate_twice_is_refused_however_it_is_typed():
    form = permit("fahrzeuge", cars("M-AB 1", "M-AB 2", "mab1"))
    assert list(form.errors) == ["fahrzeuge-2-kennzeichen"]
    assert "Fahrzeug 3: Dieses Kennzeichen steht schon" in form.errors["fahrzeuge-2-kennzeichen"][0]


def test_a_member_required_by_its_row_is_missed_in_that_row_only(small):
    data = {"fahrzeuge-rows": "2", "fahrzeuge-0-kennzeichen": "M-AB 1", "fahrzeuge-1-kennzeichen": "B-AB 1"}
    form = form_of(small, "wagen", data, {"wahl": "b"})
    assert form.errors == {"fahrzeuge-0-laenge": ["Fahrzeug 1: Geben Sie die Länge ein."]}


def test_one_more_row_keeps_what_was_typed_and_judges_nothing():
    changed = with_row_change(PERMIT, "fahrzeuge", cars("murks", _add_fahrzeuge="1"))
    state = evaluate(PERMIT, {"anliegen": "altstadt", "stellplatz": False}, today=TODAY)
    form = page_form(PERMIT, "fahrzeuge", state)(changed, show_only=True)
    (part,) = form.parts()
    assert [row.title for row in part.group.rows] == ["Fahrzeug 1", "Fahrzeug 2"] and not form.errors
    assert form["fahrzeuge-0-kennzeichen"].value() == "murks" and not form["fahrzeuge-1-kennzeichen"].value()
    assert form["fahrzeuge-rows"].value() == "2"


def test_removing_a_row_moves_the_others_up():
    changed = with_row_change(PERMIT, "fahrzeuge", cars("M-A 1", "M-A 2", "M-A 3", _remove_fahrzeuge_1="1"))
    form = permit("fahrzeuge", changed)
    assert form.is_valid() and [row["kennzeichen"] for row in form.answers()["fahrzeuge"]] == ["M-A 1", "M-A 3"]


def test_rows_stay_between_minimum_and_maximum():
    full = with_row_change(PERMIT, "fahrzeuge", cars("M-A 1", "M-A 2", "M-A 3", _add_fahrzeuge="1"))
    assert full["fahrzeuge-rows"] == "3"
    last = with_row_change(PERMIT, "fahrzeuge", cars("M-A 1", _remove_fahrzeuge_0="1"))
    assert last["fahrzeuge-rows"] == "1" and last["fahrzeuge-0-kennzeichen"] == "M-A 1"


def test_buttons_appear_only_while_they_can_do_something():
    one = next(iter(permit("fahrzeuge", cars("M-A 1")).parts())).group
    assert one.add_name == "_add_fahrzeuge" and one.rows[0].remove_name == ""
    three = next(iter(permit("fahrzeuge", cars("M-A 1", "M-A 2", "M-A 3")).parts())).group
    assert three.add_name == "" and three.rows[2].remove_name == "_remove_fahrzeuge_2"


def test_a_page_that_was_really_sent_is_no_row_change():
    assert with_row_change(PERMIT, "fahrzeuge", cars("M-A 1")) is None
    assert with_row_change(PERMIT, "person", QueryDict("_add_fahrzeuge=1")) is None


@pytest.mark.parametrize(
    ("posted", "rows"), [(None, 1), ("", 1), ("0", 1), ("-1", 1), ("2", 2), ("999999", 1), ("٣", 1), ("99", 3)]
)
def test_the_posted_number_of_rows_is_held_within_limits(posted, rows):
    assert row_count(PERMIT.field("fahrzeuge"), posted) == rows


def test_a_question_required_by_an_answer_on_the_same_page_is_missed():
    text = SMALL.replace(
        "- {name: notiz, type: text, label: Notiz, required: false}",
        "- {name: notiz, type: text, label: Notiz, required: tag < today, messages: {empty: Geben Sie die Notiz ein.}}",
    )
    past = {"tag_0": "1", "tag_1": "1", "tag_2": "2026"}
    assert form_of(schema.load(text), "mehr", past, {"wahl": "b"}).errors["notiz"] == ["Geben Sie die Notiz ein."]
    assert form_of(schema.load(text), "mehr", {**past, "tag_2": "2030"}, {"wahl": "b"}).is_valid()


def test_an_unknown_page_is_a_key_error(small):
    with pytest.raises(KeyError):
        form_of(small, "nirgends")


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([page.key for page in PERMIT.pages]),
    st.dictionaries(
        st.from_regex(
            r"(fahrzeuge-[0-3]-)?(kennzeichen|laenge_cm|rows|beginn_[0-2]|name|anliegen|plz)", fullmatch=True
        ),
        st.text(max_size=12),
    ),
    strategies.answers(PERMIT),
)
def test_whatever_is_posted_gives_answers_or_sentences(page, posted, answers):
    form = form_of(PERMIT, page, posted, answers)
    if form.is_valid():
        state = evaluate(PERMIT, {**form.evaluation.values, **form.answers()}, today=TODAY)
        assert set(form.answers()) <= state.visible
    else:
        assert all(len(errors) == 1 and errors[0] for errors in form.errors.values())


MANY = ", ".join(f"{{value: '{n:04}', label: Ort {n} <b>}}" for n in range(60))


def test_a_long_list_can_be_narrowed_by_typing_and_keeps_what_was_chosen():
    form = form_of(
        kinds(f"type: choice, widget: select, choices: [{MANY}]"), "mehr", None, {"wahl": "b", "notiz": "0042"}
    )
    html = str(form["notiz"].as_widget())
    assert form.has_long_lists and 'data-choose="Liste eingrenzen"' in html
    assert html.count("<option") == 61 and html.count(" selected") == 1
    assert '<option value="0042" selected>Ort 42 &lt;b&gt;</option>' in html


def test_a_short_list_needs_no_typing():
    form = form_of(kinds("type: choice, widget: select, choices: [{value: x, label: X}]"), "mehr", None, {"wahl": "b"})
    assert not form.has_long_lists and "data-choose" not in str(form["notiz"])


def test_two_thousand_choices_are_shown_in_a_fraction_of_a_second():
    many = ", ".join(f"{{value: '{n:05}', label: Ort {n}}}" for n in range(2000))
    definition = kinds(f"type: choice, widget: select, choices: [{many}]")
    began = time.process_time()
    html = str(form_of(definition, "mehr", None, {"wahl": "b"})["notiz"])
    assert html.count("<option") == 2001 and time.process_time() - began < 0.4


def test_a_suggestion_stands_in_the_field_until_somebody_answers():
    kind = kinds("type: text, suggested: München")
    assert form_of(kind, "mehr", None, {"wahl": "b"})["notiz"].value() == "München"
    assert form_of(kind, "mehr", None, {"wahl": "b", "notiz": "Ulm"})["notiz"].value() == "Ulm"
    assert "notiz" not in evaluate(kind, {"wahl": "b"}, today=TODAY).values


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("type: text, suggested: München, required: false", "wo immer eine Antwort nötig ist"),
        ("type: text, suggested: München, check: plz_de", "passt selbst nicht: Geben Sie eine Postleitzahl"),
        ("type: textarea, suggested: München, max_length: 3", "passt selbst nicht: Geben Sie höchstens 3"),
        ("type: integer, suggested: 7, minimum: 8", "passt selbst nicht: Geben Sie eine Zahl von 8"),
    ],
)
def test_a_suggestion_that_would_be_refused_or_come_back_is_no_suggestion(kind, sentence):
    with pytest.raises(schema.DefinitionError, match=sentence):
        kinds(kind)
