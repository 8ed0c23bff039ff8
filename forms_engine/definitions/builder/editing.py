"""One question, one page, one part of the settings: shown as a form, changed, checked on saving."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from forms_engine.definitions import schema
from forms_engine.definitions.builder import bench as desk
from forms_engine.definitions.builder import conditions, languages
from forms_engine.definitions.builder import operations as ops
from forms_engine.definitions.builder.bench import Bench, Conflict
from forms_engine.definitions.builder.forms import PropsForm, look, place
from forms_engine.definitions.builder.frame import GET_POST, authors, page
from forms_engine.definitions.builder.props import PAGE, SECTIONS, TYPES, Prop
from forms_engine.definitions.builder.references import RULES
from forms_engine.definitions.builder.views import back_to, to_outline
from forms_engine.definitions.document import Data

LINES = 4  # comparisons that a condition is put together from at once


def _props(request: HttpRequest, held: Bench, props: Sequence[Prop], node: Data) -> PropsForm:
    return PropsForm(request.POST or None, props=props, node=node, languages=held.codes)


def _save(
    request: HttpRequest, held: Bench, form: PropsForm, change: Callable[[Data], Data], prefix: str, what: str
) -> Conflict | bool:
    """True if it is saved. What is wrong stands at the fields; a conflict keeps what was typed."""
    try:
        data = change(form.written())
        desk.save(request, held, data, what)
    except Conflict as conflict:
        return conflict
    except ops.Refused as refused:
        form.add_error(None, str(refused))
        return False
    except schema.DefinitionError as error:
        for path, sentence in error.problems[:10]:
            inside = path.startswith(prefix) if prefix else not path.startswith("pages[")
            where = "" if inside else ops.place_in_words(data, path)
            form.tell(path.removeprefix(prefix).lstrip(".") if inside else "", f"{where}{sentence}")
        return False
    return True


def _rows_wanted(form: PropsForm) -> bool:
    """A button for further rows: what was typed is shown again, with more to fill in."""
    wanted = form.more_rows()
    key = f"{wanted}-zahl"
    if not wanted or key not in form.fields:
        return False
    again = cast(QueryDict, form.data).copy()
    again[key] = str(form.count(wanted) + 5)
    form.data = again
    return True


def _show(request: HttpRequest, held: Bench, form: PropsForm, title: str, **more: Any) -> HttpResponse:
    context: dict[str, Any] = {
        "path": "",
        "spot": None,
        "form": form,
        "held": held,
        "shown": list(form.shown()),
        **more,
    }
    return page(request, "edit", title, status=409 if more.get("conflict") else 200, **context)


def _answer(
    request: HttpRequest, held: Bench, props: Sequence[Prop], node: Data, change: Any, prefix: str, what: str
) -> tuple[PropsForm, Conflict | None, bool]:
    """The form as it is to be shown, a conflict, and whether it is saved."""
    form = _props(request, held, props, node)
    if request.method != "POST":
        return form, None, False
    if _rows_wanted(form):
        again = PropsForm(form.data, props=props, node=node, languages=held.codes)
        again.full_clean()
        again.errors.clear()
        return again, None, False
    if not form.is_valid():
        return form, None, False
    done = _save(request, held, form, change, prefix, what)
    return form, done if isinstance(done, Conflict) else None, done is True


@authors
@GET_POST
def entry(request: HttpRequest, form: str, name: str) -> HttpResponse:
    """A question, block or group, by its kind."""
    held = desk.open_draft(request, form)
    try:
        spot = ops.spot(held.data, name)
    except ops.Refused:
        raise Http404 from None
    if request.method == "POST" and "nach" in request.POST:
        return _move(request, held, name)
    kind, props = TYPES[spot.entry["type"]]
    label = ops.entry_label(spot.entry)
    shown, conflict, saved = _answer(
        request, held, props, spot.entry, lambda node: ops.put(held.data, name, node), spot.path, f"„{label}“ geändert"
    )
    if saved:
        messages.success(request, f"„{label}“ ist gespeichert.")
        after = shown.written()
        return to_outline(request, held, ops.put(held.data, name, after), ops.ident(after))
    homes = [(sheet["key"], ops.german(sheet["title"])) for sheet in held.data["pages"]]
    groups = [spot.entry for spot in ops.spots(held.data) if spot.entry["type"] in ops.HOLDERS]
    homes += [(ops.GROUP + ops.ident(group), f"Gruppe: {ops.entry_label(group)}") for group in groups]
    more = {
        "kind": kind,
        "spot": spot,
        "homes": [home for home in homes if home[0] not in (spot.home, ops.GROUP + name)],
        "path": spot.path,
        "findings": desk.of_place(held, spot.path),
        "page_key": ops.page_of(held.data, name),
        "conflict": conflict,
    }
    return _show(request, held, shown, f"{kind}: {label}", **more)


def _move(request: HttpRequest, held: Bench, name: str) -> HttpResponse:
    home = request.POST["nach"]
    if desk.attempt(request, held, lambda data: ops.move(data, name, home, 999), f"„{name}“ verschoben"):
        messages.success(request, "Der Eintrag steht jetzt am Ende der neuen Stelle.")
    data = desk.open_draft(request, held.version.form.slug).data
    return to_outline(request, held, data, name)


@authors
@GET_POST
def sheet(request: HttpRequest, form: str, key: str) -> HttpResponse:
    """Heading, text, condition and rules of a page."""
    held = desk.open_draft(request, form)
    try:
        index = ops.page_index(held.data, key)
    except ops.Refused:
        raise Http404 from None
    node = {name: value for name, value in held.data["pages"][index].items() if name != "fields"}
    path, title = f"pages[{index}]", ops.german(node["title"])
    shown, conflict, saved = _answer(
        request, held, PAGE, node, lambda new: ops.put_page(held.data, key, new), path, f"Seite „{title}“ geändert"
    )
    if saved:
        messages.success(request, f"Seite „{title}“ ist gespeichert.")
        return back_to(form, key=shown.written()["key"])
    more = {"findings": desk.of_place(held, path), "page_key": key, "path": path, "conflict": conflict}
    return _show(request, held, shown, f"Seite: {title}", **more)


@authors
@GET_POST
def section(request: HttpRequest, form: str, section: str) -> HttpResponse:
    """Settings of the whole form: title, start page, data protection, fee, decision …"""
    if section not in SECTIONS:
        raise Http404
    held, part = desk.open_draft(request, form), SECTIONS[section]
    node = {**held.data, "languages": [code for code in held.codes if code != "de"]}
    shown, conflict, saved = _answer(request, held, part.props, node, _with_german, "", f"{part.title} geändert")
    if saved:
        messages.success(request, f"„{part.title}“ ist gespeichert.")
        return redirect("builder:outline", form)
    keys = {prop.key.split(".")[0] for prop in part.props}
    found = [entry for entry in held.findings if entry.path.split(".")[0].split("[")[0] in keys]
    own = [entry for entry in found if any(entry.path.startswith(prop.key) for prop in part.props)]
    return _show(request, held, shown, part.title, intro=part.intro, findings=own, conflict=conflict)


def _with_german(node: Data) -> Data:
    """German comes first and need not be chosen."""
    others = node.pop("languages", None) or []
    return node | ({"languages": ["de", *others]} if others else {})


# Where conditions stand outside of pages -> the section that shows them.
PLACES = {
    "refusals[": "absagen",
    "fee.tiers[": "gebuehr",
    "validity[": "gebuehr",
    "decision.checklist[": "entscheidung",
    "casework.rules[": "bearbeitung",
}


# --- conditions -------------------------------------------------------------------------------------------------------


@authors
@GET_POST
def condition(request: HttpRequest, form: str) -> HttpResponse:
    """A condition from question, operator and value. ?ort=path of the expression in the data"""
    held = desk.open_draft(request, form)
    path = request.GET.get("ort", "")
    holder, key = _holder(held, path)
    stored = look(holder, key)
    source = stored if isinstance(stored, str) else ""
    if request.method != "POST":
        known = conditions.parse(held.definition, source)
        return _condition(request, held, path, known or conditions.Condition(()), source, apart=known is not None)
    picked = _picked(request)
    try:
        made = conditions.expression(held.definition, picked)
    except (conditions.BadValue, KeyError) as bad:
        missing = "Wählen Sie eine Frage aus der Liste."
        said = str(bad) if isinstance(bad, conditions.BadValue) else missing
        quiet = request.POST.get("aktion") == "weiter"
        return _condition(request, held, path, picked, source, failed=[] if quiet else [said])
    if request.POST.get("aktion") == "weiter":
        return _condition(request, held, path, picked, made)
    return _condition_saved(request, held, path, picked, made)


def _condition_saved(
    request: HttpRequest, held: Bench, path: str, picked: conditions.Condition, made: str
) -> HttpResponse:
    data = ops.copy_of(held.data)
    place(languages.look(data, path.rpartition(".")[0]), path.rpartition(".")[2], made or None)
    try:
        desk.save(request, held, data, f"{ops.place_in_words(data, path)}Bedingung geändert")
    except (Conflict, ops.Refused) as refused:
        return _condition(request, held, path, picked, made, failed=[str(refused)])
    except schema.DefinitionError as error:
        return _condition(request, held, path, picked, made, failed=[sentence for _, sentence in error.problems[:5]])
    messages.success(request, "Die Bedingung ist gespeichert.")
    return redirect(_back(held, path))


def _holder(held: Bench, path: str) -> tuple[Data, str]:
    """What holds the expression, and its key. Raises Http404 for a place where none may stand."""
    above, _, key = path.rpartition(".")
    holder = languages.look(held.data, above) if above else None
    if key not in RULES or not isinstance(holder, dict) or not above.startswith(("pages[", *PLACES)):
        raise Http404
    return holder, key


def _back(held: Bench, path: str) -> str:
    form = held.version.form.slug
    if not path.startswith("pages["):
        return reverse(
            "builder:section", args=[form, next(PLACES[start] for start in PLACES if path.startswith(start))]
        )
    spot = next(
        (
            spot
            for spot in ops.spots(held.data)
            if f"{spot.path}." == path[: len(spot.path) + 1] and _own(spot.path, path)
        ),
        None,
    )
    if spot:
        return reverse("builder:entry", args=[form, spot.ident])
    index = int(path[len("pages[") : path.index("]")])
    return reverse("builder:sheet", args=[form, held.data["pages"][index]["key"]])


def _own(place_path: str, path: str) -> bool:
    """Whether a path lies in an entry itself, not in one of its members."""
    return not path[len(place_path) :].startswith(".members[")


def _picked(request: HttpRequest) -> conditions.Condition:
    rows = zip(
        *(request.POST.getlist(name)[:20] for name in ("frage", "vergleich", "wert")),
        strict=False,
    )
    terms = tuple(conditions.Term(name, operator, value) for name, operator, value in rows if name)
    return conditions.Condition(terms, request.POST.get("joint") != "eine")


def _condition(
    request: HttpRequest,
    held: Bench,
    path: str,
    picked: conditions.Condition,
    source: str,
    *,
    apart: bool = True,
    failed: Sequence[str] = (),
) -> HttpResponse:
    definition = held.definition
    known = definition._fields_by_name
    terms = [term for term in picked.terms if term.name in known]
    rows = [_row(known[term.name], term) for term in terms]
    context: dict[str, Any] = {
        "held": held,
        "path": path,
        "where": ops.place_in_words(held.data, path),
        "rows": [*rows, *([{}] * max(1, LINES - len(rows)))],
        "every": picked.every,
        "askable": list(conditions.askable(definition)),
        "source": source,
        "apart": apart,
        "failed": failed,
        "back": _back(held, path),
    }
    return page(request, "condition", "Bedingung zusammenstellen", status=422 if failed else 200, **context)


def _row(item: Any, term: conditions.Term) -> dict[str, Any]:
    offered = conditions.operators(item)
    operator = term.operator if term.operator in offered else next(iter(offered), "")
    return {
        "name": term.name,
        "operator": operator,
        "operators": [(key, words) for key, (words, _) in offered.items()],
        "value": term.value,
        "values": conditions.values(item),
        "needs_value": conditions.needs_value(item, operator),
    }
