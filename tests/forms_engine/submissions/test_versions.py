"""Running drafts when a form gets a new version or is under maintenance."""

import datetime as dt

import pytest
from django.urls import reverse

from forms_engine.definitions import actions as definitions
from forms_engine.submissions import actions, queries
from portal.common import clock
from tests.forms_engine.definitions.conftest import SMALL
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.conftest import client_of
from tests.forms_engine.submissions.walk import Walk, file

NOTE = "- {name: notiz, type: text, label: Notiz, required: false}"
GONE = SMALL.replace("\n      " + NOTE, "\n      - {name: eile, type: boolean, label: Eile, required: false}")
DAY = {"tag_0": "1", "tag_1": "12", "tag_2": "2026"}
CAR = {"fahrzeuge-rows": "1", "fahrzeuge-0-kennzeichen": "M-A 1", "fahrzeuge-0-laenge": "700"}


@pytest.fixture
def walk(alice, db) -> Walk:
    version = definitions.publish("klein", SMALL, by=None)
    walk = Walk(client_of(alice), actions.start_draft(alice, version))
    walk.post("anfang", {"wahl": "b"})
    walk.post("mehr", {**DAY, "notiz": "Eilt"})
    walk.post("wagen", CAR)
    return walk


def resume(walk: Walk, query: str = ""):
    return walk.client.get(reverse("submissions:draft", args=[walk.draft.public_id]) + query)


def move(walk: Walk):
    return walk.client.post(reverse("submissions:move", args=[walk.draft.public_id]))


def test_a_draft_ends_well_on_the_version_it_began_with(walk, alice):
    definitions.publish("klein", GONE, by=None)
    walk.post("belege", {"beleg": [file()]})
    submission = actions.freeze(walk.fresh(), by=alice)
    assert submission.form_version.number == 1 and queries.answers(submission)["notiz"] == "Eilt"


def test_a_newer_version_is_offered_with_what_is_new(walk):
    assert resume(walk).status_code == 302
    definitions.publish("klein", GONE, by=None)
    html = resume(walk).content.decode()
    assert "„Eile“: Die Frage ist neu." in html and "„Notiz“: Entfällt." in html
    assert resume(walk, "?fassung=2").status_code == 302


def test_moving_keeps_what_the_new_version_still_asks(walk):
    definitions.publish("klein", GONE, by=None)
    assert move(walk).status_code == 302
    held = queries.contents(walk.fresh())
    assert held.number == 2 and set(held.answers) == {"wahl", "tag", "fahrzeuge"}
    assert queries.incomplete_page(walk.fresh()) == "belege"
    assert move(walk).status_code == 302 and walk.fresh().form_version.number == 2


def test_an_answer_that_the_new_version_does_not_take_is_asked_again(walk):
    definitions.publish("klein", SMALL.replace("maximum: 2000", "maximum: 500"), by=None)
    move(walk)
    assert queries.incomplete_page(walk.fresh()) == "wagen"


def test_files_of_questions_that_are_gone_are_deleted(walk):
    walk.post("belege", {"beleg": [file(data=samples.pdf())], "aktion": "hochladen"})
    assert walk.draft.uploads.present().count() == 1
    definitions.publish("klein", SMALL.replace("name: beleg,", "name: nachweis,"), by=None)
    move(walk)
    assert walk.draft.uploads.present().count() == 0


def test_nobody_moves_the_draft_of_somebody_else(walk, bob):
    definitions.publish("klein", GONE, by=None)
    other = client_of(bob).post(reverse("submissions:move", args=[walk.draft.public_id]))
    assert other.status_code == 404 and walk.fresh().form_version.number == 1


def test_there_is_nothing_to_move_to_when_the_form_is_withdrawn(walk, theo):
    newer = definitions.publish("klein", GONE, by=None)
    definitions.withdraw(newer, by=theo, note="")
    assert resume(walk).status_code == 302
    move(walk)
    assert walk.fresh().form_version.number == 1


@pytest.fixture
def paused(walk, theo):
    ends = clock.now() + dt.timedelta(hours=2)
    form = walk.draft.form_version.form
    return definitions.pause(form, starts_at=clock.now(), ends_at=ends, reason="Wir ziehen um.", by=theo)


def test_during_maintenance_nothing_begins(paused, bob):
    client = client_of(bob)
    start = reverse("submissions:start", args=["klein"])
    assert "Wir ziehen um." in client.get(start).content.decode()
    assert client.post(start).status_code == 200 and not queries.open_drafts(bob).exists()


def test_during_maintenance_what_was_typed_is_kept(walk, paused):
    response = walk.client.post(walk.url("mehr"), {**DAY, "notiz": "Noch schnell"})
    assert response.status_code == 503 and "Ihre Angaben sind gespeichert." in response.content.decode()
    with clock.frozen(paused.ends_at):
        html = walk.get("mehr").content.decode()
    assert 'value="Noch schnell"' in html and "Ihre Eingaben sind noch da." in html


def test_during_maintenance_drafts_wait(walk, paused):
    assert resume(walk).status_code == 503
    with clock.frozen(paused.ends_at):
        assert resume(walk).status_code == 302
