"""Pages on which team leads and editors keep the texts of letters: list, edit, preview, publish, compare."""

import difflib
import functools
import uuid
from typing import ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from forms_engine.cases.models import DecisionKind, LetterTemplate, PreviewState
from forms_engine.cases.wording import access, actions, letter_payload, previews, samples, shapes, texts
from forms_engine.cases.wording.engine import TooLong
from forms_engine.cases.workplace.frame import WRITERS, page, writers
from forms_engine.cases.workplace.texts_form import TextsForm
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.models import Form
from portal.accounts.access import citizen
from portal.accounts.models import Role
from portal.audit import actions as audit

P = ParamSpec("P")
OVERTAKEN = "Jemand anderes hat den Entwurf inzwischen geändert. Ihre Eingaben stehen noch im Formular."


@writers
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    found = access.deciding_forms(citizen(request))
    rows = LetterTemplate.objects.filter(form__in=[form for form, _ in found]).order_by("number")
    held: dict[tuple[int, str], dict[str, LetterTemplate]] = {}
    for row in rows.select_related("author"):
        held.setdefault((row.form_id, row.kind), {})[row.state] = row
    lines = [
        (
            form,
            [
                (kind, held.get((form.pk, kind), {}).get("published"), held.get((form.pk, kind), {}).get("draft"))
                for kind in kinds
            ],
        )
        for form, kinds in found
    ]
    return page(request, "workplace/texts.html", "Textvorlagen", forms=lines)


@writers
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, form: str, kind: str) -> HttpResponse:
    """The draft of a kind; without one it begins with the newest published text, or the form's own."""
    found, definition, result = _place(request, form, kind)
    draft, newest = actions.draft_of(found, result), letter_payload.newest(found, result)
    held = draft or newest
    begin = held.texts if held else texts.first_draft(definition, result)
    if request.method != "POST":
        return _editor(request, found, definition, result, TextsForm(initial=begin, definition=definition))
    typed = TextsForm(request.POST, definition=definition)
    if not typed.is_valid():
        return _editor(request, found, definition, result, typed, 422)
    try:
        actions.save(found, result, typed.cleaned_data, by=citizen(request), seen=request.POST.get("stand", ""))
    except actions.Overtaken:
        messages.error(request, OVERTAKEN)
        return _editor(request, found, definition, result, typed, 409)
    messages.success(request, "Der Entwurf ist gespeichert. Eine andere Person kann ihn veröffentlichen.")
    return redirect("workplace:text", form, kind)


def _place(request: HttpRequest, form: str, kind: str) -> tuple[Form, FormDefinition, DecisionKind]:
    found, definition = access.form_for(citizen(request), form)
    return found, definition, access.kind_for(definition, kind)


def _editor(
    request: HttpRequest,
    form: Form,
    definition: FormDefinition,
    kind: DecisionKind,
    typed: TextsForm,
    status: int = 200,
) -> HttpResponse:
    draft = actions.draft_of(form, kind)
    names = list(shapes.listed(texts.vocabulary(definition)))
    context = {
        "of": form,
        "kind": kind,
        "form": typed,
        "draft": draft,
        "stamp": actions.stamp(draft),
        "names": names,
        "versions": LetterTemplate.objects.filter(form=form, kind=kind).select_related("author", "publisher"),
        "own": draft is not None and draft.author == citizen(request),
    }
    return page(request, "workplace/text.html", f"{form.title}: {kind.label}", status, **context)


@writers
@require_POST
def publish(request: HttpRequest, form: str, kind: str) -> HttpResponse:
    """By somebody else than the author."""
    found, definition, result = _place(request, form, kind)
    try:
        if "verwerfen" in request.POST:
            actions.discard(found, result, by=citizen(request))
            messages.success(request, "Der Entwurf ist verworfen.")
            return redirect("workplace:texts")
        done = actions.publish(found, result, definition, by=citizen(request), seen=request.POST.get("stand", ""))
    except actions.OwnText:
        messages.error(request, "Ihren eigenen Text muss eine andere Person veröffentlichen.")
    except actions.Overtaken:
        messages.error(request, "Der Entwurf hat sich inzwischen geändert. Lesen Sie ihn noch einmal.")
    except actions.Unfit:
        messages.error(request, "Der Entwurf passt nicht mehr zum Formular. Speichern Sie ihn noch einmal.")
    else:
        messages.success(request, f"Fassung {done.number} ist veröffentlicht und gilt ab sofort.")
    return redirect("workplace:text", form, kind)


