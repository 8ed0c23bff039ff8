"""A form is changed while people fill it in and clerks decide: drafts and cases end on the version they began with."""

import pytest
from django.test import Client
from django.urls import reverse

from forms_engine.cases.models import Case
from forms_engine.definitions import actions as definitions
from forms_engine.definitions import document, replay
from forms_engine.submissions import actions
from tests.forms_engine.cases import catalogue
from tests.forms_engine.cases.test_every_form import (
    favourable,
    fresh,
    held,
    letters,
    send_decision,
    sent,
    team,  # noqa: F401 - a fixture
)
from tests.forms_engine.submissions.conftest import client_of
from tests.forms_engine.submissions.walk import Walk

pytestmark = pytest.mark.django_db
SLUG, GONE = "hundesteuer-befreiung", "chipnummer"
OLD = ("Befreiung von der Hundesteuer", "Name des Hundes", "Bella", "276098102345678", "31. Dezember 2027")
NEW = ("Ganz neuer Titel", "Rufname", "31. Dezember 2029")


def publish_second(monkeypatch, tmp_path):
    """Version 2 does not ask for the chip any more, asks otherwise for the name, grants longer under a new title."""
    data = document.read((definitions.CATALOGUE / f"{SLUG}.yaml").read_text(encoding="utf-8"))
    for page in data["pages"]:
        page["fields"] = [entry for entry in page["fields"] if entry.get("name") != GONE]
    [name] = [entry for page in data["pages"] for entry in page["fields"] if entry.get("name") == "hund_name"]
    name |= {"label": "Rufname", "max_length": 2}
    data["meaning"]["facts"].remove(GONE)
    data["validity"][0]["months"] = "36"
    data["decision"]["granted_title"] = "Ganz neuer Titel"
    monkeypatch.setattr(replay, "CASES", tmp_path)  # the stored answers name the question that is gone
    return definitions.publish(SLUG, document.write(data), by=None)


@pytest.fixture
def at_desk(clara, team):  # noqa: F811 - the fixture imported above
    client = Client()
    client.force_login(clara)
    return client


def decided_letter(case, desk) -> str:
    """The text of the decision that lies in the postbox; with it the case is closed."""
    send_decision(desk, case, favourable(case))
    letter = letters(case)[-1]
    assert fresh(case).status == "closed"
    return letter


def is_of_the_first(letter: str) -> None:
    assert [words for words in OLD if words not in letter] == []
    assert [words for words in NEW if words in letter] == []


@pytest.mark.slow
def test_a_draft_of_the_first_version_is_sent_and_decided_after_the_second(alice, at_desk, monkeypatch, tmp_path):
    with held(SLUG):
        draft = catalogue.fill(actions.start_draft(alice, catalogue.publish(SLUG)), catalogue.sample(SLUG))
        assert publish_second(monkeypatch, tmp_path).number == 2
        walk = Walk(client_of(alice), draft)
        assert 'name="chipnummer"' in walk.get("hund").content.decode()
        typed = {"hund_name": "Bella", GONE: "276098102345678", "kassenkonto": "1234567890123"}
        assert walk.post("hund", typed).status_code == 302
        walk.client.post(reverse("cases:check", args=[draft.public_id]), {"stand": walk.fresh().version})
        case = Case.objects.get()
        assert case.submission.form_version.number == 1
        is_of_the_first(decided_letter(case, at_desk))


@pytest.mark.slow
def test_a_case_of_the_first_version_is_decided_by_its_rules(alice, at_desk, monkeypatch, tmp_path):
    with held(SLUG):
        case = sent(SLUG, alice)
        publish_second(monkeypatch, tmp_path)
        is_of_the_first(decided_letter(case, at_desk))
