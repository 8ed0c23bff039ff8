"""Decisions for many cases: the lead picks them and looks, a second person approves, everybody sees how far it is."""

import functools
import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from forms_engine.cases import flow, runs
from forms_engine.cases.models import Case, CaseQuerySet, DecisionRun, ItemState, PaperState, RunState
from forms_engine.cases.wording import letter_payload, previews
from forms_engine.cases.wording.engine import TooLong
from forms_engine.cases.workplace.frame import clerks, page, writers
from forms_engine.cases.workplace.run_form import RunForm, led_by
from portal.accounts.access import citizen
from portal.accounts.models import Role, User
from portal.audit import actions as audit
from portal.directory.teams import queries as teams
from portal.directory.teams.models import TeamForm

LEADS = (Role.TEAM_LEAD,)


def _of_teams(clerk: User) -> QuerySet[DecisionRun]:
    mine = TeamForm.objects.filter(team__in=teams.teams_of(clerk)).values("slug")
    return DecisionRun.objects.filter(form__slug__in=mine).select_related("form", "author", "approver", "template")


def _run(clerk: User, public_id: uuid.UUID) -> DecisionRun:
    """A run of a form of the clerk's teams. Raises Http404."""
    found = _of_teams(clerk).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


@clerks
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    clerk = citizen(request)
    rows = _of_teams(clerk).annotate(cases=Count("items")).order_by("-id")[:100]
    return page(request, "workplace/runs.html", "Serienbescheide", rows=rows, may_begin=led_by(clerk).exists())


@functools.partial(writers, roles=LEADS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form; then how many cases it hits and what the first one would read; then the proposal."""
    lead = citizen(request)
    if not led_by(lead).exists():
        raise Http404
    if request.method != "POST":
        return page(request, "workplace/run_new.html", "Serienbescheid vorbereiten", form=RunForm(lead=lead))
    form = RunForm(request.POST, lead=lead)
    if not form.is_valid():
        return page(request, "workplace/run_new.html", "Serienbescheid vorbereiten", 422, form=form)
    found = runs.candidates(form.cleaned_data["of"], form.query(), lead=lead)
    count = found.count()
    if "vorschlagen" in request.POST and count:
        made = runs.propose(form.run(), form.query(), by=lead)
        messages.success(request, "Der Serienbescheid wartet auf die Freigabe durch eine zweite Person.")
        return redirect("workplace:run", made.public_id)
    said = _sample(found, form.run(), lead)
    if "pdf" in request.POST and said:
        return redirect("workplace:preview", previews.ask(said, by=lead).public_id)
    context = {"form": form, "count": count, "preview": said, "counted": True, "most": runs.MOST}
    return page(request, "workplace/run_new.html", "Serienbescheid vorbereiten", 200, **context)


def _sample(found: CaseQuerySet, run: DecisionRun, reader: User) -> dict[str, Any] | None:
    """The letter to the first of the cases. It is read: the person may know."""
    case = found.for_pages().first()
    if case is None:
        return None
    audit.record("case.read", f"case:{case.public_id}", str(reader.public_id))
    if run.pk is None:
        run.template, run.author = letter_payload.newest(run.form, run.kind), reader
    try:
        return letter_payload.of(case, runs.outcome(run), clerk=run.author.get_full_name())
    except TooLong:
        return None


@clerks
@require_GET
def run(request: HttpRequest, run: uuid.UUID) -> HttpResponse:
    found = _run(citizen(request), run)
    counts = found.items.aggregate(
        total=Count("pk"),
        waiting=Count("pk", filter=Q(state=ItemState.WAITING)),
        ordered=Count("pk", filter=Q(state=ItemState.ORDERED)),
        skipped=Count("pk", filter=Q(state=ItemState.SKIPPED)),
        issued=Count("pk", filter=Q(decision__paper__state=PaperState.ISSUED)),
        parked=Count("pk", filter=Q(decision__paper__state=PaperState.PARKED)),
    )
    proposed = found.state == RunState.PROPOSED
    first = Case.objects.filter(pk__in=found.items.order_by("pk").values("case")[:1])
    context = {
        "run": found,
        "counts": counts,
        "skipped": found.items.filter(state=ItemState.SKIPPED).select_related("case")[:100],
        "preview": _sample(first, found, citizen(request)) if proposed else None,
        "may_approve": proposed and found.author != citizen(request),
    }
    return page(request, "workplace/run.html", found.title, 200, **context)


@clerks
@require_POST
def approve(request: HttpRequest, run: uuid.UUID) -> HttpResponse:
    found = _run(citizen(request), run)
    try:
        if "verwerfen" in request.POST:
            runs.discard(found, by=citizen(request))
            messages.success(request, "Der Serienbescheid ist verworfen.")
        else:
            runs.approve(found, by=citizen(request))
            messages.success(request, "Freigegeben. Die Schreiben werden nach und nach zugestellt.")
    except flow.SameClerk:
        messages.error(request, "Ihren eigenen Serienbescheid muss eine andere Person freigeben.")
    except runs.NotNow:
        messages.error(request, "Der Serienbescheid ist schon freigegeben oder verworfen.")
    return redirect("workplace:run", found.public_id)
