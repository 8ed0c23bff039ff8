"""The outline of a draft and what its buttons do: add, copy, move, delete, take back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from forms_engine.definitions import access, actions, document, queries, schema
from forms_engine.definitions.builder import bench as desk
from forms_engine.definitions.builder import fresh
from forms_engine.definitions.builder import operations as ops
from forms_engine.definitions.builder.bench import Bench, Conflict
from forms_engine.definitions.builder.frame import GET_POST, PlainForm, authors, page
from forms_engine.definitions.builder.props import SECTIONS, TYPES
from forms_engine.definitions.document import Data
from forms_engine.definitions.states import VersionState, WrongState
from portal.accounts.access import citizen

KINDS = [(key, label) for key, (label, _) in TYPES.items()]
MOST_AT_ONCE = 100  # entries that the outline shows; of a longer form only those of the open page
INSIDE = [(key, label) for key, label in KINDS if key not in ops.NOT_INSIDE]


class PageForm(PlainForm):
    title = forms.CharField(
        label="Überschrift der Seite",
        help_text="Die Frage oder Aufgabe dieser Seite",
        max_length=200,
        error_messages={"required": "Geben Sie die Überschrift ein."},
    )


class EntryForm(PlainForm):
    """A new question. What it needs besides depends on its kind; the rest is asked on its own page."""

    kind = forms.ChoiceField(label="Art", choices=KINDS, error_messages={"invalid_choice": "Wählen Sie eine Art aus."})
    label = forms.CharField(
        label="Beschriftung oder Frage", max_length=300, error_messages={"required": "Geben Sie die Beschriftung ein."}
    )
    empty = forms.CharField(
        label="Satz, wenn nichts eingegeben ist",
        help_text="Sagt, was zu tun ist: „Geben Sie … ein.“ Nur bei Fragen",
        max_length=300,
        required=False,
    )
    needed = forms.BooleanField(label="Antwort nötig", required=False, initial=True)
    lines = forms.CharField(
        label="Möglichkeiten",
        help_text="Nur bei einer Auswahl: eine je Zeile",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    text = forms.CharField(
        label="Text",
        help_text="Nur bei einer Erklärung oder einem Text ohne Frage",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        kind = data.get("kind", "")
        if kind and kind not in fresh.WITHOUT_EMPTY and data.get("needed") and not data.get("empty"):
            self.add_error("empty", "Schreiben Sie, was zu tun ist, wenn die Antwort fehlt.")
        if kind in fresh.CHOICES and len(data.get("lines", "").split()) < 1:
            self.add_error("lines", "Schreiben Sie die Möglichkeiten auf, eine je Zeile.")
        if kind in fresh.WITH_TEXT and not data.get("text"):
            self.add_error("text", "Schreiben Sie den Text.")
        return data

    def entry(self, data: Data) -> Data:
        said = self.cleaned_data
        return fresh.entry(
            data,
            kind=said["kind"],
            label=said["label"],
            empty=said["empty"],
            text=said["text"],
            lines=said["lines"].splitlines(),
            needed=said["needed"],
        )


def back_to(form: str, name: str = "", key: str = "") -> HttpResponse:
    """The outline, at the entry or page that was just changed."""
    path = reverse("builder:outline", args=[form])
    return redirect(f"{path}?offen={key}#{f'f-{name}' if name else f's-{key}'}" if key else path)


def to_outline(request: HttpRequest, held: Bench, data: Data, name: str) -> HttpResponse:
    return back_to(held.version.form.slug, name, ops.page_of(data, name))


@authors
@GET_POST
def outline(request: HttpRequest, form: str) -> HttpResponse:
    found = access.form_for(citizen(request), form)
    work = queries.in_work(found)
    if work is None or work.state != VersionState.DRAFT:
        messages.info(request, "Ändern lässt sich nur ein Entwurf.")
        return redirect("builder:form", form)
    held = desk.open_draft(request, form)
    if request.method == "POST":
        return _do(request, held)
    sheets = desk.outline(held)
    context: dict[str, Any] = {
        "held": held,
        "version": work,
        "sheets": sheets,
        "open": request.GET.get("offen") or (sheets[0].key if len(sheets) == 1 else ""),
        "large": sum(sheet.count for sheet in sheets) > MOST_AT_ONCE,
        "whole": desk.whole(held),
        "errors": sum(entry.blocks for entry in held.findings),
        "sections": [(key, section.title) for key, section in SECTIONS.items()],
        "undo": work.revisions.defer("source").select_related("author").first(),
        "loses_comments": any(line.lstrip().startswith("#") for line in work.source.splitlines()),
    }
    return page(request, "outline", f"{found.title} bauen", **context)


def _do(request: HttpRequest, held: Bench) -> HttpResponse:
    """One button of the outline: "hoch:name", "ziehen:name:home:index"."""
    verb, _, rest = request.POST.get("tun", "").partition(":")
    form = held.version.form.slug
    if verb in ("hoch", "runter"):
        label = _label(held, rest)
        moved = desk.attempt(
            request, held, lambda data: ops.step(data, rest, -1 if verb == "hoch" else 1), f"{label} verschoben"
        )
        data = document.read(desk.open_draft(request, form).version.source) if moved else held.data
        return back_to(form, rest, _page_of(data, rest))
    if verb in ("seite-hoch", "seite-runter"):
        by = -1 if verb == "seite-hoch" else 1
        desk.attempt(request, held, lambda data: ops.move_page(data, rest, by), "Seite verschoben")
        return back_to(form, key=rest)
    if verb == "ziehen":
        name, _, there = rest.partition(":")
        home, _, index = there.rpartition(":")
        place = int(index) if index.isascii() and index.isdigit() else 0
        desk.attempt(request, held, lambda data: ops.move(data, name, home, place), f"{_label(held, name)} verschoben")
        return back_to(form, name, _page_of(held.data, name) if home.startswith(ops.GROUP) else home)
    if verb in ("kopieren", "seite-kopieren"):
        copied = ops.copy if verb == "kopieren" else ops.copy_page
        return _copied(request, held, copied, rest)
    raise Http404


def _copied(request: HttpRequest, held: Bench, copied: Any, what: str) -> HttpResponse:
    form = held.version.form.slug
    try:
        data, name = copied(held.data, what)
    except ops.Refused as refused:
        messages.error(request, str(refused))
        return back_to(form)
    if not desk.attempt(request, held, lambda _: data, f"{name} ist eine Kopie"):
        return back_to(form)
    messages.success(request, "Die Kopie steht dahinter. Ändern Sie nun, was anders ist.")
    if copied is ops.copy_page:
        return back_to(form, key=name)
    return to_outline(request, held, data, name)


def _label(held: Bench, name: str) -> str:
    found = next((spot.entry for spot in ops.spots(held.data) if spot.ident == name), None)
    return f"„{ops.entry_label(found)}“" if found else "Eintrag"


def _page_of(data: Data, name: str) -> str:
    try:
        return ops.page_of(data, name)
    except ops.Refused:
        return ""


@authors
@GET_POST
def add_page(request: HttpRequest, form: str) -> HttpResponse:
    """A page with its first question."""
    held = desk.open_draft(request, form)
    sheet, entry = PageForm(request.POST or None), EntryForm(request.POST or None)
    conflict: Conflict | None = None
    if request.method == "POST" and all([sheet.is_valid(), entry.is_valid()]):
        new = fresh.page(held.data, sheet.cleaned_data["title"], entry.entry(held.data))
        after = request.GET.get("nach", "")
        keys = [page["key"] for page in held.data["pages"]]
        index = keys.index(after) + 1 if after in keys else None
        conflict = _saved(request, held, entry, ops.add_page(held.data, new, index), "Seite hinzugefügt")
        if conflict is None and not entry.errors:
            return back_to(form, key=new["key"])
    context: dict[str, Any] = {
        "forms": [sheet, entry],
        "form": entry if entry.errors else sheet,
        "held": held,
        "conflict": conflict,
    }
    return page(request, "add", "Seite hinzufügen", button="Seite hinzufügen", **context)


@authors
@GET_POST
def add_entry(request: HttpRequest, form: str, home: str) -> HttpResponse:
    """A question, block or group on a page, or a question in a group."""
    held = desk.open_draft(request, form)
    try:
        inside = ops.holder(held.data, home) is not None
    except ops.Refused:
        raise Http404 from None
    entry = EntryForm(request.POST or None)
    if inside:
        entry.fields["kind"].choices = INSIDE  # type: ignore[attr-defined]  # a ChoiceField, as written above
    conflict: Conflict | None = None
    if request.method == "POST" and entry.is_valid():
        made = entry.entry(held.data)
        try:
            data = ops.add(held.data, home, made)
        except ops.Refused as refused:
            entry.add_error(None, str(refused))
        else:
            conflict = _saved(request, held, entry, data, f"„{ops.entry_label(made)}“ hinzugefügt")
            if conflict is None and not entry.errors:
                return to_outline(request, held, data, ops.ident(made))
    context: dict[str, Any] = {"forms": [entry], "form": entry, "held": held, "conflict": conflict}
    return page(request, "add", "Hinzufügen", button="Hinzufügen", **context)


def _saved(request: HttpRequest, held: Bench, form: PlainForm, data: Data, what: str) -> Conflict | None:
    """Saves; what is wrong stands in the form's errors then."""
    try:
        desk.save(request, held, data, what)
    except Conflict as conflict:
        return conflict
    except ops.Refused as refused:
        form.add_error(None, str(refused))
    except schema.DefinitionError as error:
        for path, sentence in error.problems[:10]:
            form.add_error(None, f"{ops.place_in_words(data, path)}{sentence}")
    return None


