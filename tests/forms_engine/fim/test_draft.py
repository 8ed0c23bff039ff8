"""From a schema to a form: what the form asks, when, and what its author has to decide."""

import dataclasses

import pytest

from forms_engine.definitions import schema as language
from forms_engine.definitions.build import page_form
from forms_engine.definitions.evaluate import evaluate
from forms_engine.fim import genericode, model
from forms_engine.fim.report import Level
from forms_engine.fim.xml import FimError
from tests.forms_engine.fim.samples import FARBE, HUND_2, NOW, drafted, field, fields_of, group, made, notes, part, rule

ABC = [("1", "a"), ("2", "b"), ("3", "c")]
G1, G2 = "G99000000001", "G99000000002"


def F(number):
    return f"F99{number:09d}"


def between(low, high):
    return model.Limits(min_value=low, max_value=high)


def loaded(found):
    return language.load(found.source)


def asked(found, answers):
    return evaluate(loaded(found), answers, today=NOW.date())


def test_a_draft_is_a_form_that_cannot_be_published_yet():
    found = made()
    assert [page.title.de for page in loaded(found).pages][:3] == [
        "Wer hält den Hund?",
        "Wo haben Sie vorher gewohnt?",
        "Hund",
    ]
    with pytest.raises(language.DefinitionError, match="angabe-datenschutz"):
        language.publishable(found.source)


def test_once_everything_is_settled_it_can_be_published():
    data = made().data
    data["open_points"] = [{**p, "settled": "not_needed", "reason": "Geprüft."} for p in data["open_points"]]
    from forms_engine.fim.draft import to_yaml

    assert language.publishable(to_yaml(data)).form == "hund-anmelden"


def test_every_rule_is_kept_word_for_word_and_the_sure_one_is_settled():
    points = {point["key"]: point for point in made().data["open_points"]}
    assert points["regel-r99000000009"]["quote"] == "Die Angaben sind mit Augenmaß zu würdigen."
    assert "settled" not in points["regel-r99000000009"]
    assert points["regel-r99000000001"]["settled"] == "translated"
    assert points["regel-r99000000001"]["quote"].startswith('Wenn das Feld F99000000002 "Zugezogen"')


def test_the_rule_decides_what_is_asked():
    found = made()
    names = {key: item["name"] for key, item in fields_of(found.data).items()}
    place, moved = names["G99000000001/F99000000003"], names["G99000000001/F99000000002"]
    assert place in asked(found, {moved: True}).required
    assert place not in asked(found, {moved: False}).visible
    assert place not in asked(found, {}).visible


def test_version_2_gives_a_form_too():
    items = fields_of(made(HUND_2).data)
    assert [choice["label"] for choice in items[F(1)]["choices"]] == ["Abgegeben", "Verstorben"]
    assert items[F(2)]["label"] == "Jahr" and items[F(2)]["required"] == f"{items[F(1)]['name']} == '02'"


