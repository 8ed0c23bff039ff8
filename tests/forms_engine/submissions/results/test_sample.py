"""The demo brings answers along, once."""

import pytest

from forms_engine.submissions.models import SurveyAnswer
from forms_engine.submissions.results import queries, sample, tally
from tests.forms_engine.cases import catalogue

pytestmark = pytest.mark.django_db


def test_each_question_of_the_demo_has_something_to_show():
    survey = catalogue.publish("umfrage-buergerbuero")
    catalogue.publish("maengelmeldung")
    sample.seed_demo()
    sample.seed_demo()
    assert SurveyAnswer.objects.count() == sample.ANSWERS == SurveyAnswer.objects.filter(form_version=survey).count()
    months = list(queries.months(survey.form))
    charts = queries.charts(
        survey.form, queries.Period(months[0], months[-1]), queries.questions(survey.form), sample.ANSWERS
    )
    assert len(months) == 3 and all(
        len([bar for bar in chart.bars if bar.count >= tally.FEWEST]) > 1 for chart in charts
    )