@writers
@require_GET
def compare(request: HttpRequest, form: str, kind: str) -> HttpResponse:
    """Two versions block by block, line by line; by default the two newest."""
    found, _definition, result = _place(request, form, kind)
    numbers = list(
        LetterTemplate.objects.filter(form=found, kind=result).order_by("number").values_list("number", flat=True)
    )
    if not numbers:
        raise Http404
    old = _number(request.GET.get("alt", ""), numbers[-2] if len(numbers) > 1 else numbers[-1])
    new = _number(request.GET.get("neu", ""), numbers[-1])
    before, after = (access.version_for(found, result, number) for number in (old, new))
    changes = [
        (label, _lines(before.texts.get(block, ""), after.texts.get(block, "")))
        for block, (label, _hint) in texts.BLOCKS.items()
    ]
    context = {"of": found, "kind": result, "before": before, "after": after, "numbers": numbers, "changes": changes}
    return page(request, "workplace/text_compare.html", f"{found.title}: Fassungen vergleichen", 200, **context)


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else otherwise


def _lines(before: str, after: str) -> list[tuple[str, str]]:
    """(mark, line): „+“ new, „-“ gone, „ “ the same; empty if nothing changed."""
    if before == after:
        return []
    told = difflib.ndiff(before.split("\n"), after.split("\n"))
    return [(line[0], line[2:]) for line in told if line[0] in "+- "]


@writers
@require_POST
def try_out(request: HttpRequest, form: str, kind: str) -> HttpResponse:
    """A PDF of what is typed, with a sample or the answers of a case. Nothing is saved."""
    found, definition, result = _place(request, form, kind)
    typed = TextsForm(request.POST, definition=definition)
    if not typed.is_valid():
        return _editor(request, found, definition, result, typed, 422)
    number = request.POST.get("vorgang", "").strip()
    case = access.sample_case(citizen(request), found, number) if number else None
    if number and case is None:
        messages.error(
            request, f"Zu „{number}“ sehen Sie keinen Vorgang dieses Formulars. Prüfen Sie das Aktenzeichen."
        )
        return _editor(request, found, definition, result, typed, 422)
    if case is not None:  # its answers are read: the person may know
        audit.record("case.read", f"case:{case.public_id}", str(citizen(request).public_id))
    clerk = citizen(request).get_full_name()
    draft = LetterTemplate(form=found, kind=result, number=0, texts=typed.cleaned_data)
    try:
        if case is None:
            payload = samples.payload(definition, result, draft.texts, clerk=clerk)
        else:
            payload = letter_payload.with_template(case, samples.outcome(case, result), draft, clerk=clerk)
    except TooLong:
        typed.add_error(None, "Mit diesen Angaben wird das Schreiben zu lang. Kürzen Sie die Listen.")
        return _editor(request, found, definition, result, typed, 422)
    return redirect("workplace:preview", previews.ask(payload, by=citizen(request)).public_id)


ANYBODY = (Role.CLERK, *WRITERS)


@functools.partial(writers, roles=ANYBODY)
@require_GET
def preview(request: HttpRequest, preview: uuid.UUID) -> HttpResponse:
    """Waits for the worker; then the file."""
    found = access.preview_for(citizen(request), preview)
    if found.state == PreviewState.READY and "datei" in request.GET:
        answer = HttpResponse(found.pdf(), content_type="application/pdf")
        answer["Content-Disposition"] = 'attachment; filename="Ansicht.pdf"'
        return answer
    context = {
        "preview": found,
        "waiting": found.state == PreviewState.WAITING,
        "ready": found.state == PreviewState.READY,
    }
    return page(request, "workplace/preview.html", "Ansicht des Schreibens", 200, **context)