@pytest.mark.parametrize(
    ("element", "count", "expected"),
    [
        (field(), "1:1", {"type": "text", "max_length": 255}),
        (field(type="text_latin"), "1:1", {"type": "text", "check": "latein"}),
        (field(type="text_latin", limits=model.Limits(max_length=999)), "1:1", {"type": "textarea", "check": "latein"}),
        (field(label="Nachname"), "1:1", {"type": "text", "check": "name", "personal": True}),
        (field(type="bool"), "1:1", {"type": "boolean"}),
        (field(type="bool"), "0:1", {"type": "boolean", "required": False}),
        (field(type="bool", content="Alles stimmt."), "1:1", {"type": "declaration", "statement": "Alles stimmt."}),
        (field(type="num_int"), "1:1", {"type": "integer", "minimum": -(10**12)}),
        (field(type="num"), "1:1", {"type": "decimal", "places": 2}),
        (field(type="num", limits=between("0.1", "9,125")), "1:1", {"minimum": "0.1", "maximum": "9.125", "places": 3}),
        (field(type="num", limits=between("1.0", "")), "1:1", {"minimum": 1, "maximum": 10**9, "places": 2}),
        (field(type="num_currency"), "1:1", {"type": "money", "minimum_cents": 0}),
        (field(type="date"), "1:1", {"type": "date"}),
        (field(type="time"), "1:1", {"type": "time"}),
        (field(type="datetime"), "1:1", {"type": "datetime"}),
        (field(type="file"), "1:*", {"type": "file", "max_files": 20}),
        (field(type="file"), "2:5", {"type": "file", "max_files": 5, "files": "2"}),
        (field(type="obj"), "1:1", {"type": "file"}),
        (field(kind="select", values=[("1", "a"), ("2", "b")]), "1:1", {"type": "choice"}),
        (field(kind="select", values=[(str(n), str(n)) for n in range(9)]), "1:1", {"widget": "select"}),
        (field(kind="select", values=[("1", "a"), ("2", "b")]), "0:*", {"type": "multi_choice", "required": False}),
        (field(kind="select", values=ABC), "2:2", {"type": "multi_choice", "minimum": 2, "maximum": 2}),
        (field(kind="select", values=ABC), "1:3", {"type": "multi_choice", "minimum": None, "maximum": None}),
        (field(kind="select", values=ABC), "5:*", {"type": "multi_choice", "minimum": 3}),
        (field(type="date", limits=between("2020-01-01", "2030-12-31")), "1:1", {"earliest": "2020-01-01"}),
        (field(type="time", limits=between("08:00:00", "18:00")), "1:1", {"earliest": "08:00", "latest": "18:00"}),
        (field(type="datetime", limits=between("", "2030-12-31T08:00")), "1:1", {"latest": "2030-12-31T08:00"}),
        (field(kind="label", content="Lesen Sie das."), "1:1", {"type": "static", "text": "Feld\nLesen Sie das."}),
        (field(kind="hidden", content="a'b"), "1:1", {"type": "computed", "value": "'a\\'b'"}),
        (field(kind="locked", content="fest"), "1:1", {"type": "computed", "label": "Feld"}),
        (field(kind="locked"), "1:1", {"type": "static"}),
    ],
)
def test_each_kind_of_field_has_its_question(element, count, expected):
    item = fields_of(drafted(part(element, count), part(field(2, "Ende"))).data)[F(1)]
    assert {key: item.get(key) for key in expected} == expected


@pytest.mark.parametrize(
    ("element", "suggested"),
    [
        (field(content=" Bayern "), "Bayern"),
        (field(content="12", type="num_int"), 12),
        (field(content="12", type="num_int", limits=between("13", "")), None),
        (field(content="Bayern", limits=model.Limits(max_length=3)), None),
        (field(content="Bayern", limits=model.Limits(pattern="[a-z]+")), None),
        (field(content="a\nb", limits=model.Limits(max_length=500)), "a\nb"),
        (field(content="true", type="bool"), None),
        (field(content="3", kind="select", values=ABC), None),
    ],
)
def test_a_default_value_is_suggested_where_it_could_be_typed(element, suggested):
    found = drafted(part(element))
    assert fields_of(found.data)[F(1)].get("suggested") == suggested and loaded(found)
    assert bool(notes(found.report, Level.LOST)) == (suggested is None)


def test_what_need_not_be_answered_has_no_suggestion():
    found = drafted(part(field(content="Bayern"), "0:1"))
    assert "suggested" not in fields_of(found.data)[F(1)]
    assert notes(found.report, Level.LOST) == ["Vorgabewert „Bayern“: die Antwort ist nicht immer nötig."]


ODT = "application/vnd.oasis.opendocument.text"


@pytest.mark.parametrize(
    ("named", "taken", "lost"),
    [
        ((), ["application/pdf", "image/jpeg", "image/png"], []),
        ((ODT, "application/PDF"), ["application/pdf", ODT], []),
        (("image/jpg", "image/jpeg"), ["image/jpeg"], []),
        (("text/csv", "image/png"), ["image/png"], ["Dateityp text/csv."]),
        (("text/csv",), ["application/pdf", "image/jpeg", "image/png"], ["Dateityp text/csv."]),
    ],
)
def test_every_type_the_portal_can_examine_may_be_handed_in(named, taken, lost):
    found = drafted(part(field(type="file", media_types=named)))
    assert fields_of(found.data)[F(1)]["media_types"] == taken
    assert notes(found.report, Level.LOST) == lost


@pytest.mark.parametrize(
    ("low", "high", "reason"),
    [
        ("heute", "", "„heute“: das ist kein fester Zeitpunkt"),
        ("2026-02-30", "", "„2026-02-30“: das ist kein fester"),
        ("2030-01-01", "2020-01-01", "2030-01-01 bis 2020-01-01: verkehrt herum"),
    ],
)
def test_limits_of_a_date_that_mean_nothing_are_told_and_dropped(low, high, reason):
    found = drafted(part(field(type="date", limits=between(low, high))))
    assert not {"earliest", "latest"} & fields_of(found.data)[F(1)].keys()
    assert any(reason in text for text in notes(found.report, Level.LOST))


