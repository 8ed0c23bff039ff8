"""The source text, texts in all languages, test data, and what the draft said before."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from forms_engine.definitions import access, actions, document, queries, replay, schema
from forms_engine.definitions.builder import bench as desk
from forms_engine.definitions.builder import languages
from forms_engine.definitions.builder import operations as ops
from forms_engine.definitions.builder.forms import LANGUAGES, text_of
from forms_engine.definitions.builder.frame import GET_POST, PlainForm, authors, page
from forms_engine.definitions.lines import Lines
from portal.accounts.access import citizen

MOST_TEXTS = 300  # on one page of the translations


class SourceForm(PlainForm):
    """The text itself, or a file with it."""

    source = forms.CharField(
        label="Quelltext (YAML)",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false"}),
    )
    file = forms.FileField(label="oder eine Datei, die ihn ersetzt", required=False)

    def clean(self) -> dict[str, Any]:
        """`source` holds what is to be saved."""
        upload = cast(UploadedFile | None, self.cleaned_data.get("file"))
        text = str(self.cleaned_data.get("source") or "").replace("\r\n", "\n")
        if upload is not None:
            try:
                text = upload.read(schema.MAX_BYTES + 1).decode("utf-8")
            except UnicodeDecodeError:
                self.add_error("file", "Die Datei ist nicht in UTF-8 gespeichert. Speichern Sie sie neu.")
        try:
            schema.load(text)
        except schema.DefinitionError as error:
            lines = Lines(text)
            for path, sentence in error.problems[:20]:
                line = lines.of(path)
                where = f"Zeile {line}, {path}" if line and not path.startswith("Zeile") else path
                self.add_error("source", ValidationError(f"{where}: {sentence}" if where else sentence))
        self.cleaned_data["source"] = text
        return self.cleaned_data


@authors
@GET_POST
def source(request: HttpRequest, form: str) -> HttpResponse:
    """For experts: the document as it is stored."""
    held = desk.open_draft(request, form)
    conflict = None
    shown = SourceForm(request.POST or None, request.FILES or None, initial={"source": held.version.source})
    if request.method == "POST" and shown.is_valid():
        try:
            text = shown.cleaned_data["source"]
            actions.change_draft(held.version, text, by=citizen(request), expected=request.POST.get("stand", ""))
            messages.success(request, "Der Quelltext ist gespeichert.")
            return redirect("builder:outline", form)
        except actions.Outdated:
            conflict = desk.conflict(held.version, request.POST.get("stand", ""))
        except schema.DefinitionError as error:
            for _, sentence in error.problems:
                shown.add_error("source", sentence)
    return page(
        request, "source", "Quelltext", status=409 if conflict else 200, form=shown, held=held, conflict=conflict
    )


@authors
@require_GET
def export(request: HttpRequest, form: str, number: int) -> HttpResponse:
    """A version as a file."""
    version = access.version_for(citizen(request), form, number)
    answer = HttpResponse(version.source, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{form}-{number}.yaml"'
    return answer


@authors
@GET_POST
def texts(request: HttpRequest, form: str) -> HttpResponse:
    """Every text of a part in all languages side by side."""
    held = desk.open_draft(request, form)
    parts = list(languages.parts(held.definition))
    part = request.GET.get("teil", "formular")
    found = languages.of_part(held.definition, held.data, part)[:MOST_TEXTS]
    codes = [code for code in held.codes if code != "de"]
    if request.method == "POST":
        data = ops.copy_of(held.data)
        for number, (path, _) in enumerate(found):
            if request.POST.get(f"ort-{number}") == path:
                words = {code: request.POST.get(f"text-{number}-{code}", "").strip()[:4000] for code in ("de", *codes)}
                languages.put(data, path, words if words["de"] else {k: v for k, v in words.items() if k != "de"})
        if desk.attempt(request, held, lambda _: data, "Übersetzungen geändert"):
            messages.success(request, "Die Texte sind gespeichert.")
        return redirect(request.get_full_path())
    rows = [
        {"path": path, "number": n, "cells": [(code, LANGUAGES[code], text_of(text, code)) for code in ("de", *codes)]}
        for n, (path, text) in enumerate(found)
    ]
    context: dict[str, Any] = {"held": held, "parts": parts, "part": part, "rows": rows, "codes": codes}
    return page(request, "texts", "Texte in allen Sprachen", **context)


@authors
@require_GET
def cases(request: HttpRequest, form: str) -> HttpResponse:
    """Stored test data, each held against the version in work or the published one."""
    found = access.form_for(citizen(request), form)
    version = queries.in_work(found) or found.versions.order_by("-number").first()
    rows = []
    for row in found.replay_cases.select_related("author"):
        case = replay.from_json(row.content)
        sentences = replay.replay(version.definition, [case]) if version else []
        rows.append({"row": row, "case": case, "failed": sentences})
    return page(request, "cases", f"Testfälle: {found.title}", form_row=found, rows=rows, version=version)


@authors
@require_POST
def renew_case(request: HttpRequest, form: str, case: int) -> HttpResponse:
    """What follows now is what must follow from now on."""
    row = access.case_for(citizen(request), form, case)
    version = queries.in_work(row.form)
    if version is not None:
        held = replay.from_json(row.content)
        fresh = replay.record(version.definition, held.name, held.answers, today=held.today)
        actions.keep_case(row.form, fresh, by=citizen(request))
        messages.success(request, f"„{row.name}“ erwartet jetzt, was dieser Entwurf ergibt.")
    return redirect("builder:cases", form)


@authors
@GET_POST
def drop_case(request: HttpRequest, form: str, case: int) -> HttpResponse:
    """Asks first (rule F47)."""
    row = access.case_for(citizen(request), form, case)
    if request.method == "POST":
        actions.drop_case(row, by=citizen(request))
        messages.success(request, f"Der Testfall „{row.name}“ ist gelöscht.")
        return redirect("builder:cases", form)
    return page(request, "drop_case", f"Testfall „{row.name}“ löschen", form_row=row.form, row=row)


@authors
@GET_POST
def history(request: HttpRequest, form: str) -> HttpResponse:
    """What was changed in the draft; an earlier text can be taken again."""
    held = desk.open_draft(request, form)
    if request.method == "POST":
        wanted = request.POST.get("stand_davor", "")
        row = access.revision_for(citizen(request), form, int(wanted) if wanted.isascii() and wanted.isdigit() else 0)
        when = f"{row.created_at:%d.%m.%Y %H:%M}"
        if desk.attempt(request, held, lambda _: document.read(row.source), f"Zurück zum Stand vor {when}"):
            messages.success(request, "Der frühere Stand ist wieder da.")
        return redirect("builder:outline", form)
    rows = held.version.revisions.defer("source").select_related("author")
    return page(request, "history", "Verlauf des Entwurfs", held=held, rows=rows)
