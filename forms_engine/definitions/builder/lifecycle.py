"""From a draft to a published form and off line again: each step with its page that says what happens (rule F47)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats
from django.views.decorators.http import require_GET, require_POST

from forms_engine.definitions import access, actions, queries, schema
from forms_engine.definitions.builder import reading
from forms_engine.definitions.builder.frame import GET_POST, PlainForm, authors, page
from forms_engine.definitions.models import Form, FormVersion
from forms_engine.definitions.states import VersionState, WrongState
from portal.accounts.access import citizen
from portal.accounts.models import User

MOMENTS = ["%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M", "%Y-%m-%dT%H:%M"]
CHANGED_MEANWHILE = "Das Formular hat sich inzwischen geändert. Ihre Aktion wurde nicht ausgeführt."


def _moment(label: str, help_text: str, *, required: bool = True) -> forms.DateTimeField:
    said = f"Geben Sie ein: {label}, zum Beispiel 27.3.2027 8:00."
    return forms.DateTimeField(
        label=label,
        help_text=help_text,
        required=required,
        input_formats=MOMENTS,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": said, "invalid": said},
    )


def _note(label: str, empty: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": empty},
    )


class NoForm(PlainForm):
    pass


class HandInForm(PlainForm):
    note = _note("Was ist neu?", "Schreiben Sie, was neu ist. Die prüfende Person liest es.")


class SendBackForm(PlainForm):
    note = _note("Was ist zu ändern?", "Schreiben Sie, was zu ändern ist.")


class ApproveForm(PlainForm):
    publish_at = _moment(
        "Erscheint am", "Leer: sofort. Sonst Tag und Uhrzeit, zum Beispiel 27.3.2027 8:00", required=False
    )


class WithdrawForm(PlainForm):
    note = _note("Warum?", "Schreiben Sie, warum das Formular zurückgezogen wird.")


class PauseForm(PlainForm):
    starts_at = _moment("Beginn", "Zum Beispiel 27.3.2027 8:00")
    ends_at = _moment("Ende", "Zum Beispiel 27.3.2027 12:00")
    reason = forms.CharField(
        label="Was die Menschen lesen",
        help_text="Ein Satz, zum Beispiel: Wir stellen das Formular auf das neue Recht um.",
        max_length=300,
        error_messages={"required": "Schreiben Sie, was die Menschen lesen sollen."},
    )

    def clean(self) -> dict[str, Any]:
        start, end = self.cleaned_data.get("starts_at"), self.cleaned_data.get("ends_at")
        if start and end and end <= start:
            self.add_error("ends_at", "Das Ende muss nach dem Beginn liegen.")
        return self.cleaned_data


Act = Callable[[Form, FormVersion | None, User, dict[str, Any]], str]


@dataclass(frozen=True)
class Step:
    """`act` does it and says in a sentence what was done; `state`: of the version it is about."""

    title: str
    consequence: str
    button: str
    act: Act
    form: type[PlainForm] = NoForm
    state: tuple[str, ...] = ()
    danger: bool = False
    compares: bool = False  # the page shows what is different from the published version


def _begin(form: Form, version: FormVersion | None, user: User, data: dict[str, Any]) -> str:
    newest = form.versions.order_by("-number").first()
    if version is not None or newest is None:
        raise WrongState(str(form))
    actions.write_draft(form.slug, newest.source, by=user)
    return "Der Entwurf ist angelegt. Er beginnt mit dem Text der letzten Fassung."


def _hand_in(form: Form, version: FormVersion | None, user: User, data: dict[str, Any]) -> str:
    actions.hand_in(_some(version), by=user, note=data["note"])
    return "Der Entwurf liegt zur Prüfung vor. Eine andere Person gibt ihn frei."


def _send_back(form: Form, version: FormVersion | None, user: User, data: dict[str, Any]) -> str:
    actions.send_back(_some(version), by=user, note=data["note"])
    return "Die Fassung ist wieder ein Entwurf."


def _approve(form: Form, version: FormVersion | None, user: User, data: dict[str, Any]) -> str:
    approved = _some(version)
    actions.approve(approved, by=user, publish_at=data["publish_at"])
    if approved.publish_at is None or approved.state == VersionState.PUBLISHED:
        return f"Fassung {approved.number} ist veröffentlicht."
    return f"Fassung {approved.number} erscheint am {formats.date_format(approved.publish_at, 'd.m.Y, H:i')} Uhr."


def _withdraw(form: Form, version: FormVersion | None, user: User, data: dict[str, Any]) -> str:
    try:
        published = queries.current_version(form.slug)
    except FormVersion.DoesNotExist:
        raise WrongState(str(form)) from None
    actions.withdraw(published, by=user, note=data["note"])
    return "Das Formular ist zurückgezogen. Begonnene Anträge laufen weiter."


def _pause(form: Form, version: FormVersion | None, user: User, data: dict[str, Any]) -> str:
    actions.pause(form, by=user, **data)
    return "Die Wartung ist angekündigt."


def _delete(form: Form, version: FormVersion | None, user: User, data: dict[str, Any]) -> str:
    actions.delete_draft(_some(version), by=user)
    return "Der Entwurf ist gelöscht."


def _some(version: FormVersion | None) -> FormVersion:
    if version is None:
        raise WrongState("keine Fassung in Arbeit")
    return version


STEPS: dict[str, Step] = {
    "entwurf": Step(
        "Neue Fassung beginnen",
        "Es entsteht ein Entwurf mit dem Text der letzten Fassung. Veröffentlicht wird nichts.",
        "Entwurf anlegen",
        _begin,
    ),
    "einreichen": Step(
        "Zur Prüfung geben",
        "Danach kann niemand den Text ändern, bis er freigegeben oder zurückgegeben ist.",
        "Zur Prüfung geben",
        _hand_in,
        HandInForm,
        (VersionState.DRAFT,),
        compares=True,
    ),
    "zurueckgeben": Step(
        "Zurückgeben",
        "Die Fassung wird wieder ein Entwurf. Ein geplantes Erscheinen entfällt.",
        "Zurückgeben",
        _send_back,
        SendBackForm,
        (VersionState.REVIEW, VersionState.APPROVED),
    ),
    "freigeben": Step(
        "Freigeben",
        "Neue Anträge beginnen mit dieser Fassung. Laufende Anträge bleiben auf ihrer.",
        "Freigeben",
        _approve,
        ApproveForm,
        (VersionState.REVIEW,),
        compares=True,
    ),
    "zurueckziehen": Step(
        "Formular zurückziehen",
        "Niemand kann mehr einen Antrag beginnen. Begonnene Anträge und Vorgänge laufen weiter.",
        "Formular zurückziehen",
        _withdraw,
        WithdrawForm,
        danger=True,
    ),
    "wartung": Step(
        "Wartung ankündigen",
        "In dieser Zeit beginnt und sendet niemand einen Antrag. Entwürfe bleiben erhalten.",
        "Wartung ankündigen",
        _pause,
        PauseForm,
    ),
    "entwurf-loeschen": Step(
        "Entwurf löschen",
        "Der Entwurf und sein Verlauf sind weg. Das lässt sich nicht rückgängig machen.",
        "Entwurf löschen",
        _delete,
        state=(VersionState.DRAFT,),
        danger=True,
    ),
}


@authors
@require_GET
def form(request: HttpRequest, form: str) -> HttpResponse:
    """One form: its versions, what can be done with it, what the linter and the test data say."""
    found = access.form_for(citizen(request), form)
    work = queries.in_work(found)
    context: dict[str, Any] = {
        "form_row": found,
        "work": work,
        "online": reading.online(found),
        "is_survey": reading.is_survey(found),
        "versions": found.versions.defer("source").select_related("author", "reviewer")[:30],
        "steps": [(key, STEPS[key]) for key in _possible(found, work, citizen(request))],
        "own": work is not None and reading.wrote(work, citizen(request)),
        "pauses": reading.pauses(found),
        "summary": reading.summary(work) if work else None,
        "changes": reading.changes(found, work),
        "cases": found.replay_cases.count(),
    }
    return page(request, "form", found.title, **context)


def _possible(form: Form, work: FormVersion | None, user: User) -> list[str]:
    found = [key for key, step in STEPS.items() if work and work.state in step.state]
    if work and reading.wrote(work, user):
        found = [key for key in found if key != "freigeben"]
    if work is None and form.versions.exists():
        found.append("entwurf")
    if reading.online(form):
        found += ["wartung", "zurueckziehen"]
    return found


@authors
@GET_POST
def step(request: HttpRequest, form: str, step: str) -> HttpResponse:
    """Says what follows and asks; does it with the answer."""
    if step not in STEPS:
        raise Http404
    user, wanted = citizen(request), STEPS[step]
    found = access.form_for(user, form)
    work = queries.in_work(found)
    if wanted.state and (work is None or work.state not in wanted.state):
        messages.warning(request, CHANGED_MEANWHILE)
        return redirect("builder:form", form)
    asked = wanted.form(request.POST if request.method == "POST" else None)
    failed: list[str] = []
    if request.method == "POST" and _same(request, work) and asked.is_valid():
        failed = _act(request, wanted, found, work, asked.cleaned_data)
        if not failed:
            return redirect("builder:form", form) if found.versions.exists() else redirect("builder:forms")
    elif request.method == "POST" and not _same(request, work):
        failed = [CHANGED_MEANWHILE]
    context: dict[str, Any] = {
        "step": wanted,
        "form": asked,
        "form_row": found,
        "work": work,
        "failed": failed,
        "changes": reading.changes(found, work) if wanted.compares else None,
        "summary": reading.summary(work) if work and wanted.compares else None,
        "back": reverse("builder:form", args=[form]),
    }
    return page(request, "step", f"{wanted.title}: {found.title}", status=409 if failed else 200, **context)


def _same(request: HttpRequest, work: FormVersion | None) -> bool:
    """Whether the person decides on the text they have seen."""
    return request.POST.get("stand", "") == (work.sha256 if work else "")


def _act(request: HttpRequest, step: Step, form: Form, work: FormVersion | None, data: dict[str, Any]) -> list[str]:
    """Empty, or sentences on why nothing was done."""
    try:
        messages.success(request, step.act(form, work, citizen(request), data))
    except actions.ReplayFailed as failed:
        return [str(failed), *failed.sentences]
    except actions.NotAllowed as refused:
        return [str(refused)]
    except schema.DefinitionError as error:
        return [f"{path}: {sentence}" for path, sentence in error.problems]
    except (WrongState, actions.Outdated):
        return [CHANGED_MEANWHILE]
    return []


@authors
@require_POST
def end_pause(request: HttpRequest, form: str, pause: int) -> HttpResponse:
    row = access.pause_for(citizen(request), form, pause)
    actions.end_pause(row, by=citizen(request))
    messages.success(request, "Die Wartung ist beendet.")
    return redirect("builder:form", form)
