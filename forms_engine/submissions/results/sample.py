"""Answers that the demo brings along, so that the results of its surveys have something to show."""

import datetime as dt
from typing import Any

from forms_engine.definitions.language import fields as f
from forms_engine.definitions.models import FormVersion
from forms_engine.definitions.states import VersionState
from forms_engine.submissions import surveys
from forms_engine.submissions.models import SurveyAnswer
from portal.common import clock

ANSWERS = 150  # over three months
TEXTS = ("Mehr Plätze zum Sitzen.", "Alle waren freundlich.", "Ich habe lange gewartet.", "Bitte auch abends öffnen.")


def seed_demo() -> None:
    """Answers to each published survey that has none. May run again."""
    for version in FormVersion.objects.filter(state=VersionState.PUBLISHED).select_related("form"):
        if version.definition.is_survey and not SurveyAnswer.objects.filter(form_version=version).exists():
            SurveyAnswer.objects.bulk_create([_row(version, number) for number in range(ANSWERS)])


def _row(version: FormVersion, number: int) -> SurveyAnswer:
    months = clock.today().year * 12 + clock.today().month - 1 - number % 3
    questions = [item for page in version.definition.pages for item in page.questions if not item.visible]
    values = {item.name: _answer(item, number + place) for place, item in enumerate(questions)}
    return surveys.made(version, dt.date(months // 12, months % 12 + 1, 1), values)


def _answer(item: f.Question, n: int) -> Any:
    """Some answers come often and some seldom, as with people, and always the same ones."""
    place = min(n * 3 % 7, n * 5 % 11)  # 0 to 6, the small ones often
    if isinstance(item, f.ChoiceField):
        return item.choices[place % len(item.choices)].value
    if isinstance(item, f.MultiChoiceField):
        also = (place, place + 1 + n % 2) if n % 4 == 0 else (place,)
        return list(dict.fromkeys(item.choices[at % len(item.choices)].value for at in also))
    if isinstance(item, f.BooleanField):
        return n % 3 > 0
    if isinstance(item, f.IntegerField):
        return item.minimum + (place * place * 4 + n % 9) % (item.maximum - item.minimum + 1) if n % 6 else None
    return TEXTS[n % len(TEXTS)] if n % 5 == 0 else None
