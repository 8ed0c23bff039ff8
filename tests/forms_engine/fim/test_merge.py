"""Importing a newer schema: what the author did stays, what the schema changed comes, conflicts are named."""

import copy

import pytest

from forms_engine.definitions import schema as language
from forms_engine.fim.draft import to_yaml
from forms_engine.fim.merge import Kind, merge
from tests.forms_engine.fim.samples import HUND, drafted, field, fields_of, group, made, part

OLD = b"<x:bezeichnungEingabe>Familienname</x:bezeichnungEingabe>"
NAME, FROM = "G99000000001/F60000000227", "G99000000001/F99000000003"


def newer(**replaced):
    raw = HUND
    for old, new in replaced.values():
        assert old in raw
        raw = raw.replace(old, new)
    return made(raw, names=made().names).data  # as the command does


def merged(mine, after, before=None):
    data, changes = merge(before or made().data, mine, after)
    language.load(to_yaml(data))
    return data, changes


def of(changes, kind):
    return [change.place for change in changes if change.kind == kind]


def edit(data, path, **changes):
    data = copy.deepcopy(data)
    for page in data["pages"]:
        for item in page["fields"]:
            if (item.get("fim") or {}).get("path") == path:
                item.update(changes)
    return data


RENAMED = newer(label=(OLD, OLD.replace(b">Familienname<", b">Nachname<")))


def test_nothing_new_changes_nothing():
    data, changes = merged(made().data, made().data)
    assert data == made().data and changes == []


def test_what_only_the_schema_changed_is_taken():
    data, changes = merged(made().data, RENAMED)
    assert fields_of(data)[NAME]["label"] == "Nachname"
    assert set(of(changes, Kind.CHANGED)) == {NAME} and not of(changes, Kind.CONFLICT)


def test_what_only_the_author_changed_stays():
    data, changes = merged(edit(made().data, FROM, label="Letzter Wohnort"), RENAMED)
    assert fields_of(data)[FROM]["label"] == "Letzter Wohnort" and fields_of(data)[NAME]["label"] == "Nachname"
    assert FROM in of(changes, Kind.KEPT)


def test_where_both_changed_the_author_wins_and_the_conflict_is_named():
    data, changes = merged(edit(made().data, NAME, label="Zuname"), RENAMED)
    assert fields_of(data)[NAME]["label"] == "Zuname"
    conflict = next(change for change in changes if change.kind == Kind.CONFLICT)
    assert conflict.place == NAME and "„Nachname“" in conflict.text and "„Zuname“" in conflict.text


BEFORE = [part(field(1, "Eins")), part(field(2, "Zwei"))]
G1 = part(group(1, "Neue Gruppe", part(field(9, "Neun"))))


@pytest.mark.parametrize("extra", [part(field(3, "Drei")), G1])
def test_new_elements_are_added(extra):
    before, after = drafted(*BEFORE).data, drafted(*BEFORE, extra).data
    data, changes = merged(copy.deepcopy(before), after, before)
    assert fields_of(data).keys() == fields_of(after).keys() and of(changes, Kind.ADDED)


def test_a_dropped_element_goes_unless_the_author_worked_on_it():
    before, after = drafted(*BEFORE).data, drafted(BEFORE[0]).data
    data, changes = merged(copy.deepcopy(before), after, before)
    assert "F99000000002" not in fields_of(data) and of(changes, Kind.REMOVED) == ["F99000000002"]
    data, changes = merged(edit(before, "F99000000002", label="Mein Zwei"), after, before)
    assert "Mein Zwei" in [item["label"] for page in data["pages"] for item in page["fields"]]
    assert of(changes, Kind.CONFLICT) == ["F99000000002"]


def test_what_the_author_removed_stays_removed():
    mine = made().data
    del mine["pages"][0]["fields"][0]
    data, changes = merged(mine, RENAMED)
    assert NAME not in fields_of(data) and NAME in of(changes, Kind.CONFLICT)


def test_own_questions_and_pages_stay_where_they_stood():
    mine = made().data
    own = {"name": "spitzname", "type": "text", "label": "Spitzname", "required": False}
    mine["pages"][0]["fields"].insert(1, own)
    mine["pages"].insert(1, {"key": "eigene", "title": "Eigene", "fields": [{**own, "name": "kosename"}]})
    data, changes = merged(mine, RENAMED)
    assert [item["name"] for item in data["pages"][0]["fields"]][1] == "spitzname"
    assert data["pages"][1]["key"] == "eigene" and {"spitzname", "eigene"} <= set(of(changes, Kind.KEPT))


def test_pages_the_author_arranged_stay_and_new_questions_follow_their_predecessor():
    before, after = drafted(*BEFORE).data, drafted(*BEFORE, part(field(3, "Drei"))).data
    mine = copy.deepcopy(before)
    last = mine["pages"][0]["fields"].pop()
    mine["pages"].append({"key": "zwei", "title": "Seite zwei", "fields": [last]})
    data, changes = merged(mine, after, before)
    assert [[item["label"] for item in page["fields"]] for page in data["pages"]] == [["Eins"], ["Zwei", "Drei"]]
    assert "pages" in of(changes, Kind.KEPT)


def test_texts_around_the_questions_stay():
    mine = made().data
    mine["privacy"]["purpose"] = "Wir prüfen Ihre Anmeldung."
    mine["title"] = "Hund anmelden in München"
    data, changes = merged(mine, RENAMED)
    assert data["title"] == "Hund anmelden in München" and data["privacy"] == mine["privacy"]
    assert {"title", "privacy"} <= set(of(changes, Kind.KEPT))


def test_what_is_settled_stays_settled_while_the_rule_says_the_same():
    mine = made().data
    for point in mine["open_points"]:
        point |= {"settled": "not_needed", "reason": "Geprüft."}
    data, _ = merged(copy.deepcopy(mine), RENAMED)
    assert all(point["settled"] == "not_needed" for point in data["open_points"])
    stricter = newer(rule=("mit Augenmaß".encode(), b"streng"))
    data, changes = merged(mine, stricter)
    points = {point["key"]: point for point in data["open_points"]}
    assert "settled" not in points["regel-r99000000009"] and "regel-r99000000009" in of(changes, Kind.CONFLICT)


def test_a_name_the_author_gave_stays():
    mine = made().data
    for page in mine["pages"]:
        for item in page["fields"]:
            if item["name"] == "familienname":
                item["name"] = "zuname"
    data, _ = merged(mine, RENAMED)
    assert fields_of(data)[NAME]["name"] == "zuname"