def test_where_a_rule_takes_choices_away_fewer_answers_are_wanted():
    text = f"Im Datenfeld {F(1)} darf Auswahl 3=c nicht ausgewählt werden."
    found = drafted(part(field(1, "Art", kind="select", values=ABC), "3:3"), rules=[rule(text)])
    item = fields_of(found.data)[F(1)]
    assert (len(item["choices"]), item["minimum"]) == (2, 2)


def test_two_to_five_lines_become_a_list():
    found = drafted(part(field(1, "Zeile"), "2:5"))
    item = next(i for p in found.data["pages"] for i in p["fields"])
    assert (item["type"], item["minimum"], item["maximum"], len(item["members"])) == ("repeating", 2, 5, 1)


def test_an_optional_group_is_asked_for_before_its_questions():
    found = drafted(part(group(1, "Vertretung", part(field(1, "Name"))), "0:1"))
    items = fields_of(found.data)
    opener, name = items[f"{G1}?opener"]["name"], items[f"{G1}/{F(1)}"]["name"]
    assert asked(found, {opener: True}).required == {opener, name}
    assert asked(found, {opener: False}).visible == {opener}


def test_a_choice_group_asks_which_part_and_requires_that_one():
    choice = group(1, "Zahlweg", part(field(1, "Konto"), "0:1"), part(field(2, "Karte"), "0:1"), choice=True)
    found = drafted(part(choice))
    items = fields_of(found.data)
    radio, card = items[f"{G1}?choice"], items[f"{G1}/{F(2)}"]
    assert [c["label"] for c in radio["choices"]] == ["Konto", "Karte"]
    assert asked(found, {radio["name"]: F(2)}).required == {radio["name"], card["name"]}


def test_either_or_is_a_choice_as_well():
    text = f"Es muss entweder Feldgruppe {G1} oder Feldgruppe {G2} befüllt werden."
    groups = [part(group(n, f"Gruppe {n}", part(field(n, f"Feld {n}"))), "0:1") for n in (1, 2)]
    found = drafted(part(group(3, "Anschrift", *groups, rules=(rule(text),))))
    items = fields_of(found.data)
    assert "G99000000003?choice" in items and not any("opener" in key for key in items)


def test_a_repeated_group_is_a_list_with_the_files_of_each_row_and_its_texts_before_it():
    text, name = field(3, "Hinweis", kind="label", content="Je Kind eine Urkunde."), field(1, "Name")
    rows = group(1, "Kind", part(name), part(text), part(field(2, "Urkunde", type="file"), "2:3"))
    found = drafted(part(rows, "0:3"))
    items = fields_of(found.data)
    assert (items[G1]["minimum"], items[G1]["maximum"]) == (0, 3)
    assert [member["type"] for member in items[G1]["members"]] == ["text", "file"]
    assert [item["type"] for item in items[G1]["page"]["fields"]] == ["static", "repeating"]
    assert items[f"{G1}/{F(2)}"]["max_files"] == 3 and loaded(found).row_files
    assert notes(found.report, Level.LOST) == ["Mindestens 2 Dateien je Zeile, verlangt ist eine."]


def test_what_a_row_cannot_hold_is_asked_once_and_left_to_the_author():
    rows = group(1, "Betrieb", *(part(field(n, f"Feld {n}")) for n in range(1, 33)))
    found = drafted(part(rows, "1:*"))
    assert any("mehr als 30 Fragen" in text for text in notes(found.report, Level.OPEN))
    assert any("mehr als 30 Fragen" in point["question"] for point in found.data["open_points"])


