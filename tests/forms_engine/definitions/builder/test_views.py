"""What the builder's buttons do to the stored draft, for whom, and what becomes of two people at once."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from forms_engine.definitions import actions, schema
from forms_engine.definitions.builder import operations as ops
from forms_engine.definitions.models import Form, FormVersion, ReplayCase
from forms_engine.submissions.models import Draft
from portal.accounts.models import Role, RoleAssignment
from portal.audit.models import AuditEntry
from portal.directory.teams.models import Team, TeamForm, TeamMember
from tests.forms_engine.definitions.builder.conftest import BASE, now, send
from tests.forms_engine.definitions.conftest import SMALL

pytestmark = pytest.mark.django_db
NEW_FORM = {
    "title": "Verlust des Ausweises",
    "department": "Bürgerbüro",
    "legal_basis": "§ 27 PAuswG",
    "intro": "Melden Sie hier den Verlust.",
    "purpose": "Wir brauchen Ihre Angaben für die Fahndung.",
    "retention": "Wir löschen sie nach fünf Jahren.",
}
QUESTION = {"kind": "text", "label": "Farbe", "empty": "Geben Sie die Farbe ein.", "needed": "on"}


def names(key: str) -> list[str]:
    return [item.name for item in now().definition.page(key).fields]


@pytest.fixture
def theos(theo, draft) -> Client:
    """A colleague in the same team."""
    TeamMember.objects.get_or_create(team=Team.objects.get(), user=theo)
    client = Client()
    client.force_login(theo)
    return client


# --- who --------------------------------------------------------------------------------------------------------------


def test_a_form_of_another_team_is_not_there(desk):
    TeamForm.objects.filter(slug="klein").delete()
    for path in ("", "bauen/", "vorschau/", "vorschau/seite/anfang/", "testfaelle/", "fassung/1.yaml"):
        assert desk.get(f"{BASE}/{path}").status_code == 404
    assert desk.post(f"{BASE}/bauen/", {"tun": "hoch:notiz"}).status_code == 404
    assert "Kleines Formular" not in desk.get("/verwaltung/formulare/").text


def test_editors_have_every_form_operators_none(client, draft, otto, edda):
    client.force_login(edda)
    assert client.get(f"{BASE}/bauen/").status_code == 200
    client.force_login(otto)
    assert client.get(f"{BASE}/bauen/").status_code == 404


def test_a_new_form_belongs_to_the_team_of_its_author(desk, clara):
    team = Team.objects.get()
    response = desk.post("/verwaltung/formulare/neu/", {**NEW_FORM, "team": team.pk}, follow=True)
    assert response.status_code == 200 and "Wer sind Sie?" in response.text
    version = FormVersion.objects.get(form__slug="verlust-des-ausweises")
    assert (version.author, version.state) == (clara, "draft")
    assert TeamForm.objects.filter(team=team, slug="verlust-des-ausweises").count() == 1
    assert AuditEntry.objects.filter(action="team.form_added").exists()


def test_a_name_for_which_another_team_waits_is_not_taken(desk, draft):
    here = Team.objects.get()
    other = Team.objects.create(name="Andere", office=here.office)
    TeamForm.objects.create(team=other, slug="verlust-des-ausweises")
    said = desk.post("/verwaltung/formulare/neu/", {**NEW_FORM, "team": here.pk}).text
    assert "ist schon vergeben" in said and not Form.objects.filter(slug="verlust-des-ausweises").exists()


def test_a_form_comes_from_a_file_or_says_why_not(desk, draft):
    team = Team.objects.get()
    text = SMALL.replace("form: klein", "form: gross")
    wrong = SimpleUploadedFile("a.yaml", text.replace("title: Mehr", "titel: Mehr").encode())
    said = desk.post("/verwaltung/formulare/einlesen/", {"team": team.pk, "file": wrong}).text
    assert "pages[1].titel: Diesen Schlüssel gibt es hier nicht." in said
    assert not Form.objects.filter(slug="gross").exists()
    right = SimpleUploadedFile("a.yaml", text.encode())
    assert desk.post("/verwaltung/formulare/einlesen/", {"team": team.pk, "file": right}).status_code == 302
    assert FormVersion.objects.get(form__slug="gross").source == text


# --- building ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_question_is_added_moved_copied_and_deleted(desk):
    assert "Farbe" in send(desk, "bauen/neu/mehr/", **QUESTION).text
    assert names("mehr") == ["tag", "notiz", "farbe"]
    send(desk, "bauen/", tun="hoch:farbe")
    assert names("mehr") == ["tag", "farbe", "notiz"]
    send(desk, "bauen/", tun="kopieren:farbe")
    assert names("mehr") == ["tag", "farbe", "farbe_2", "notiz"]
    send(desk, "bauen/frage/farbe/", nach="anfang")
    assert names("anfang") == ["wahl", "farbe"]
    send(desk, "bauen/", tun="ziehen:farbe_2:anfang:0")
    assert names("anfang") == ["farbe_2", "wahl", "farbe"]
    send(desk, "bauen/loeschen/?frage=farbe_2")
    assert names("anfang") == ["wahl", "farbe"]


@pytest.mark.slow
def test_a_page_is_added_moved_copied_and_deleted(desk):
    def keys():
        return [page.key for page in now().definition.pages]

    send(desk, "bauen/neue-seite/?nach=anfang", title="Welche Farbe?", **QUESTION)
    assert keys() == ["anfang", "welche-farbe", "mehr", "wagen", "belege"]
    send(desk, "bauen/", tun="seite-runter:welche-farbe")
    send(desk, "bauen/", tun="seite-kopieren:mehr")
    assert keys() == ["anfang", "mehr", "mehr-2", "welche-farbe", "wagen", "belege"]
    send(desk, "bauen/loeschen/?seite=mehr-2")
    assert keys() == ["anfang", "mehr", "welche-farbe", "wagen", "belege"]


def test_a_question_is_changed_by_its_kind(desk):
    page = desk.get(f"{BASE}/bauen/frage/notiz/").text
    assert "Text, eine Zeile" in page and "Höchstens Zeichen" in page
    data = {"label": "Bemerkung", "name": "notiz", "required": "nie", "max_length": "80", "width": "40"}
    assert "ist gespeichert" in send(desk, "bauen/frage/notiz/", **data).text
    item = now().definition.field("notiz")
    assert (str(item.label), item.max_length, item.width) == ("Bemerkung", 80, 40)


def test_what_is_wrong_is_told_at_its_field_and_nothing_is_stored(desk):
    before = now().sha256
    data = {"label": "Notiz", "name": "notiz", "required": "nie", "visible": "gibt_es_nicht == 1"}
    page = send(desk, "bauen/frage/notiz/", **data)
    assert "Den Namen „gibt_es_nicht“ gibt es in diesem Formular nicht." in page.text
    assert 'id="id_visible_error"' in page.text and now().sha256 == before


def test_further_rows_are_asked_for_without_saving(desk):
    before = now().sha256
    fields = {"label": "Wahl", "name": "wahl", "required": "immer", "messages-empty": "Wählen Sie etwas aus."}
    rows = {"choices-zahl": "4", "choices-0-label": "A", "choices-1-label": "Getippt"}
    page = send(desk, "bauen/frage/wahl/", **fields, **rows, mehr="choices").text
    assert 'name="choices-8-label"' in page and 'value="Getippt"' in page and now().sha256 == before


def test_settings_of_the_whole_form_are_changed(desk):
    page = desk.get(f"{BASE}/bauen/teil/datenschutz/").text
    assert "Art. 4 BayDSG" in page
    data = {
        "privacy-purpose": "Wir prüfen damit Ihren Antrag.",
        "privacy-legal_basis": "Art. 6 DSGVO",
        "privacy-retention": "Ein Jahr.",
    }
    send(desk, "bauen/teil/datenschutz/", **data)
    assert str(now().definition.privacy.purpose) == "Wir prüfen damit Ihren Antrag."


RULE = {
    "casework-rules-zahl": "1",
    "casework-rules-0-key": "eilig",
    "casework-rules-0-when": "wahl == 'b'",
    "casework-rules-0-task-title": "Anrufen",
    "casework-rules-0-deadline-reason": "Rückruf",
    "casework-rules-0-deadline-days": "3",
}


def test_a_rule_of_the_casework_is_written_and_its_condition_picked(desk):
    send(desk, "bauen/teil/bearbeitung/", **RULE, **{"casework-answer_days": "21"})
    casework = now().definition.casework
    (rule,) = casework.rules
    assert (casework.answer_days, rule.task.title, rule.task.days, rule.deadline.days) == (21, "Anrufen", 7, 3)
    assert (rule.grant, rule.route) == (None, None)
    assert "?ort=casework.rules[0].when" in desk.get(f"{BASE}/bauen/teil/bearbeitung/").text
    picked = {"frage": "wahl", "vergleich": "ist", "wert": "a", "joint": "alle"}
    answer = send(desk, "bauen/bedingung/?ort=casework.rules[0].when", **picked)
    assert answer.redirect_chain[-1][0].endswith("/teil/bearbeitung/")
    assert now().definition.casework.rules[0].when == "wahl == 'a'"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [("when", "gibtsnicht == 1", "gibtsnicht"), ("grant-sample", "20", "Streichen Sie die automatische Bewilligung")],
)
def test_a_rule_that_cannot_be_is_refused_at_its_field_and_kept_as_typed(desk, field, typed, sentence):
    before = now().sha256
    page = send(desk, "bauen/teil/bearbeitung/", **RULE | {f"casework-rules-0-{field}": typed}).text
    error = page.partition(f'id="id_casework-rules-0-{field}_error"')[2][:300]
    assert sentence in error and 'value="Anrufen"' in page and now().sha256 == before


def test_how_long_files_are_kept_is_said_in_the_builder(desk):
    send(desk, "bauen/teil/aufbewahrung/", **{"retention-years": "5", "retention-basis": "KleinG § 9"})
    kept = now().definition.retention
    assert (kept.years, kept.basis, kept.starts, kept.offer) == (5, "KleinG § 9", "closed", False)
    page = send(desk, "bauen/teil/aufbewahrung/", **{"retention-years": "5"}).text
    assert "Rechtsgrundlage" in page and now().definition.retention == kept


def test_a_language_is_declared_and_its_texts_stand_side_by_side(desk):
    data = {"title": "Klein", "department": "Amt", "legal_basis": "KleinG § 1", "service": "klein", "languages": "en"}
    send(desk, "bauen/teil/allgemein/", **data)
    assert now().definition.languages == ("de", "en")
    page = desk.get(f"{BASE}/bauen/texte/?teil=anfang").text
    assert "Englisch" in page and 'value="pages[0].title"' in page
    send(
        desk, "bauen/texte/?teil=anfang", **{"ort-0": "pages[0].title", "text-0-de": "Anfang", "text-0-en": "Beginning"}
    )
    assert now().definition.pages[0].title.en == "Beginning"


def test_a_condition_is_put_together_and_shown_as_an_expression(desk):
    where = "bauen/bedingung/?ort=pages[2].visible"
    page = send(desk, where, frage=["wahl"], vergleich=[""], wert=[""], aktion="weiter")
    assert "ist nicht beantwortet" in page.text and page.status_code == 200
    chosen = {"frage": ["wahl", "tag"], "vergleich": ["ist", "vor_heute"], "wert": ["a", ""], "joint": "eine"}
    shown = send(desk, where, **chosen, aktion="weiter").text
    assert "wahl == &#x27;a&#x27; || tag &lt; today" in shown
    send(desk, where, **chosen, aktion="speichern")
    assert now().definition.page("wagen").visible == "wahl == 'a' || tag < today"
    assert 'option value="vor_heute" selected' in desk.get(f"{BASE}/{where}").text


@pytest.mark.parametrize("place", ["", "title", "pages[0].title", "pages[99].visible", "privacy.visible", "pages[0"])
def test_a_condition_may_stand_only_where_conditions_stand(desk, place):
    assert desk.get(f"{BASE}/bauen/bedingung/?ort={place}").status_code == 404


def test_the_source_is_checked_with_line_path_and_sentence(desk):
    before = now().sha256
    page = send(desk, "bauen/quelltext/", source=SMALL.replace("title: Mehr", "titel: Mehr")).text
    line = SMALL.splitlines().index("    title: Mehr") + 1
    assert f"Zeile {line}, pages[1].titel: Diesen Schlüssel gibt es hier nicht." in page and now().sha256 == before
    send(desk, "bauen/quelltext/", source=SMALL.replace("label: Notiz,", "label: Bemerkung,"))
    assert str(now().definition.field("notiz").label) == "Bemerkung"


def test_findings_stand_beside_what_they_are_about(desk):
    send(desk, "bauen/neu/mehr/", **{**QUESTION, "label": "Farbe *"})
    outline = desk.get(f"{BASE}/bauen/").text
    assert outline.index("Farbe *") < outline.index("Regel F11") < outline.index('id="s-wagen"')
    assert "Regel F11" in desk.get(f"{BASE}/bauen/frage/farbe/").text


# --- two at once, and taking back -------------------------------------------------------------------------------------


def test_the_second_of_two_is_told_and_keeps_what_they_typed(desk, theos):
    seen = now().sha256
    send(theos, "bauen/", tun="kopieren:notiz")
    data = {"stand": seen, "label": "Meine Notiz", "name": "notiz", "required": "nie"}
    page = desk.post(f"{BASE}/bauen/frage/notiz/", data)
    assert page.status_code == 409 and "hat den Entwurf inzwischen geändert" in page.text
    assert 'value="Meine Notiz"' in page.text and "Die Frage ist neu." in page.text
    assert str(now().definition.field("notiz").label) == "Notiz"
    send(desk, "bauen/frage/notiz/", **data | {"stand": now().sha256})
    assert str(now().definition.field("notiz").label) == "Meine Notiz" and names("mehr")[-1] == "notiz_2"


def test_a_button_pressed_on_an_old_page_does_nothing(desk, theos):
    seen = now().sha256
    send(theos, "bauen/", tun="kopieren:notiz")
    page = desk.post(f"{BASE}/bauen/", {"stand": seen, "tun": "hoch:notiz"}, follow=True)
    assert "hat den Entwurf inzwischen geändert" in page.text and names("mehr") == ["tag", "notiz", "notiz_2"]


@pytest.mark.slow
def test_changes_are_taken_back_one_by_one(desk):
    first = now().source
    send(desk, "bauen/", tun="kopieren:notiz")
    second = now().source
    send(desk, "bauen/loeschen/?frage=notiz")
    assert "Rückgängig gemacht" in send(desk, "bauen/rueckgaengig/").text and now().source == second
    send(desk, "bauen/rueckgaengig/")
    assert now().source == first
    assert "Es gibt nichts" in send(desk, "bauen/rueckgaengig/").text


@pytest.mark.slow
def test_an_earlier_state_is_taken_from_the_history(desk):
    before = now().definition.model_dump()
    for _ in range(3):
        send(desk, "bauen/", tun="kopieren:notiz")
    oldest = now().revisions.last()
    send(desk, "bauen/verlauf/", stand_davor=oldest.pk)
    assert now().definition.model_dump() == before and now().revisions.count() == 4


def test_only_the_last_changes_are_kept(desk, clara, monkeypatch):
    monkeypatch.setattr(actions, "REVISIONS_KEPT", 2)
    for label in ("A", "B", "C", "D"):
        source = SMALL.replace("label: Notiz,", f"label: {label},")
        actions.change_draft(now(), source, by=clara, expected=now().sha256)
    assert now().revisions.count() == 2


# --- the way to the citizens ------------------------------------------------------------------------------------------


@pytest.fixture
def published(draft, clara, theo):
    actions.hand_in(draft, by=clara, note="Neu")
    actions.approve(draft, by=theo)
    return draft


def test_from_draft_to_published_by_two_people(desk, theos, clara):
    send(desk, "schritt/einreichen/", note="Erste Fassung")
    assert now().state == "review"
    assert "freigeben" not in desk.get(f"{BASE}/").text.split("Was Sie tun können")[1]
    assert "Eine andere Person muss das Formular freigeben." in send(desk, "schritt/freigeben/").text
    assert "ist veröffentlicht" in send(theos, "schritt/freigeben/").text
    version = FormVersion.objects.get()
    assert (version.state, version.author, version.revisions.count()) == ("published", clara, 0)


def test_whoever_wrote_any_part_does_not_approve(desk, theos, theo):
    send(theos, "bauen/", tun="kopieren:notiz")
    send(desk, "bauen/", tun="kopieren:tag")
    send(desk, "schritt/einreichen/", note="Neu")
    assert "Eine andere Person" in send(theos, "schritt/freigeben/").text
    assert now().state == "review"


def test_errors_keep_a_draft_from_being_handed_in(desk):
    send(desk, "bauen/neu/mehr/", **{**QUESTION, "label": "Farbe *"})
    page = send(desk, "schritt/einreichen/", note="Neu")
    assert "Beheben Sie zuerst die Fehler des Entwurfs. Es sind 1." in page.text and now().state == "draft"


def test_test_data_that_do_not_follow_keep_a_version_from_being_approved(desk, theos):
    case = {"name": "Nur A", "today": "2026-11-22", "answers": {"wahl": "a"}, "expect": {"pages": ["anfang"]}}
    ReplayCase.objects.create(form=now().form, name="Nur A", content=case)
    send(desk, "schritt/einreichen/", note="Neu")
    page = send(theos, "schritt/freigeben/")
    assert "laufen nicht mehr durch" in page.text and "„Nur A“: Die Seiten sind anfang, wagen" in page.text
    assert now().state == "review"


def test_a_version_is_approved_for_later_and_called_back(desk, theos):
    send(desk, "schritt/einreichen/", note="Neu")
    send(theos, "schritt/freigeben/", publish_at="27.3.2030 8:00")
    assert now().state == "approved" and now().publish_at.year == 2030
    send(desk, "schritt/zurueckgeben/", note="Doch nicht.")
    assert (now().state, now().note) == ("draft", "Doch nicht.")


def test_a_text_that_changed_since_it_was_read_is_not_approved(desk, theos):
    send(desk, "schritt/einreichen/", note="Neu")
    page = theos.post(f"{BASE}/schritt/freigeben/", {"stand": "0" * 64})
    assert page.status_code == 409 and now().state == "review"


def test_the_next_version_shows_what_is_different(desk, published):
    desk.post(f"{BASE}/schritt/entwurf/", {"stand": ""}, follow=True)
    assert (now().number, now().state) == (2, "draft")
    send(desk, "bauen/neu/mehr/", **QUESTION)
    page = desk.get(f"{BASE}/").text
    assert "Seite „Mehr“, „Farbe“: Die Frage ist neu." in page and "betrifft laufende Entwürfe" in page


def test_a_form_is_paused_and_withdrawn(desk, published):
    data = {"stand": "", "starts_at": "27.3.2030 8:00", "ends_at": "27.3.2030 7:00", "reason": "Umbau."}
    assert "Das Ende muss nach dem Beginn liegen." in desk.post(f"{BASE}/schritt/wartung/", data).text
    assert desk.post(f"{BASE}/schritt/wartung/", data | {"ends_at": "27.3.2030 9:00"}).status_code == 302
    pause = published.form.pauses.get()
    assert "Umbau." in desk.get(f"{BASE}/").text
    desk.post(f"{BASE}/wartung/{pause.pk}/beenden/")
    assert not published.form.pauses.exists()
    desk.post(f"{BASE}/schritt/zurueckziehen/", {"stand": "", "note": "Veraltet"})
    assert FormVersion.objects.get().state == "withdrawn"


def test_a_draft_is_deleted_after_asking(desk):
    assert "Das lässt sich nicht rückgängig machen." in desk.get(f"{BASE}/schritt/entwurf-loeschen/").text
    send(desk, "schritt/entwurf-loeschen/")
    assert not FormVersion.objects.exists()


def test_a_version_is_a_file(desk):
    answer = desk.get(f"{BASE}/fassung/1.yaml")
    assert answer.content.decode() == SMALL and "klein-1.yaml" in answer["Content-Disposition"]


# --- preview and test data --------------------------------------------------------------------------------------------


def walk(client) -> None:
    client.post(f"{BASE}/vorschau/seite/anfang/", {"wahl": "a"})
    rows = {"fahrzeuge-rows": "1", "fahrzeuge-0-kennzeichen": "M-AB 1", "fahrzeuge-0-laenge": "400"}
    client.post(f"{BASE}/vorschau/seite/wagen/", rows)


def test_the_preview_leads_through_the_form_and_stores_nothing(desk):
    answer = desk.post(f"{BASE}/vorschau/seite/anfang/", {})
    assert "Wählen Sie etwas aus." in answer.text and "Nichts davon wird ein Antrag" in answer.text
    assert desk.post(f"{BASE}/vorschau/seite/anfang/", {"wahl": "a"})["Location"].endswith("/vorschau/seite/wagen/")
    assert desk.post(f"{BASE}/vorschau/seite/anfang/", {"wahl": "b"})["Location"].endswith("/vorschau/seite/mehr/")
    assert not Draft.objects.exists()


def test_the_preview_may_stand_in_a_frame_of_the_builder_only(desk):
    answer = desk.get(f"{BASE}/vorschau/seite/anfang/")
    assert answer["X-Frame-Options"] == "SAMEORIGIN" and "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    frames = desk.get(f"{BASE}/vorschau/")
    assert "frame-src 'self'" in frames["Content-Security-Policy"] and frames["X-Frame-Options"] == "DENY"


def test_what_was_typed_becomes_test_data_that_is_replayed(desk):
    walk(desk)
    assert "M-AB 1" in desk.get(f"{BASE}/vorschau/pruefen/").text
    desk.post(f"{BASE}/vorschau/pruefen/", {"name": "Kurzer Wagen"})
    row = ReplayCase.objects.get()
    assert row.content["expect"] == {"pages": ["anfang", "wagen"], "fee_cents": 100}
    assert "wie erwartet" in desk.get(f"{BASE}/testfaelle/").text
    send(desk, "bauen/quelltext/", source=SMALL.replace("cents: 100", "cents: 150"))
    assert "Die Gebühr in Cent ist 150, erwartet ist 100." in desk.get(f"{BASE}/testfaelle/").text
    desk.post(f"{BASE}/testfaelle/{row.pk}/erneuern/")
    assert ReplayCase.objects.get().content["expect"]["fee_cents"] == 150
    desk.post(f"{BASE}/testfaelle/{row.pk}/loeschen/")
    assert not ReplayCase.objects.exists()


def test_answers_that_the_pages_refuse_do_not_become_test_data(desk):
    desk.post(f"{BASE}/vorschau/seite/anfang/", {"wahl": "a"})
    said = desk.post(f"{BASE}/vorschau/pruefen/", {"name": "Halb"}).text
    assert "Geben Sie ein Kennzeichen ein." in said and not ReplayCase.objects.exists()


def test_the_preview_is_emptied(desk):
    walk(desk)
    desk.post(f"{BASE}/vorschau/leeren/")
    assert "M-AB 1" not in desk.get(f"{BASE}/vorschau/pruefen/").text


def test_a_clerk_with_no_team_sees_an_empty_shelf(client, bob, draft):
    bob.is_staff = True
    bob.save(update_fields=["is_staff"])
    RoleAssignment.objects.create(user=bob, role=Role.CLERK)
    client.force_login(bob)
    assert "Ihr Team hat noch kein Formular." in client.get("/verwaltung/formulare/").text
    assert client.get(f"{BASE}/").status_code == 404


def test_every_refusal_of_an_operation_is_shown_as_a_sentence(desk):
    assert "Das wird noch gebraucht" in send(desk, "bauen/loeschen/?frage=tag").text or names("mehr")
    page = send(desk, "bauen/", tun="hoch:wahl").text
    assert "Das ist der Anfang oder das Ende des Formulars." in page
    assert schema.load(now().source) and ops.names(ops.copy_of({"pages": []})) == set()


DECIDED = {
    "decision-checklist-zahl": "1",
    "decision-checklist-0-text": "Passt alles?",
    "decision-refusal_reasons-zahl": "1",
    "decision-refusal_reasons-0-title": "Passt nicht",
    "decision-refusal_reasons-0-text": "Es passt nicht.",
    "decision-refusal_reasons-0-legal_basis": "KleinG § 2",
    "decision-granted_title": "Bewilligt",
    "decision-granted_text": "Sie dürfen.",
    "decision-refused_title": "Abgelehnt",
    "decision-refused_text": "Sie dürfen nicht.",
    "decision-remedy_for_grants": "nie",
    "decision-four_eyes": "nie",
}


def test_the_legal_area_stands_in_the_builder_and_the_instruction_follows(desk):
    page = desk.get(f"{BASE}/bauen/teil/entscheidung/").text
    assert "Kommunalabgaben (Nr. 1)" in page and "keines: nur Klage" in page
    send(desk, "bauen/teil/entscheidung/", **DECIDED, **{"decision-remedy_area": "municipal_charges"})
    decision = now().definition.decision
    assert (decision.remedy_area, decision.remedy, decision.remedy_for_grants) == ("municipal_charges", None, False)


def test_an_instruction_that_does_not_fit_its_area_is_told_on_the_builders_page(desk):
    words = "Sie können innerhalb eines Monats Klage erheben."
    area = {"decision-remedy_area": "school", "decision-remedy": words}
    send(desk, "bauen/teil/entscheidung/", **DECIDED, **area)
    assert "In diesem Rechtsgebiet ist auch Widerspruch möglich" in desk.get(f"{BASE}/bauen/").text
