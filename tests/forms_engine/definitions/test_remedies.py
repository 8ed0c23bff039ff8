"""Which instruction on legal remedies stands under a decision: by its kind, its burden, and the form's legal area."""

import pytest

from forms_engine.definitions import actions, document, findings, remedies, schema
from forms_engine.definitions.builder import references

PERMIT = (actions.CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")
KINDS = ("granted", "partly", "certificate", "refused", "fee_notice", "taken_back", "revoked")
CITY = "Landeshauptstadt München"


def form(**decision):
    data = document.read(PERMIT)
    data["decision"] |= decision
    data["decision"] = {key: value for key, value in data["decision"].items() if value is not None}
    return schema.load(document.write(data))


def said(definition, kind, *, burdens=False, **seen):
    return remedies.text(definition, CITY, kind=kind, burdens=burdens, seen=seen)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("burdens", [False, True])
def test_a_version_that_says_nothing_of_rules_is_instructed_as_before(kind, burdens):
    definition = form()
    expected = "" if kind == "certificate" else str(definition.decision.remedy)
    assert said(definition, kind, burdens=burdens) == expected


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("granted", "certificate")])
def test_what_burdens_by_its_kind_is_always_instructed(kind):
    assert "Klage" in said(form(remedy_for_grants=False), kind)


@pytest.mark.parametrize(("burdens", "instructed"), [(False, False), (True, True)])
def test_a_grant_is_instructed_when_it_burdens(burdens, instructed):
    assert bool(said(form(remedy_for_grants=False), "granted", burdens=burdens)) == instructed


@pytest.mark.parametrize(
    ("answers", "instructed"), [({"anliegen": "neu"}, True), ({"anliegen": "verlust"}, False), ({}, True)]
)
def test_an_expression_decides_by_the_answers_and_what_is_unknown_is_instructed(answers, instructed):
    assert bool(said(form(remedy_for_grants='anliegen == "neu"'), "granted", **answers)) == instructed


def test_without_a_text_of_its_own_a_form_has_the_usual_one_of_its_area():
    action = said(form(remedy=None), "refused")
    assert "Klage" in action and "Verwaltungsgericht München" in action and "Widerspruch" not in action
    both = said(form(remedy=None, remedy_area="social"), "refused")
    assert "Widerspruch einlegen oder unmittelbar Klage" in both and CITY in both and "Monats" in both


@pytest.mark.parametrize("area", remedies.AREAS)
def test_every_area_of_the_law_is_one_of_the_language(area):
    assert form(remedy=None, remedy_area=area).decision.remedy_area == area


@pytest.mark.parametrize(
    "decision", [{"remedy_area": "parking"}, {"remedy_for_grants": "erfunden"}, {"remedy_for_grants": "anliegen"}]
)
def test_what_no_rule_can_be_is_refused(decision):
    with pytest.raises(schema.DefinitionError):
        form(**decision)


BOTH = "Sie können innerhalb eines Monats Widerspruch einlegen oder Klage erheben."


@pytest.mark.parametrize(
    ("decision", "path", "blocks"),
    [
        ({"remedy": BOTH}, "decision.remedy_area", True),
        ({"remedy_area": "school"}, "decision.remedy", True),
        ({"remedy": "Sie können Klage erheben."}, "decision.remedy", False),
    ],
)
def test_the_linter_compares_text_and_area(decision, path, blocks):
    assert (path, blocks) in [(found.path, found.blocks) for found in findings.of(form(**decision))]


@pytest.mark.parametrize("decision", [{}, {"remedy": None}, {"remedy": BOTH, "remedy_area": "social"}])
def test_the_linter_is_silent_where_they_agree(decision):
    assert not [found for found in findings.of(form(**decision)) if found.path.startswith("decision.remedy")]


def test_a_renamed_question_is_renamed_in_the_rule():
    data = {"decision": {"remedy_for_grants": 'anliegen == "neu"'}}
    references.rewrite([data], {"anliegen": "wunsch"})
    assert data["decision"]["remedy_for_grants"] == 'wunsch == "neu"'
