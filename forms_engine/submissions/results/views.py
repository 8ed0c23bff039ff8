"""What a survey has brought in, for its editors: charts with their numbers, and the single answers as CSV."""

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_POST, require_safe

from forms_engine.definitions import access
from forms_engine.definitions.builder.frame import authors, page
from forms_engine.definitions.lint import COUNTED
from forms_engine.definitions.models import Form
from forms_engine.submissions.results import drawing, queries, table, tally
from forms_engine.submissions.results.queries import Period
from portal.accounts.access import citizen
from portal.audit import actions as audit
from portal.common import clock


@authors
@require_safe
def results(request: HttpRequest, form: str) -> HttpResponse:
    """Charts and tables of the chosen months."""
    found = _survey(request, form)
    months = queries.months(found)
    period = _period(request.GET.get("von", ""), request.GET.get("bis", ""), list(months))
    answers = sum(count for month, count in months.items() if period.first <= month <= period.last)
    asked = queries.questions(found)
    enough = answers >= tally.FEWEST
    charts = queries.charts(found, period, asked, answers) if enough else []
    return page(
        request,
        "results",
        f"Auswertung: {found.title}",
        survey=found,
        months=list(months),
        period=period,
        answers=answers,
        enough=enough,
        fewest=tally.FEWEST,
        charts=[(chart, drawing.draw(chart.bars)) for chart in charts],
        texts=[item for item in asked.values() if not isinstance(item, COUNTED)],
    )


@authors
@require_POST
def export(request: HttpRequest, form: str) -> StreamingHttpResponse:
    """The single answers. Who took them along is in the audit record before the first line is."""
    found = _survey(request, form)
    months = queries.months(found)
    period = _period(request.POST.get("von", ""), request.POST.get("bis", ""), list(months))
    count = sum(count for month, count in months.items() if period.first <= month <= period.last)
    span = f"{period.first:%Y-%m}..{period.last:%Y-%m}"
    audit.record("survey.exported", f"form:{found.slug}", str(citizen(request).public_id), months=span, answers=count)
    rows = queries.lines(found, period, queries.questions(found))
    response = StreamingHttpResponse(table.written(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.slug}.csv"'
    return response


def _survey(request: HttpRequest, slug: str) -> Form:
    found = access.form_for(citizen(request), slug)
    if not queries.is_survey(found):
        raise Http404
    return found


def _period(first: str, last: str, months: list[dt.date]) -> Period:
    """The chosen months; whatever is no month of this survey means its first or last one."""
    known = {f"{month:%Y-%m}": month for month in months}
    this = clock.today().replace(day=1)
    start = known.get(first, months[0] if months else this)
    end = known.get(last, months[-1] if months else this)
    return Period(min(start, end), max(start, end))
