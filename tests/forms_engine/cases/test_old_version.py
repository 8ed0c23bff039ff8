"""A form is changed while people fill it in and clerks decide: drafts and cases end on the version they began with."""

import pytest
from django.test import Client

from forms_engine.cases import flow
from forms_engine.definitions import actions as definitions
from forms_engine.definitions import document, replay
from forms_engine.submissions import actions, queries
from tests.forms_engine.cases import catalogue
from tests.forms_engine.cases.test_every_form import favourable, held, letters, send_decision, sent, team  # noqa: F401 - team is a fixture

pytestmark = pytest.mark.django_db
SLUG, GONE = "hundesteuer-befreiung", "chipnummer"


def publish_second(monkeypatch, tmp_path):
    """Version 2 does not ask for the chip any more and grants under a new title."""
    data = document.read((definitions.CATALOGUE / f"{SLUG}.yaml").read_text(encoding="utf-8"))
    for page in data["pages"]:
        page["fields"] = [entry for entry in page["fields"] if entry.get("name") != GONE]
    data["meaning"]["facts"].remove(GONE)
    data["decision"]["granted_title"] = "Ganz neuer Titel"
    monkeypatch.setattr(replay, "CASES", tmp_path)  # the stored answers name the question that is gone
    return definitions.publish(SLUG, document.write(data), by=None)


@pytest.fixture
def at_desk(clara, team):  # noqa: F811 - the fixture imported above
    client = Client()
    client.force_login(clara)
    return client


def decided_letter(case, desk) -> str:
    send_decision(desk, case, favourable(case))
    return letters(case)[-1]


def test_a_draft_of_the_first_version_is_sent_and_decided_after_the_second(alice, at_desk, monkeypatch, tmp_path):
    with held(SLUG):
        draft = catalogue.fill(actions.start_draft(alice, catalogue.publish(SLUG)), catalogue.sample(SLUG))
        assert publish_second(monkeypatch, tmp_path).number == 2
        case = flow.submit(draft, by=alice)
        assert case.submission.form_version.number == 1
        assert GONE in queries.answers(case.submission)
        letter = decided_letter(case, at_desk)
    assert "Befreiung von der Hundesteuer" in letter and "Ganz neuer Titel" not in letter


def test_a_case_of_the_first_version_is_decided_by_its_rules(alice, at_desk, monkeypatch, tmp_path):
    with held(SLUG):
        case = sent(SLUG, alice)
        publish_second(monkeypatch, tmp_path)
        letter = decided_letter(case, at_desk)
    assert "Befreiung von der Hundesteuer" in letter and "Ganz neuer Titel" not in letter