def test_a_list_under_a_condition_has_a_page_of_its_own():
    text = f"Wenn {F(1)} = Ja, dann zeige {G1} an, sonst zeige {G1} nicht an."
    found = drafted(
        part(field(1, "Kinder", type="bool")),
        part(group(1, "Kind", part(field(2, "Name"))), "1:*"),
        part(field(3, "Ende")),
        rules=[rule(text)],
    )
    page = fields_of(found.data)[G1]["page"]
    assert page["visible"] == "kinder" and len(page["fields"]) == 1
    assert "ende" in asked(found, {"kinder": False}).visible and "kind" not in asked(found, {"kinder": False}).visible


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"Wenn {F(2)} = Ja, dann zeige {F(1)} an.", "erst hinter dem Feld"),
        (f"Wenn {F(3)} nicht leer, dann zeige {F(2)} an.", "Zeile einer Liste"),
        (f"Wenn {F(1)} = Ja, dann zeige {F(1)} an.", "von sich selbst"),
        (f"Wenn {F(4)} nicht leer, dann zeige {F(2)} an.", "mehrere Antworten"),
    ],
)
def test_a_rule_our_language_cannot_say_is_left_to_the_author(text, reason):
    found = drafted(
        part(field(1, "Eins", type="bool")),
        part(field(4, "Vier"), "0:*"),
        part(field(2, "Zwei", type="bool")),
        part(group(1, "Liste", part(field(3, "Drei"))), "1:*"),
        rules=[rule(text)],
    )
    assert any(reason in note for note in notes(found.report, Level.OPEN))
    assert not any("visible" in item for item in fields_of(found.data).values())


HOME = [("1", "Inland"), ("2", "Ausland")]


def rows_of(found, answers, *rows):
    """What each row asks and needs."""
    form = loaded(found)
    group = next(item for page in form.pages for item in page.fields if item.type == "repeating")
    states = asked(found, {**answers, group.name: list(rows)}).rows[group.name]
    return [(set(state.visible), set(state.required)) for state in states]


def test_a_rule_about_a_row_decides_row_by_row():
    text = f"Wenn {F(1)} = 2, dann zeige {G2} an, sonst zeige {G2} nicht an."
    abroad = group(2, "Im Ausland", part(field(2, "Staat")), part(field(3, "Zusatz"), "0:1"), rules=(rule(text),))
    rows = group(1, "Person", part(field(1, "Wo", kind="select", values=HOME)), part(abroad, "0:1"))
    found = drafted(part(rows, "1:*"))
    assert rows_of(found, {}, {"wo": "1", "staat": "x"}, {"wo": "2"}) == [
        ({"wo"}, {"wo"}),
        ({"wo", "staat", "zusatz"}, {"wo", "staat"}),
    ]


def test_a_rule_about_a_row_may_look_at_what_was_asked_before_the_list():
    text = f"Wenn {F(9)} = Ja, dann zeige {F(2)} an, sonst zeige {F(2)} nicht an."
    rows = group(1, "Person", part(field(1, "Name")), part(field(2, "Alter"), "0:1"))
    found = drafted(part(field(9, "Genau", type="bool")), part(rows, "1:*"), rules=[rule(text)])
    assert rows_of(found, {"genau": False}, {"name": "x"})[0][0] == {"name"}
    assert rows_of(found, {"genau": True}, {"name": "x"})[0][0] == {"name", "alter"}


@pytest.mark.parametrize("as_rule", [True, False])
def test_in_a_row_too_one_part_is_chosen(as_rule):
    text = f"Es muss entweder Feldgruppe {G1} oder Feldgruppe {G2} befüllt werden."
    groups = [part(group(n, f"Weg {n}", part(field(n, f"Feld {n}"))), "0:1") for n in (1, 2)]
    both = group(3, "Wege", *groups, choice=not as_rule, rules=(rule(text),) if as_rule else ())
    found = drafted(part(group(4, "Person", part(both)), "1:*"))
    radio = fields_of(found.data)["G99000000004/G99000000003?choice"]["name"]
    assert rows_of(found, {}, {radio: G1}, {radio: G2}, {}) == [
        ({radio, "feld_1"}, {radio, "feld_1"}),
        ({radio, "feld_2"}, {radio, "feld_2"}),
        ({radio}, {radio}),
    ]


def test_a_statement_in_a_row_is_asked_as_yes_or_no():
    found = drafted(part(group(1, "Person", part(field(1, "Ja", type="bool", content="Alles stimmt."))), "1:*"))
    assert loaded(found) and fields_of(found.data)[f"{G1}/{F(1)}"]["type"] == "boolean"
    assert any("Erklärung „Alles stimmt.“ je Zeile" in text for text in notes(found.report, Level.LOST))


def test_a_choice_a_row_has_no_room_for_is_left_to_the_author():
    choice = group(2, "Wege", part(field(1, "Eins"), "0:1"), part(field(2, "Zwei"), "0:1"), choice=True)
    found = drafted(part(group(1, "Person", *(part(field(n, f"Feld {n}")) for n in range(3, 31)), part(choice)), "1:*"))
    assert loaded(found) and any("Auswahlgruppe liegt in einer Liste" in text for text in notes(found.report))


