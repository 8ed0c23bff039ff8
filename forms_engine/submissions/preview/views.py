"""The preview of a form in work: its pages as citizens will see them, marked as a preview."""

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from forms_engine.definitions import access, actions, present, queries, replay
from forms_engine.definitions.build import with_row_change
from forms_engine.definitions.builder import frame
from forms_engine.definitions.builder.frame import authors
from forms_engine.definitions.models import FormVersion
from forms_engine.submissions.forms import WizardForm
from forms_engine.submissions.preview import walk
from portal.accounts.access import citizen
from portal.common import clock

FRAMED = csp_replace({"frame-ancestors": [SELF]})  # the preview page shows it in frames of its own origin
SIZES = (("phone", "Telefon, 320 Punkte breit"), ("desk", "Bildschirm, 1024 Punkte breit"))


class CaseForm(frame.PlainForm):
    name = forms.CharField(
        label="Name des Testfalls",
        help_text="Was an ihm besonders ist, zum Beispiel „Reisepass gestohlen“",
        max_length=200,
        error_messages={"required": "Geben Sie dem Testfall einen Namen."},
    )


def _version(request: HttpRequest, form: str) -> FormVersion:
    """What is in work, else what is online. Raises Http404."""
    found = access.form_for(citizen(request), form)
    version = queries.in_work(found) or found.versions.order_by("-number").first()
    if version is None:
        raise Http404
    return version


def _trial(request: HttpRequest, form: str) -> walk.Trial:
    return walk.opened(request.session, _version(request, form), request.GET.get("sprache", "de"), clock.today())


def _address(trial: walk.Trial, name: str, *more: str) -> str:
    path = reverse(f"preview:{name}", args=[trial.version.form.slug, *more])
    return path if trial.language == "de" else f"{path}?sprache={trial.language}"


def _render(request: HttpRequest, template: str, trial: walk.Trial, **context: Any) -> HttpResponse:
    common = {
        "definition": trial.definition,
        "languages_of_page": trial.definition.languages,
        "draft": walk.NO_DRAFT,
        "is_preview": True,
        "staff_only": True,
        "form_slug": trial.version.form.slug,
        "version": trial.version,
    }
    with translation.override(trial.language):
        return render(request, template, common | context)


@csp_update({"frame-src": [SELF]})
@authors
@require_GET
def frames(request: HttpRequest, form: str) -> HttpResponse:
    """The form at the width of a phone and of a screen."""
    trial = _trial(request, form)
    page = request.GET.get("seite", "") or trial.definition.pages[0].key
    if page not in {sheet.key for sheet in trial.definition.pages}:
        raise Http404
    context: dict[str, Any] = {
        "version": trial.version,
        "form_row": trial.version.form,
        "languages": trial.definition.languages,
        "language": trial.language,
        "pages": [(sheet.key, str(sheet.title)) for sheet in trial.definition.pages],
        "page": page,
        "source": _address(trial, "page", page),
        "sizes": SIZES,
        "start": _address(trial, "start"),
    }
    return frame.page(request, "frames", f"Vorschau: {trial.version.form.title}", **context)


@FRAMED
@xframe_options_sameorigin
@authors
@require_GET
def start(request: HttpRequest, form: str) -> HttpResponse:
    trial = _trial(request, form)
    first = _address(trial, "page", trial.definition.pages[0].key)
    return _render(request, "preview/start.html", trial, draft=None, here=first, session_minutes=30)


@FRAMED
@xframe_options_sameorigin
@authors
@frame.GET_POST
def page(request: HttpRequest, form: str, page: str) -> HttpResponse:
    """One page, also one that the answers do not lead to yet."""
    trial = _trial(request, form)
    if page not in {sheet.key for sheet in trial.definition.pages}:
        return _refused(request, trial, page)
    if request.method != "POST":
        return _page(request, trial, page, trial.form(page))
    if request.POST.get("aktion") == "anpassen":
        shown = trial.form(page, request.POST, show_only=True)
        return _render(request, "submissions/questions.html", trial, form=shown, page=shown.page)
    changed = with_row_change(trial.definition, page, request.POST)
    if changed is not None or request.POST.get("aktion") == "hochladen":
        return _page(request, trial, page, trial.form(page, changed or request.POST, show_only=True))
    sent = trial.form(page, request.POST)
    if not sent.is_valid():
        return _page(request, trial, page, sent)
    after = walk.kept(request.session, trial, page, sent.answers())
    onward = walk.following(after, page)
    return redirect(_address(after, "page", onward) if onward else _address(after, "summary"))


def _page(request: HttpRequest, trial: walk.Trial, page: str, form: WizardForm) -> HttpResponse:
    pages = trial.evaluation.pages
    number = pages.index(page) + 1 if page in pages else 0
    before = pages[number - 2] if number > 1 else None
    upcoming = walk.following(trial, page)
    titles = {sheet.key: str(sheet.title) for sheet in trial.definition.pages}
    return _render(
        request,
        "preview/page.html",
        trial,
        form=form,
        page=form.page,
        switch_form="seite",
        lively=page in trial.definition.program.lively,
        number=number or 1,
        total=len(pages) + 1,
        reachable=page in pages,
        next_title=titles.get(upcoming or "", "Angaben prüfen und absenden"),
        back=_address(trial, "page", before) if before else _address(trial, "start"),
        action=_address(trial, "page", page),
        stand=0,
        window="vorschau",
    )


def _refused(request: HttpRequest, trial: walk.Trial, key: str) -> HttpResponse:
    found = {refusal.key: refusal for refusal in trial.definition.refusals}.get(key)
    if found is None:
        raise Http404
    return _render(request, "preview/not_eligible.html", trial, refusal=found, back=_address(trial, "page", found.page))


@FRAMED
@xframe_options_sameorigin
@authors
@frame.GET_POST
def summary(request: HttpRequest, form: str) -> HttpResponse:
    """What was typed, as the check page shows it; it can be kept as test data."""
    trial = _trial(request, form)
    asked = CaseForm(request.POST or None)
    if request.method == "POST" and asked.is_valid():
        german = trial.version.definition
        case = replay.record(german, asked.cleaned_data["name"], walk.given(trial), today=trial.today)
        if wrong := replay.replay(german, [case]):
            for sentence in wrong[:5]:
                asked.add_error("name", sentence)
        else:
            actions.keep_case(trial.version.form, case, by=citizen(request))
            messages.success(request, f"Der Testfall „{case.name}“ ist gespeichert.")
            return redirect("builder:cases", form)
    sections = present.rows(trial.definition, trial.evaluation)
    back = _address(trial, "page", trial.evaluation.pages[-1])
    fee = trial.evaluation.fee_cents
    return _render(request, "preview/summary.html", trial, form=asked, sections=sections, back=back, fee=fee)


@authors
@require_POST
def forget(request: HttpRequest, form: str) -> HttpResponse:
    """Begin anew: what was typed is gone."""
    walk.forgotten(request.session, _version(request, form))
    messages.success(request, "Die Vorschau ist wieder leer.")
    return redirect("preview:frames", form)
