"""The way through the permit: every page empty and wrong, order, resume, change, refusal, deletion."""

import re
from html import unescape

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from forms_engine.definitions.language import fields as f
from forms_engine.submissions import actions, queries
from forms_engine.submissions.forms import UploadField
from forms_engine.submissions.models import Draft
from forms_engine.submissions.states import DraftState
from tests.forms_engine.submissions.conftest import client_of
from tests.forms_engine.submissions.walk import NEW, WALKS, Walk, date, errors

WRONG = {
    f.TextField: "\u2603" * 300,
    f.TextareaField: "kurz",
    f.IntegerField: "viel",
    f.BooleanField: "auswahl: vielleicht",
    f.ChoiceField: "auswahl: gibt es nicht",
    f.EmailField: "keine Adresse",
    f.PlateField: "???",
}


def wrong_answers(item: f.Question) -> list[tuple[str, str]]:
    """What a browser or a meddling hand may send for a question; choices are marked "auswahl"."""
    if isinstance(item, f.RepeatingField):
        return [(f"{item.name}-rows", "1"), *[(f"{item.name}-0-{m.name}", WRONG[type(m)]) for m in item.members]]
    if isinstance(item, f.DateField):
        return [(f"{item.name}_0", "32"), (f"{item.name}_1", "Nebelung"), (f"{item.name}_2", "85")]
    return [(item.name, WRONG[type(item)])] if type(item) in WRONG else []


def title(response) -> str:
    return unescape(re.search(r"<title>(.*?)</title>", response.content.decode(), re.S)[1])


def ids(response) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', response.content.decode())


def targets(response) -> list[str]:
    summary = re.search(r'id="fehler".*?</ul>', response.content.decode(), re.S)
    return re.findall(r'href="#([^"]+)"', summary[0])


def expected_empty(walk: Walk, page: str) -> list[str]:
    """What the author wrote for each required question of the page, in order."""
    contents = queries.contents(walk.fresh())
    found = []
    for item in contents.definition.page(page).questions:
        if isinstance(item, f.RepeatingField):
            state = contents.evaluation.new_row[item.name]
            found += [str(m.messages.empty) for m in item.members if m.name in state.required]
        elif item.name in contents.evaluation.required:
            found.append(str(item.messages.empty))
    return found


@pytest.mark.sample(4)
@pytest.mark.parametrize("name", WALKS)
def test_the_whole_way_ends_at_the_check_page(walk, name):
    assert walk.through(pages=WALKS[name]) == f"/antrag/{walk.draft.public_id}/pruefen/"
    assert queries.incomplete_page(walk.fresh()) is None


@pytest.mark.parametrize("name", WALKS)
@pytest.mark.slow
def test_each_page_left_empty_says_what_to_do_at_the_field_and_in_the_summary(walk, name):
    for page, good in WALKS[name].items():
        expected = expected_empty(walk, page)
        if expected:  # else nothing on this page is needed
            response = walk.post(page, {})
            html = response.content.decode()
            assert (response.status_code, title(response)[:8]) == (200, "Fehler: "), page
            assert [unescape(text) for text in errors(response)] == expected
            assert set(targets(response)) <= set(ids(response)), page
            assert html.count('class="kern-error"') == len(expected), page
            assert page not in walk.fresh().page_versions
        walk.post(page, good)


@pytest.mark.parametrize("name", WALKS)
@pytest.mark.slow
def test_each_page_filled_in_wrongly_keeps_what_was_typed(walk, name):
    for page, good in WALKS[name].items():
        form = queries.contents(walk.fresh()).form(page)
        posted = dict(entry for item in form.page.questions for entry in wrong_answers(item))
        response = walk.post(page, posted)
        assert response.status_code == 200, page
        if any(not isinstance(field, UploadField) and not field.widget.is_hidden for field in form.fields.values()):
            assert title(response).startswith("Fehler: ")
            assert set(targets(response)) <= set(ids(response)), page
        html = unescape(response.content.decode())
        assert [v for n, v in posted.items() if not v.startswith("auswahl") and v not in html] == [], page
        assert page not in walk.fresh().page_versions
        walk.post(page, good)


@pytest.mark.slow
def test_saved_pages_show_their_answers_again(walk):
    walk.fill()
    chosen = {"anliegen", "stellplatz", "adresse", "fahrzeuge", "laufzeit", "erklaerung"}
    for page, posted in NEW.items():
        html = unescape(walk.get(page).content.decode())
        texts = [v for n, v in posted.items() if isinstance(v, str) and v not in ("on", "haupt", "eigen", "12")]
        assert page in ("anliegen", "gebiet", "stellplatz") or [v for v in texts if f'value="{v}"' not in html] == []
        assert (" checked" in html, " selected" in html) == (page in chosen, page == "gebiet"), page


