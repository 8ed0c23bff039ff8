"""Pages that ask more as one answers, and files that belong to a row of a list."""

import re

import pytest

from forms_engine.definitions import actions as definitions
from forms_engine.submissions import actions, queries
from tests.forms_engine.definitions.conftest import SMALL
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.conftest import client_of
from tests.forms_engine.submissions.walk import Walk, errors, file

NOTE = "- {name: notiz, type: text, label: Notiz, required: false}"
WHY = (
    "- {name: grund, type: text, label: Grund, visible: \"notiz == 'x'\", messages: {empty: Geben Sie den Grund ein.}}"
)
PAPER = """          - {name: schein, type: file, label: Schein, required: "row.laenge > 600",
             media_types: [application/pdf], max_bytes: 1000000, max_files: 2,
             messages: {empty: Wählen Sie den Schein aus.}}
"""
BEFORE = "  - key: belege"
DAY = {"tag_0": "1", "tag_1": "12", "tag_2": "2026"}


@pytest.fixture
def walk(alice, db) -> Walk:
    source = SMALL.replace(NOTE, f"{NOTE}\n      {WHY}").replace(BEFORE, PAPER + BEFORE)
    source = source.replace("visible: fahrzeuge.exists(f, f.laenge > 600)", "visible: notiz == 'zz'")
    walk = Walk(client_of(alice), actions.start_draft(alice, definitions.publish("klein", source, by=None)))
    walk.post("anfang", {"wahl": "b"})
    return walk


def asked(html: str) -> str:
    return re.search(r'name="gefragt" value="([^"]*)"', html)[1]


def test_without_a_script_a_new_question_is_shown_before_it_is_judged(walk):
    seen = asked(walk.get("mehr").content.decode())
    response = walk.post("mehr", {**DAY, "notiz": "x", "gefragt": seen})
    html = response.content.decode()
    assert "Eine Frage ist dazugekommen." in html and errors(response) == []
    assert 'name="grund"' in html and 'name="notiz" value="x"' in html


def test_the_new_question_once_seen_is_judged_and_saved(walk):
    data = {**DAY, "notiz": "x", "gefragt": "tag notiz grund"}
    assert errors(walk.post("mehr", {**data, "grund": ""})) == ["Geben Sie den Grund ein."]
    assert walk.post("mehr", {**data, "grund": "Weil"}).status_code == 302
    assert queries.contents(walk.fresh()).answers["grund"] == "Weil"


def test_a_question_that_went_away_takes_its_answer_along(walk):
    walk.post("mehr", {**DAY, "notiz": "x", "grund": "Weil", "gefragt": "tag notiz grund"})
    assert walk.post("mehr", {**DAY, "notiz": "y", "grund": "Weil", "gefragt": "tag notiz grund"}).status_code == 302
    assert "grund" not in queries.contents(walk.fresh()).evaluation.values


def test_the_fragment_shows_what_is_asked_now_and_saves_nothing(walk):
    before = walk.fresh().version
    response = walk.post("mehr", {"notiz": "x", "aktion": "anpassen"})
    html = response.content.decode()
    assert 'data-part="grund"' in html and "<html" not in html and "Fehler" not in html
    assert walk.fresh().version == before


def cars(*ids: str, rows: int = 2) -> dict:
    data: dict = {"fahrzeuge-rows": str(rows)}
    for number in range(rows):
        data |= {f"fahrzeuge-{number}-kennzeichen": f"M-A {number + 1}", f"fahrzeuge-{number}-laenge": "700"}
    return data | {f"fahrzeuge-{number}-schein": [key] for number, key in enumerate(ids) if key}


def upload(walk: Walk, row: int, data: bytes, name: str = "schein.pdf", **more) -> list[str]:
    """Uploads a file into a row; returns the ids of all present files, oldest first."""
    given = {**cars(**more), f"fahrzeuge-{row}-schein": [file(name, data)], "aktion": "hochladen"}
    assert walk.post("wagen", given).status_code == 302
    return [str(held.public_id) for held in queries.present_uploads(walk.fresh()).get("schein", ())]


