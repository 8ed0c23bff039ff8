"""Rules of the casework as authors write them: what the linter refuses, what the builder shows."""

import pytest
from django.test import Client
from django.urls import reverse

from forms_engine.definitions import actions, document, replay, schema
from forms_engine.definitions.builder import references
from forms_engine.definitions.models import Form

PERMIT = (actions.CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")
TASK = {"task": {"title": "x"}}


def permit(*rules, decision=None, **casework):
    data = document.read(PERMIT)
    data["casework"] |= {"rules": list(rules)} | casework
    data["decision"] |= {"four_eyes": False} | (decision or {})
    for point in data["decision"]["checklist"]:
        point["passes"] = "true"
    return data


def problems(data):
    with pytest.raises(schema.DefinitionError) as refused:
        schema.load(document.write(data))
    return dict(refused.value.problems)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"key": "eins", "when": "erfunden == 1"} | TASK, "casework.rules[0].when"),
        ({"key": "eins", "when": "anliegen"} | TASK, "casework.rules[0].when"),
        ({"key": "eins", "when": "true"}, "casework.rules[0]"),
        ({"key": "eins", "when": "true", "route": {}}, "casework.rules[0].route"),
        ({"key": "eins", "when": "true", "route": {"team": "A", "office": "amt"}}, "casework.rules[0].route"),
        ({"key": "eins", "when": "true", "task": {"title": ""}}, "casework.rules[0].task.title"),
        (
            {"key": "eins", "when": "true", "grant": {"legal_basis": "x", "sample": 101}},
            "casework.rules[0].grant.sample",
        ),
        ({"key": "eins", "when": "true", "grant": {}}, "casework.rules[0].grant"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_where_it_stands(rule, path):
    assert path in problems(permit(rule))


def test_a_key_stands_once_and_a_searched_question_exists():
    rule = {"key": "eins", "when": "true"} | TASK
    assert "casework.rules[1].key" in problems(permit(rule, rule))
    assert "casework.search[0]" in problems(permit(search=["erfunden"]))


@pytest.mark.parametrize("decision", [{"four_eyes": True}, {"grant_explained": True}])
def test_what_needs_a_human_is_not_granted_by_a_rule(decision):
    rule = {"key": "eins", "when": "true", "grant": {"legal_basis": "Gesetz"}}
    assert "casework.rules[0].grant" in problems(permit(rule, decision=decision))
    data = permit(rule)
    del data["decision"]["checklist"][0]["passes"]
    assert "passes" in problems(data)["casework.rules[0].grant"]


def test_rules_go_on_speaking_of_a_question_that_is_renamed():
    data = permit({"key": "eins", "when": "stellplatz"} | TASK, search=["stellplatz"])
    references.rewrite_everywhere(data, {"stellplatz": "garage"})
    assert data["casework"]["rules"][0]["when"] == "garage" and data["casework"]["search"] == ["garage"]


@pytest.mark.django_db
def test_the_builder_shows_the_rules_and_tries_them_on_the_test_data(edda):
    form = actions.publish("bewohnerparkausweis", PERMIT, by=None).form
    for case in replay.load((replay.CASES / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")).cases[:3]:
        actions.keep_case(Form.objects.get(pk=form.pk), case, by=edda)
    client = Client()
    client.force_login(edda)
    page = client.get(reverse("builder:rules", args=["bewohnerparkausweis"])).content.decode()
    assert "Nachweis des Umbaus prüfen" in page and "prüft ein Mensch" in page
    assert case.name in page and "erfüllt" in page