def test_the_page_tells_step_next_step_and_session_limit(walk):
    walk.fill("gebiet")
    html = walk.get("gebiet").content.decode()
    assert "Schritt 2 von 10" in html
    assert "Nächster Schritt: Haben Sie einen privaten Stellplatz?" in html
    assert "Nach 60 Minuten ohne Aktion" in html
    assert title(walk.get("gebiet")).startswith("In welchem Parklizenzgebiet wohnen Sie? – Schritt 2 von 10 – ")
    assert html.index('class="p-wrap p-back"') < html.index("<main")


def test_the_account_fills_in_what_it_knows_once(walk):
    walk.fill("person")
    assert 'value="Alice"' in walk.get("person").content.decode()
    walk.post("person", {**NEW["person"], "vorname": "Alicia"})
    assert 'value="Alicia"' in walk.get("person").content.decode()


def test_jumping_ahead_leads_to_the_first_page_that_is_missing(walk):
    walk.fill("stellplatz")
    for page in ("person", "erklaerung", "verlust"):
        assert walk.get(page)["Location"] == walk.url("stellplatz")


def test_a_page_posted_ahead_is_kept_and_the_missing_one_comes_first(walk):
    assert walk.post("kontakt", NEW["kontakt"])["Location"] == walk.url("erklaerung")
    assert walk.get("erklaerung")["Location"] == walk.url("anliegen")
    assert "kontakt" in walk.fresh().page_versions


@pytest.mark.parametrize("page", ["gibt-es-nicht", "loeschen2", "datei"])
def test_an_unknown_page_is_not_found(walk, page):
    assert walk.get(page).status_code == 404


def test_going_on_another_day_starts_where_something_is_missing(walk):
    walk.fill("fahrzeuge")
    start = walk.client.get(reverse("submissions:start", args=["bewohnerparkausweis"])).content.decode()
    assert "Entwurf fortsetzen" in start
    resume = walk.client.get(reverse("submissions:draft", args=[walk.draft.public_id]))
    assert resume["Location"] == walk.url("fahrzeuge")


def test_save_for_later_keeps_half_a_page(walk):
    walk.fill("person")
    response = walk.post("person", {"vorname": "Ali", "nachname": ""}, aktion="spaeter")
    assert response["Location"] == "/konto/uebersicht/"
    again = walk.get("person")
    assert 'value="Ali"' in again.content.decode()
    assert "Ihre Eingaben sind noch da" in again.content.decode()
    assert not title(again).startswith("Fehler")
    assert queries.incomplete_page(walk.fresh()) == "person"
    walk.post("person", NEW["person"])
    assert "Ihre Eingaben sind noch da" not in walk.get("person").content.decode()


def test_save_for_later_with_a_whole_page_saves_it(walk):
    walk.post("anliegen", NEW["anliegen"], aktion="spaeter")
    assert queries.incomplete_page(walk.fresh()) == "gebiet"


def test_a_change_from_the_check_page_leads_back_to_it(walk):
    walk.fill()
    response = walk.post("kontakt", {"email": "neu@example.org"}, query="?zurueck=pruefen")
    assert response["Location"] == f"/antrag/{walk.draft.public_id}/pruefen/"


def test_a_change_that_asks_something_new_leads_there_first(walk):
    walk.fill()
    response = walk.post("stellplatz", {"stellplatz": "ja"}, query="?zurueck=pruefen")
    assert response["Location"] == walk.url("umbau")


def test_the_way_back_keeps_the_answers_of_the_other_way(walk):
    walk.fill()
    walk.post("anliegen", {"anliegen": "verlust"})
    assert "verlust" in queries.contents(walk.fresh()).evaluation.pages
    walk.post("anliegen", NEW["anliegen"])
    assert queries.incomplete_page(walk.fresh()) is None


def test_who_cannot_get_a_permit_sees_why_and_keeps_the_draft(walk):
    walk.fill("stellplatz")
    walk.post("stellplatz", {"stellplatz": "ja"})
    place = walk.post("umbau", {"stellplatz_umbau": "nein"})["Location"]
    assert place == walk.url("eigener-stellplatz")
    page = walk.client.get(place).content.decode()
    assert "Was Sie jetzt tun können" in page
    assert walk.url("umbau") in page
    assert walk.get("person")["Location"] == place
    walk.post("stellplatz", NEW["stellplatz"])
    assert walk.client.get(place)["Location"] == walk.url("person")