def test_a_text_or_a_hidden_value_of_a_row_follows_no_rule():
    text = f"Wenn {F(1)} = Ja, dann zeige {F(2)} an, sonst zeige {F(2)} nicht an."
    rows = group(1, "Person", part(field(1, "Ja", type="bool")), part(field(2, kind="label", content="x")))
    found = drafted(part(rows, "1:*"), rules=[rule(text)])
    assert any("Zeile einer Liste" in note for note in notes(found.report, Level.OPEN))


def test_two_rules_that_disagree_are_both_left_to_the_author():
    texts = [f"Wenn {F(1)} = Ja, dann zeige {F(3)} an.", f"Wenn {F(2)} = Ja, dann zeige {F(3)} an."]
    found = drafted(
        part(field(1, "Eins", type="bool")),
        part(field(2, "Zwei", type="bool")),
        part(field(3, "Drei")),
        rules=[rule(text, n) for n, text in enumerate(texts, 1)],
    )
    assert sum("sagen Verschiedenes" in text for text in notes(found.report, Level.OPEN)) == 2


def test_at_least_one_is_a_check_of_the_page_and_only_where_it_is_asked():
    text = f"Es muss mindestens eines der Felder {F(1)} oder {F(2)} befüllt sein."
    inside = group(1, "Kontakt", part(field(1, "Telefon"), "0:1"), part(field(2, "Fax"), "0:1"), rules=(rule(text),))
    found = drafted(part(inside, "0:1"))
    form = loaded(found)
    check = next(check for page in form.pages for check in page.checks)
    assert check.holds == "!(moechten_sie_angaben_machen_kontakt) || answered.telefon || answered.fax"
    assert check.message.de == "Geben Sie mindestens eines an: „Telefon“ oder „Fax“."


def test_a_partly_known_date_must_be_in_the_calendar():
    text = f"Wenn alle drei Felder {F(1)}, {F(2)} und {F(3)} befüllt sind, muss die Validität des sich ergebenden "
    text += "Kalenderdatums sichergestellt werden."
    numbers = [part(field(n, label, type="num_int"), "0:1") for n, label in enumerate(("Tag", "Monat", "Jahr"), 1)]
    found = drafted(part(group(1, "Geburt", *numbers, rules=(rule(text),))))
    form = loaded(found)
    check = form.program.checks[form.pages[0].key][0]

    def real(tag, monat, jahr):
        return check.value({"tag": tag, "monat": monat, "jahr": jahr})

    assert real(29, 2, 2024) is True and real(29, 2, 2023) is False and real(31, 4, 2024) is False
    assert check.value({"tag": 31, "jahr": 2024}) is None  # the month is unknown: nothing to object to


def test_a_missing_code_list_blocks_and_is_named():
    ref = genericode.ListRef("urn:example:farbe", "7", "urn:example:farbe_7")
    element = field(kind="select", list_ref=ref)
    found = drafted(part(element), lists=[genericode.read(FARBE)])
    assert any("urn:example:farbe_7“ fehlt" in point["question"] for point in found.data["open_points"])
    with pytest.raises(language.DefinitionError):
        language.publishable(found.source)


def test_a_version_at_hand_is_offered_and_not_taken():
    ref = genericode.ListRef("urn:example:farbe", "7", "urn:example:farbe_7")
    found = drafted(part(field(kind="select", list_ref=ref)), lists=[genericode.read(FARBE)])
    assert any("Vorhanden ist: 1" in text for text in notes(found.report, Level.OPEN))


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a", "nicht geschlossen"),
        (r"(a)\1", "gibt es hier nicht"),
        ("Codeliste Staat", "nur ein einziger Text"),
        ("[0-9]{13}", "keine Antwort mit höchstens 12 Zeichen"),
        ("x?" * 251, "mehr als 500 Zeichen"),
    ],
)
def test_a_pattern_nobody_could_judge_by_is_told_and_dropped(pattern, reason):
    found = drafted(part(field(limits=model.Limits(max_length=12, pattern=pattern))))
    assert "pattern" not in fields_of(found.data)[F(1)]
    assert any(reason in text for text in notes(found.report, Level.LOST))