@pytest.fixture
def at_cars(walk) -> Walk:
    walk.post("mehr", {**DAY, "notiz": "", "gefragt": "tag notiz"})
    return walk


def test_each_row_keeps_its_own_files(at_cars):
    (first,) = upload(at_cars, 0, samples.pdf(note="eins"))
    assert f'name="fahrzeuge-0-schein" value="{first}"' in at_cars.get("wagen").content.decode()
    second = at_cars.post("wagen", {**cars(first), "fahrzeuge-1-schein": [file("b.pdf", samples.pdf(note="zwei"))]})
    assert second.status_code == 302
    rows = queries.contents(at_cars.fresh()).evaluation.values["fahrzeuge"]
    assert rows[0]["schein"] == [first] and rows[1]["schein"] != [first]


def test_a_file_that_a_row_needs_is_asked_for_in_that_row(at_cars):
    response = at_cars.post("wagen", cars())
    assert errors(response) == ["Fahrzeug 1: Wählen Sie den Schein aus.", "Fahrzeug 2: Wählen Sie den Schein aus."]


def test_a_row_that_is_removed_leaves_the_files_of_the_others(at_cars):
    (first,) = upload(at_cars, 0, samples.pdf(note="eins"))
    at_cars.post("wagen", {**cars("", first), "_remove_fahrzeuge_0": "1"})
    html = at_cars.get("wagen").content.decode()
    assert f'name="fahrzeuge-0-schein" value="{first}"' in html and 'value="M-A 2"' in html


def test_removing_a_file_from_one_of_two_rows_keeps_it_in_the_other(at_cars):
    (first,) = upload(at_cars, 0, samples.pdf(note="eins"))
    at_cars.post("wagen", {**cars(first, first), "entfernen": f"{first}@fahrzeuge-0-schein"})
    assert at_cars.draft.uploads.present().count() == 1
    at_cars.post("wagen", {**cars("", first), "entfernen": f"{first}@fahrzeuge-1-schein"})
    assert at_cars.draft.uploads.present().count() == 0


def test_a_file_of_somebody_else_is_nobodys_file_here(at_cars, bob):
    other = Walk(client_of(bob), actions.start_draft(bob, at_cars.draft.form_version))
    other.post("anfang", {"wahl": "a"})
    (foreign,) = upload(other, 0, samples.pdf(note="fremd"), rows=1)
    assert errors(at_cars.post("wagen", cars(foreign, rows=1))) == ["Wählen Sie den Schein aus."]
    assert foreign not in str(queries.contents(at_cars.fresh()).answers)


def test_more_files_than_a_row_may_have_are_refused_with_a_sentence(at_cars):
    files = [file(f"{n}.pdf", samples.pdf(note=str(n))) for n in range(3)]
    response = at_cars.post("wagen", {**cars(rows=1), "fahrzeuge-0-schein": files, "aktion": "hochladen"})
    assert any("höchstens 2 Dateien" in sentence for sentence in errors(response))
    assert at_cars.draft.uploads.present().count() == 2


def test_what_is_sent_holds_only_files_that_a_row_still_names(at_cars, alice):
    (first,) = upload(at_cars, 0, samples.pdf(note="eins"), rows=1)
    _, second = upload(at_cars, 0, samples.pdf(note="zwei"), rows=1)
    assert at_cars.post("wagen", cars(second, rows=1)).status_code == 302
    submission = actions.freeze(at_cars.fresh(), by=alice)
    assert [str(held.upload.public_id) for held in queries.files(submission)] == [second]
    assert at_cars.draft.uploads.present().count() == 1 and first not in str(queries.answers(submission))
    assert any(row.value_text == "schein.pdf" for part in queries.sections(submission) for row in part.rows)