def test_rows_are_added_and_removed_without_losing_what_was_typed(walk):
    walk.fill("fahrzeuge")
    half = {"fahrzeuge-rows": "1", "fahrzeuge-0-kennzeichen": "M-AB 1"}
    assert walk.post("fahrzeuge", {**half, "_add_fahrzeuge": "1"}).status_code == 302
    html = walk.get("fahrzeuge").content.decode()
    assert 'value="M-AB 1"' in html
    assert 'name="fahrzeuge-1-kennzeichen"' in html
    assert errors(walk.get("fahrzeuge")) == []
    two = {"fahrzeuge-rows": "2", "fahrzeuge-0-kennzeichen": "M-AB 1", "fahrzeuge-1-kennzeichen": "M-CD 2"}
    walk.post("fahrzeuge", {**two, "_remove_fahrzeuge_0": "1"})
    html = walk.get("fahrzeuge").content.decode()
    assert 'name="fahrzeuge-0-kennzeichen" value="M-CD 2"' in html
    assert 'name="fahrzeuge-1-kennzeichen"' not in html


def test_return_in_a_text_field_means_save_and_go_on(walk):
    walk.fill("fahrzeuge")
    # The first button of the form in the document, wherever it stands: the one that Return presses.
    first = re.search(r'<button[^>]*form="antrag"[^>]*>', walk.get("fahrzeuge").content.decode())
    assert 'name="aktion" value="weiter"' in first[0]


def test_only_the_owner_sees_anything(walk, bob, permit):
    walk.fill("gebiet")
    strange = client_of(bob)
    for name, args in [("draft", []), ("delete", []), ("page", ["anliegen"])]:
        url = reverse(f"submissions:{name}", args=[walk.draft.public_id, *args])
        assert strange.get(url).status_code == 404, name
        assert strange.post(url, NEW["anliegen"]).status_code in (404, 405), name
    assert walk.fresh().state == DraftState.OPEN
    assert walk.fresh().version == 1


def test_strangers_are_asked_to_sign_in_and_come_back(walk):
    response = Client().get(walk.url("anliegen") + "?zurueck=pruefen")
    assert response.status_code == 302
    assert response["Location"].endswith(f"?next={walk.url('anliegen')}%3Fzurueck%3Dpruefen")


def test_a_draft_is_deleted_only_after_asking(walk):
    walk.fill("adresse")
    url = reverse("submissions:delete", args=[walk.draft.public_id])
    assert "nicht rückgängig" in walk.client.get(url).content.decode()
    assert walk.fresh().state == DraftState.OPEN
    assert walk.client.post(url)["Location"] == "/konto/uebersicht/"
    assert (walk.fresh().state, walk.fresh().wrapped_key, bytes(walk.fresh().sealed)) == ("discarded", None, b"")
    again = walk.client.get(reverse("submissions:draft", args=[walk.draft.public_id]))
    assert again.status_code == 410
    assert walk.client.post(url)["Location"] == again.wsgi_request.path


def test_a_sent_draft_says_so_and_takes_nothing(walk, alice):
    walk.fill()
    window = walk.window("kontakt")
    with transaction.atomic():
        actions.freeze(walk.draft, by=alice)
    response = walk.post("kontakt", {"email": "spaet@example.org"}, window=window)
    page = walk.client.get(response["Location"])
    assert "schon abgesendet" in page.content.decode()


def test_starting_twice_is_one_draft(alice, permit):
    client, url = client_of(alice), reverse("submissions:start", args=["bewohnerparkausweis"])
    places = {client.post(url)["Location"] for _ in range(2)}
    assert len(places) == 1
    assert Draft.objects.count() == 1


def test_the_start_page_tells_strangers_everything_and_asks_to_sign_in(permit, db):
    response = Client().get(reverse("submissions:start", args=["bewohnerparkausweis"]))
    html = response.content.decode()
    for part in (
        "30 Euro für 12 Monate",
        "etwa 10 Minuten",
        "Zulassungsbescheinigung",
        "zwei Wochen",
        "DSGVO",
        "Warum",
    ):
        assert part in html
    assert "Anmelden und beantragen" in html
    assert Client().post(response.wsgi_request.path)["Location"].startswith("/konto/login/?next=/antrag/")
    assert Draft.objects.count() == 0


def test_an_unknown_form_is_not_found(db):
    assert Client().get("/antrag/gibt-es-nicht/").status_code == 404


def test_pages_are_never_cached(walk):
    assert "no-store" in walk.get("anliegen")["Cache-Control"]


def test_a_birthday_of_tomorrow_and_a_broken_date_have_their_own_sentences(walk):
    walk.fill("person")
    tomorrow = errors(walk.post("person", {**NEW["person"], **date("geburtsdatum", 21, 11, 2026)}))
    broken = errors(walk.post("person", {**NEW["person"], **date("geburtsdatum", 31, 2, 1985)}))
    half = errors(walk.post("person", {**NEW["person"], "geburtsdatum_1": ""}))
    assert len({*tomorrow, *broken, *half}) == 3