@authors
@GET_POST
def delete(request: HttpRequest, form: str) -> HttpResponse:
    """Asks first (rule F47). ?frage=name or ?seite=key"""
    held = desk.open_draft(request, form)
    name, key = request.GET.get("frage", ""), request.GET.get("seite", "")
    try:
        what = _label(held, ops.spot(held.data, name).ident) if name else None
        sheet = held.data["pages"][ops.page_index(held.data, key)] if not name else None
    except ops.Refused:
        raise Http404 from None
    title = f"{what} löschen" if what else f"Seite „{ops.german(sheet['title'])}“ löschen" if sheet else ""
    if request.method == "POST":
        home = _page_of(held.data, name) if name else ""
        gone = (lambda data: ops.delete(data, name)) if name else (lambda data: ops.delete_page(data, key))
        if desk.attempt(request, held, gone, title.replace("löschen", "gelöscht")):
            messages.success(
                request, f"{title.removesuffix(' löschen')} ist gelöscht. Sie können das rückgängig machen."
            )
        return back_to(form, key=home)
    return page(request, "delete", title, held=held, entries=len(sheet["fields"]) if sheet else 0)


@authors
@require_POST
def undo(request: HttpRequest, form: str) -> HttpResponse:
    held = desk.open_draft(request, form)
    try:
        taken = actions.undo(held.version, by=citizen(request), expected=request.POST.get("stand", ""))
    except actions.Outdated:
        messages.error(request, str(desk.conflict(held.version, request.POST.get("stand", ""))))
    except (actions.NotAllowed, WrongState) as refused:
        messages.error(request, str(refused) if isinstance(refused, actions.NotAllowed) else desk.NO_DRAFT)
    else:
        messages.success(request, f"Rückgängig gemacht: {taken.what}.")
    return back_to(form)
