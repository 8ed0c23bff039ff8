"""Two windows, double clicks, the back button: nothing lost, nothing twice."""

import io
from html import unescape

import pytest

from forms_engine.submissions import actions, queries
from portal.documents import filetypes
from tests.forms_engine.submissions.walk import NEW, Walk, errors, hidden


def email(walk: Walk) -> str | None:
    return queries.contents(walk.fresh()).answers.get("email")


@pytest.fixture
def at_contact(walk):
    walk.fill("kontakt")
    return walk


def test_another_window_on_the_same_page_is_shown_with_both_values(at_contact):
    first, second = at_contact.window("kontakt"), at_contact.window("kontakt")
    at_contact.post("kontakt", {"email": "erst@example.org"}, window=first)
    response = at_contact.post("kontakt", {"email": "zweit@example.org"}, window=second)
    html = unescape(response.content.decode())
    assert response.status_code == 200
    assert "In einem anderen Fenster gespeichert:</dt><dd>erst@example.org" in html
    assert "Hier eingegeben:</dt><dd>zweit@example.org" in html
    assert "<title>Fehler: " in html
    assert email(at_contact) == "erst@example.org"


def test_the_person_can_save_the_own_values_on_purpose(at_contact):
    first, second = at_contact.window("kontakt"), at_contact.window("kontakt")
    at_contact.post("kontakt", {"email": "erst@example.org"}, window=first)
    warned = at_contact.post("kontakt", {"email": "zweit@example.org"}, window=second)
    again = hidden(warned.content.decode())
    assert at_contact.post("kontakt", {"email": "zweit@example.org"}, window=again).status_code == 302
    assert email(at_contact) == "zweit@example.org"


def test_a_third_change_is_noticed_even_after_a_warning(at_contact):
    first, second = at_contact.window("kontakt"), at_contact.window("kontakt")
    at_contact.post("kontakt", {"email": "erst@example.org"}, window=first)
    warned = hidden(at_contact.post("kontakt", {"email": "zweit@example.org"}, window=second).content.decode())
    at_contact.post("kontakt", {"email": "dritt@example.org"})
    response = at_contact.post("kontakt", {"email": "zweit@example.org"}, window=warned)
    assert "dritt@example.org" in response.content.decode()
    assert email(at_contact) == "dritt@example.org"


def test_an_error_on_the_page_does_not_hide_the_other_window(at_contact):
    first, second = at_contact.window("kontakt"), at_contact.window("kontakt")
    at_contact.post("kontakt", {"email": "erst@example.org"}, window=first)
    wrong = hidden(at_contact.post("kontakt", {"email": "falsch"}, window=second).content.decode())
    response = at_contact.post("kontakt", {"email": "zweit@example.org"}, window=wrong)
    assert "Hier eingegeben" in response.content.decode()


def test_changes_on_other_pages_merge_silently(at_contact):
    here = at_contact.window("kontakt")
    at_contact.post("laufzeit", {**NEW["laufzeit"], "laufzeit": "24"})
    assert at_contact.post("kontakt", NEW["kontakt"], window=here).status_code == 302
    held = queries.contents(at_contact.fresh()).answers
    assert (held["laufzeit"], held["email"]) == ("24", "alice@example.org")


def test_the_same_values_from_another_window_are_no_conflict(at_contact):
    first, second = at_contact.window("kontakt"), at_contact.window("kontakt")
    places = [at_contact.post("kontakt", NEW["kontakt"], window=one)["Location"] for one in (first, second)]
    assert places[0] == places[1]


def test_a_double_click_changes_nothing_twice(at_contact):
    window = at_contact.window("kontakt")
    before = at_contact.fresh().version
    places = [at_contact.post("kontakt", NEW["kontakt"], window=window)["Location"] for _ in range(2)]
    assert places[0] == places[1]
    assert at_contact.fresh().version == before + 1


def test_the_back_button_lets_the_same_window_change_its_mind(at_contact):
    window = at_contact.window("kontakt")  # the browser shows the page as it was, hidden values included
    at_contact.post("kontakt", {"email": "erst@example.org"}, window=window)
    assert at_contact.post("kontakt", {"email": "besser@example.org"}, window=window).status_code == 302
    assert email(at_contact) == "besser@example.org"


@pytest.mark.sample(5)
@pytest.mark.parametrize("stand", ["", "x", "-1", "99999999999", "²"])
def test_a_meddled_count_overwrites_nothing_unseen(at_contact, stand):
    at_contact.post("kontakt", {"email": "erst@example.org"})
    at_contact.post("kontakt", {"email": "zweit@example.org"}, window={"stand": stand, "fenster": "x" * 99})
    assert email(at_contact) == "erst@example.org"


def test_a_row_of_a_group_is_compared_in_words(at_contact):
    first, second = at_contact.window("fahrzeuge"), at_contact.window("fahrzeuge")
    at_contact.post("fahrzeuge", {**NEW["fahrzeuge"], "fahrzeuge-0-laenge_cm": "500"}, window=first)
    data = {**NEW["fahrzeuge"], "fahrzeuge-0-laenge_cm": "501", "fahrzeuge-0-halterschaft": "carsharing"}
    html = unescape(at_contact.post("fahrzeuge", data, window=second).content.decode())
    assert "Fahrzeug 1: Länge" in html
    assert "500 cm" in html
    assert "Es gehört einer Carsharing-Organisation" in html


def test_a_page_that_is_no_longer_asked_is_left_with_a_sentence(at_contact):
    window = at_contact.window("laufzeit")
    at_contact.post("anliegen", {"anliegen": "verlust"})
    response = at_contact.post("laufzeit", NEW["laufzeit"], window=window)
    assert response["Location"].endswith(f"/{at_contact.draft.public_id}/")
    shown = at_contact.client.get(response["Location"], follow=True).content.decode()
    assert "Diese Seite entfällt" in shown


def test_what_another_window_deleted_stays_deleted(at_contact):
    window = at_contact.window("kontakt")
    actions.discard(at_contact.draft, by="test")
    response = at_contact.post("kontakt", NEW["kontakt"], window=window)
    assert at_contact.client.get(response["Location"]).status_code == 410
    assert errors(response) == []


@pytest.mark.parametrize("meanwhile", ["typed", "file", "page"])
def test_what_came_in_since_the_draft_was_read_is_kept(walk, meanwhile):
    """Saving changes the row as it was read; touched by somebody else, it is read again under a lock."""
    read = walk.fresh()
    if meanwhile == "typed":  # counts no version up
        actions.save_unsaved(walk.fresh(), "gebiet", {"lizenzgebiet": ["isartor"]}, notice=True)
    elif meanwhile == "file":
        actions.add_upload(walk.fresh(), "zulassung", "a.pdf", io.BytesIO(b"%PDF-"), media_type=filetypes.PDF, limit=6)
    else:
        actions.save_page(walk.fresh(), "gebiet", {"lizenzgebiet": "isartor"}, expected_version=read.version)
    before = walk.fresh()
    actions.save_page(read, "anliegen", {"anliegen": "neu"}, expected_version=read.version)
    after = walk.fresh()
    assert after.version == before.version + 1
    assert after.open_sealed()["answers"].items() >= {**before.open_sealed()["answers"], "anliegen": "neu"}.items()
    assert after.open_sealed()["unsaved"] == before.open_sealed()["unsaved"]
    assert after.page_versions.keys() == before.page_versions.keys() | {"anliegen"}
