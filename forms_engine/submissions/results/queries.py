"""Reads of what surveys have brought in: a fixed number of statements, however many answers there are."""

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count

from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.lint import COUNTED
from forms_engine.definitions.models import Form
from forms_engine.submissions.models import SurveyAnswer
from forms_engine.submissions.results import table, tally
from portal.common.crypto import Envelope

_COUNTS = """
select said.key, said.value, count(*)
  from submissions_surveyanswer held
  join definitions_formversion version on version.id = held.form_version_id
  cross join lateral jsonb_each(held.counted) said
 where version.form_id = %s and held.month between %s and %s
 group by 1, 2
"""


@dataclass(frozen=True)
class Period:
    """Whole months, both included."""

    first: dt.date
    last: dt.date


def months(form: Form) -> dict[dt.date, int]:
    """How many answers came in each month that has any, the oldest first."""
    rows = SurveyAnswer.objects.filter(form_version__form=form).values_list("month")
    return dict(rows.annotate(n=Count("pk")).order_by("month"))


def questions(form: Form) -> dict[str, f.Question]:
    """Every question that a survey seen by citizens has asked, as its newest version words it, in its order."""
    found: dict[str, f.Question] = {}
    for definition in _surveys(form):
        for page in definition.pages:
            for item in page.questions:
                found.setdefault(item.name, item)
    return found


def charts(form: Form, period: Period, asked: Mapping[str, f.Question], answers: int) -> list[tally.Chart]:
    """One chart for each counted question. Texts are never read here."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    given: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [form.pk, period.first, period.last])
        for name, value, count in cursor.fetchall():
            given[name] += count
            said = json.loads(value)
            for one in said if isinstance(said, list) else [said]:
                counts[name][one if isinstance(one, str) else json.dumps(one)] += count
    counted = [item for item in asked.values() if isinstance(item, COUNTED)]
    return [tally.chart(item, counts[item.name], given[item.name], answers) for item in counted]


def lines(form: Form, period: Period, asked: Mapping[str, f.Question]) -> Iterator[list[str]]:
    """The table of single answers: a head, then one line each, in no order that anybody could follow."""
    yield ["Monat", "Fassung", *(str(item.row_label) for item in asked.values())]
    numbers = dict(form.versions.values_list("pk", "number"))
    rows = SurveyAnswer.objects.filter(form_version__form=form, month__range=(period.first, period.last))
    for row in rows.order_by("month", "pk").iterator(2000):
        said = dict(row.counted)
        if row.sealed:
            said |= Envelope(row.wrapped_key).open_json(row.sealed, row.place)
        answers = (table.cell(item, said.get(name)) for name, item in asked.items())
        yield [f"{row.month:%Y-%m}", str(numbers[row.form_version_id]), *answers]


def is_survey(form: Form) -> bool:
    """Whether citizens have seen any version of it that is one."""
    return bool(_surveys(form))


def _surveys(form: Form) -> list[FormDefinition]:
    """Versions that are surveys and were seen by citizens, the newest first."""
    seen = form.versions.filter(published_at__isnull=False).order_by("-number")
    return [version.definition for version in seen if version.definition.is_survey]