def test_a_pattern_judges_the_answers():
    found = drafted(part(field(limits=model.Limits(max_length=12, pattern="^[A-Z]{2}$"))))
    assert fields_of(found.data)[F(1)]["pattern"] == "^[A-Z]{2}$" and not notes(found.report, Level.LOST)
    page = page_form(loaded(found), loaded(found).pages[0].key, asked(found, {}))({"feld": "München"})
    assert page.errors["feld"] == ["Prüfen Sie die Schreibweise. Richtig ist zum Beispiel: AB."]


@pytest.mark.parametrize("label", ["Bitte angeben!", "Fehler im Bescheid", "Pflichtfeld", "x" * 400])
def test_labels_that_break_the_rules_for_messages_do_not_break_the_form(label):
    assert loaded(drafted(part(field(label=label)), part(field(2, label=label))))


def test_codes_that_are_no_values_get_values_and_are_told():
    found = drafted(part(field(kind="select", values=[("ä 1", "eins"), ("ä-1", "zwei"), ("_", "drei")])))
    values = [choice["value"] for choice in fields_of(found.data)[F(1)]["choices"]]
    assert len(set(values)) == 3 and len(notes(found.report, Level.ASSUMED)) == 3


def test_long_help_stands_before_its_question():
    found = drafted(part(field(help="Erklärung. " * 20)), part(field(2, "Ende", help="Kurz.")))
    items = fields_of(found.data)
    assert items[F(1)]["page"]["text"][0].startswith("Feld: Erklärung.")
    assert items[F(2)]["hint"] == "Kurz."


def test_names_of_questions_are_kept_when_they_are_given():
    found = drafted(part(field(1, "Neuer Name")), names={F(1): "alter_name"})
    assert fields_of(found.data)[F(1)]["name"] == "alter_name"


@pytest.mark.slow
def test_a_schema_of_300_questions_and_60_optional_groups_fits():
    groups = [
        part(group(n, f"Gruppe {n}", *(part(field(n * 10 + m, f"Feld {m}")) for m in range(5))), "0:1")
        for n in range(1, 71)
    ]
    found = drafted(*groups)
    assert len(found.data["pages"]) <= 60
    assert any("freiwilligen Gruppen" in text for text in notes(found.report, Level.ASSUMED))


@pytest.mark.parametrize("parts", [(), (part(group(1, "Leer")),)])
def test_a_schema_without_questions_is_refused(parts):
    with pytest.raises(FimError, match="keine Felder"):
        drafted(*parts)


def birth(count="1:1"):
    """The partly known date of the federal editors, with the rules it has."""
    day, month, year = (f"F6000000023{n}" for n in (1, 2, 3))
    texts = [
        f"Wenn {day} nicht leer, dann darf {month} nicht leer sein.",
        f"Wenn alle drei Felder {day}, {month} und {year} befüllt sind, muss die Validität des sich ergebenden "
        "Kalenderdatums sichergestellt werden.",
    ]
    parts = [
        part(dataclasses.replace(field(type="num_int"), ident=model.Ident(ident, "1.0.0")), times)
        for ident, times in ((day, "0:1"), (month, "0:1"), (year, "1:1"))
    ]
    date = group(1, "Geburtsdatum", *parts, rules=tuple(rule(text, n) for n, text in enumerate(texts, 1)))
    return part(dataclasses.replace(date, ident=model.Ident("G60000000083", "1.0.0")), count)


def test_a_partly_known_date_of_birth_is_one_question_that_knows_its_rules():
    found = drafted(birth())
    item = fields_of(found.data)["G60000000083"]
    assert (item["type"], item["birth"]) == ("partial_date", True) and len(fields_of(found.data)) == 1
    assert found.report.counts["rule_places_translated"] == 2
    assert loaded(found)


def test_it_stands_in_rows_and_optional_parts_too():
    rows = group(2, "Kind", part(field(5, "Name")), birth("0:1"))
    members = fields_of(drafted(part(rows, "1:*")).data)[G2]["members"]
    assert [(member["type"], member.get("required", True)) for member in members] == [
        ("text", True),
        ("partial_date", False),
    ]


def test_a_group_of_that_number_with_other_fields_stays_a_group():
    date = birth()
    fewer = dataclasses.replace(date.element, parts=date.element.parts[:2])
    items = fields_of(drafted(dataclasses.replace(date, element=fewer)).data)
    assert items["G60000000083/F60000000231"]["type"] == "integer"
