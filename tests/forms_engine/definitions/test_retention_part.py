"""The part of a form that says how long its cases are kept."""

import pytest

from forms_engine.definitions import lint
from forms_engine.definitions.actions import CATALOGUE
from forms_engine.definitions.language.form import Retention
from forms_engine.definitions.schema import load

PERMIT = (CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")
RULE = "retention:\n  years: 3\n"


def test_the_permit_is_kept_for_three_years_after_its_end():
    kept = load(PERMIT).retention
    assert kept == Retention(years=3, basis="Art. 5 Abs. 1 Buchst. e DSGVO", starts="validity", offer=True)


@pytest.mark.parametrize("years", ["0", "111", "drei"])
def test_years_that_are_none_are_refused(years):
    with pytest.raises(ValueError, match="retention"):
        load(PERMIT.replace(RULE, f"retention:\n  years: {years}\n"))


def test_without_a_validity_the_years_cannot_begin_at_its_end():
    definition = load((CATALOGUE / "fundsache.yaml").read_text(encoding="utf-8"))
    wrong = definition.model_copy(update={"retention": Retention(years=1, basis="DSGVO", starts="validity")})
    assert [path for path, _sentence in lint.problems(wrong)] == ["retention.starts"]


def test_a_survey_keeps_no_cases():
    definition = load((CATALOGUE / "umfrage-buergerbuero.yaml").read_text(encoding="utf-8"))
    wrong = definition.model_copy(update={"retention": Retention(years=1, basis="DSGVO")})
    assert "retention" in [path for path, _sentence in lint.problems(wrong)]


def test_only_forms_whose_years_begin_elsewhere_have_no_rule():
    without = {path.stem for path in CATALOGUE.glob("*.yaml") if "\nretention:\n" not in path.read_text("utf-8")}
    assert "gewerbeanmeldung" in without and "meldebescheinigung" not in without
