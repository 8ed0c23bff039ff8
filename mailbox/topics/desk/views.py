"""The editors' pages in the admin frame: write, look at it, try it on oneself, let a second person look."""

import functools
import uuid
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.contrib import admin, messages
from django.core import mail
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mailbox.topics import access, editing, mails, queries
from mailbox.topics.desk.forms import IssueForm
from mailbox.topics.models import Issue, Topic
from mailbox.topics.states import IssueState
from portal.accounts.access import citizen, needs_role
from portal.accounts.identity import kept
from portal.accounts.models import Role, User
from portal.common import clock

PER_PAGE = 50
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def editors(view: View[P]) -> Callable[..., HttpResponseBase]:
    """Inside the admin frame. What a session that ran out has kept is offered again."""

    @functools.wraps(view)
    def offered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return kept.resume(request, "workplace/resume.html") or view(request, *args, **kwargs)

    guarded = admin.site.admin_view(needs_role(Role.EDITOR)(offered))
    return functools.wraps(view)(never_cache(guarded))


def _page(request: HttpRequest, template: str, title: str, *, status: int = 200, **context: Any) -> HttpResponse:
    frame = {**admin.site.each_context(request), "title": title, **context}
    return render(request, f"topics/desk/{template}.html", frame, status=status)


@editors
@require_safe
def issues(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.desk(), PER_PAGE).get_page(request.GET.get("seite"))
    counted = queries.subscribers()
    topics = [(topic, counted.get(topic.pk, 0)) for topic in Topic.objects.all()]
    return _page(request, "issues", "Newsletter", page=page, topics=topics)


@editors
@require_POST
def begin(request: HttpRequest, slug: str) -> HttpResponseBase:
    found = editing.begin(access.topic(slug), by=citizen(request))
    return redirect("newsdesk:write", found.public_id)


@editors
@require_safe
def issue(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """How it stands, how it looks, and what can be done next."""
    found = access.issue_for_editor(public_id)
    context: dict[str, Any] = {
        "issue": found,
        "sheet": mails.Sheet.of(found),
        "figures": queries.figures(found),
        "own": found.author_id == citizen(request).pk,
        "steps": _steps(found, citizen(request)),
    }
    return _page(request, "issue", found.title or "Ausgabe ohne Titel", **context)


@editors
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    found = access.issue_for_editor(public_id)
    if found.state != IssueState.DRAFT:
        return redirect("newsdesk:issue", public_id)
    held = {"titel": found.title, "text": found.body, "erscheint": found.scheduled_at, "fassung": found.version}
    form = IssueForm(request.POST if request.method == "POST" else None, initial=held)
    status = 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            editing.write(
                found,
                title=typed["titel"],
                body=typed["text"],
                scheduled_at=typed["erscheint"],
                seen=typed["fassung"],
                by=citizen(request),
            )
            return redirect("newsdesk:issue", public_id)
        except editing.Refused as refused:
            form.add_error(None, str(refused))
            status = 409
    return _page(request, "write", f"{found.topic} schreiben", status=status, form=form, issue=found)


@editors
@require_safe
def as_mailed(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The text part as it will arrive."""
    sheet = mails.Sheet.of(access.issue_for_editor(public_id))
    return HttpResponse(sheet.parts(None)[0], content_type="text/plain; charset=utf-8")


@editors
@require_POST
def try_out(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """To the editor's own address only."""
    found, own = access.issue_for_editor(public_id), citizen(request).mail_address
    try:
        raw = mails.compose(mails.Sheet.of(found), own, mails.mail_id(clock.uuid().hex), None)
        with mail.get_connection() as connection:
            connection.send_messages([mails.Ready(raw, sender=mails.sender(), address=own)])
        messages.success(request, f"Die Probe ist unterwegs an {own}.")
    except (OSError, mails.BadHeader):
        messages.error(request, "Der Mailserver hat die Probe nicht angenommen. Versuchen Sie es später noch einmal.")
    return redirect("newsdesk:issue", public_id)


STEPS: dict[str, tuple[str, Callable[..., None], str]] = {
    "vorlegen": ("Zur Freigabe geben", editing.submit, "Die Ausgabe wartet auf die Freigabe durch eine zweite Person."),
    "freigeben": ("Freigeben", editing.approve, "Die Ausgabe ist freigegeben."),
    "zurueck": ("Zurück zum Entwurf", editing.send_back, "Die Ausgabe ist wieder ein Entwurf."),
    "verwerfen": ("Entwurf löschen", editing.discard, "Der Entwurf ist gelöscht."),
}


def _steps(found: Issue, user: User) -> list[tuple[str, str, bool]]:
    """(word of the step, button, whether it is the next one)."""
    words = {
        IssueState.DRAFT: ["vorlegen", "verwerfen"],
        IssueState.REVIEW: ["zurueck"] if found.author_id == user.pk else ["freigeben", "zurueck"],
        IssueState.APPROVED: ["zurueck"],
        IssueState.PUBLISHED: [],
    }[IssueState(found.state)]
    return [(word, STEPS[word][0], word in ("vorlegen", "freigeben")) for word in words]


@editors
@require_POST
def step(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    found, word = access.issue_for_editor(public_id), request.POST.get("schritt", "")
    if word in STEPS:
        _title, verb, done = STEPS[word]
        try:
            verb(found, by=citizen(request))
            messages.success(request, done)
        except editing.Refused as refused:
            messages.error(request, str(refused))
    gone = not Issue.objects.filter(pk=found.pk).exists()
    return redirect("newsdesk:issues") if gone else redirect("newsdesk:issue", public_id)
