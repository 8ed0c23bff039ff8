"""Disposal in the admin frame: what is due, what the archive says, who lets it go, and the records that stay."""

import csv
import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from forms_engine.cases import access, disposal, retention
from forms_engine.cases.models import Disposal, DisposalRecord, Stage
from forms_engine.cases.workplace.frame import clerks, page
from forms_engine.definitions.models import Form
from portal.accounts.access import citizen, has_role
from portal.accounts.models import Role, User
from portal.audit import actions as audit
from portal.common import clock

PAGE = 50
VIEWS = [
    ("faellig", "Anzubieten"),
    ("angeboten", "Beim Archiv"),
    ("freigeben", "Freizugeben"),
    ("freigegeben", "Freigegeben"),
    ("gesperrt", "Gesperrt"),
    ("ohne-frist", "Ohne Frist"),
    ("nachweise", "Nachweise"),
]
DONE = {
    "anbieten": "vorgelegt",
    "verzichtet": "als „Archiv verzichtet“ vermerkt",
    "uebernimmt": "als „Archiv übernimmt“ vermerkt",
    "uebergeben": "als übergeben vermerkt",
    "freigeben": "zur Vernichtung freigegeben",
}
LEFT = "Bei {count} ging das nicht: Sie haben den Vorgang selbst vorgelegt, oder er hat sich inzwischen geändert."


class HoldForm(forms.Form):
    use_required_attribute = False
    reason = forms.CharField(
        label="Grund der Sperre",
        help_text="Zum Beispiel: Klage, Rechnungsprüfung. Keine Namen.",
        max_length=200,
        error_messages={
            "required": "Geben Sie den Grund der Sperre ein.",
            "max_length": "Kürzen Sie den Grund auf höchstens 200 Zeichen.",
        },
    )


def _verbs(by: User) -> dict[str, Callable[[Disposal], bool]]:
    return {
        "anbieten": lambda row: disposal.offer(row, by=by),
        "verzichtet": lambda row: disposal.answer(row, wanted=False, by=by),
        "uebernimmt": lambda row: disposal.answer(row, wanted=True, by=by),
        "uebergeben": lambda row: disposal.handed_over(row, by=by),
        "freigeben": lambda row: disposal.approve(row, by=by),
    }


def _rows(user: User, which: str) -> QuerySet[Disposal]:
    mine = Disposal.objects.filter(case__in=access.desk(user).values("pk"))
    narrowed = {
        "faellig": mine.filter(pk__in=retention.due().values("pk")),
        "angeboten": mine.filter(stage__in=[Stage.OFFERED, Stage.WANTED], held_at=None),
        "freigeben": mine.filter(stage=Stage.CLEARED, held_at=None),
        "freigegeben": mine.filter(stage=Stage.APPROVED, held_at=None),
        "gesperrt": mine.filter(held_at__isnull=False),
        "ohne-frist": mine.filter(until=None, stage=Stage.KEPT),
    }[which]
    return narrowed.select_related("case__submission__form_version__form", "offered_by", "approved_by")


@clerks
@require_GET
def lists(request: HttpRequest) -> HttpResponse:
    user, which = citizen(request), request.GET.get("ansicht", "faellig")
    which = which if which in dict(VIEWS) else "faellig"
    context: dict[str, Any] = {"views": VIEWS, "which": which, "leads": has_role(user, Role.TEAM_LEAD)}
    after = _after(request.GET.get("nach", ""))
    if which == "nachweise":
        found: list[Any] = list(_records(after[1] if after else None)[: PAGE + 1])
        context |= {
            "records": _titled(found[:PAGE]),
            "following": f"0_{found[PAGE - 1].pk}" if len(found) > PAGE else "",
        }
    else:
        rows = _rows(user, which).order_by("until", "pk")
        found = list(_following(rows, after)[: PAGE + 1])
        last = found[PAGE - 1] if len(found) > PAGE else None
        context |= {"rows": found[:PAGE], "following": f"{last.until or 0}_{last.pk}" if last else ""}
    return page(request, "workplace/retention.html", "Aufbewahrung und Aussonderung", **context)


def _records(before: int | None) -> QuerySet[DisposalRecord]:
    rows = DisposalRecord.objects.order_by("-pk")
    return rows if before is None else rows.filter(pk__lt=before)


def _titled(records: list[DisposalRecord]) -> list[tuple[DisposalRecord, str]]:
    """Each with the title of its form; a record keeps the short name, which outlives the form."""
    titles = dict(Form.objects.filter(slug__in={record.form for record in records}).values_list("slug", "title"))
    return [(record, titles.get(record.form, record.form)) for record in records]


def _following(rows: QuerySet[Disposal], after: tuple[dt.date | None, int] | None) -> QuerySet[Disposal]:
    if after is None:
        return rows
    day, pk = after
    return rows.filter(pk__gt=pk) if day is None else rows.filter(until__gte=day).exclude(until=day, pk__lte=pk)


def _after(text: str) -> tuple[dt.date | None, int] | None:
    day, _, number = text.partition("_")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        return None
    try:
        return (None if day == "0" else dt.date.fromisoformat(day)), int(number)
    except ValueError:
        return None


@clerks
@require_POST
def act(request: HttpRequest, what: str) -> HttpResponse:
    """One verb for all chosen rows. Approving is the second person's, and a team lead's, and asked once more."""
    user, verb = citizen(request), _verbs(citizen(request)).get(what)
    back = request.POST.get("ansicht", "faellig")
    chosen = [one for one in request.POST.getlist("vorgang") if _is_uuid(one)]
    rows = list(_mine(user).filter(public_id__in=chosen[:PAGE]))
    if verb is None or (what == "freigeben" and not has_role(user, Role.TEAM_LEAD)):
        messages.error(request, "Das dürfen Sie nicht. Freigeben kann nur eine Teamleitung.")
    elif not rows:
        messages.error(request, "Wählen Sie mindestens einen Vorgang aus.")
    elif what == "freigeben" and "bestaetigt" not in request.POST:
        return page(request, "workplace/retention_confirm.html", "Vernichtung freigeben", rows=rows)
    else:
        done = sum(verb(row) for row in rows)
        if done:
            messages.success(request, f"{done} {'Vorgang' if done == 1 else 'Vorgänge'} {DONE[what]}.")
        if done < len(rows):
            messages.warning(request, LEFT.format(count=len(rows) - done))
    return redirect(f"{_home()}?ansicht={back if back in dict(VIEWS) else 'faellig'}")


def _mine(user: User) -> QuerySet[Disposal]:
    rows = Disposal.objects.filter(case__in=access.desk(user).values("pk"))
    return rows.select_related("case__submission__form_version__form")


@clerks
@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, disposal_id: uuid.UUID) -> HttpResponse:
    """Why a case must not be destroyed, whatever its age; or the end of that."""
    user = citizen(request)
    row = access.disposal_for_clerk(user, disposal_id)
    form = HoldForm(request.POST if request.method == "POST" and not row.is_held else None, label_suffix="")
    if request.method == "POST" and row.is_held:
        disposal.lift(row, by=user)
        messages.success(request, "Die Sperre ist aufgehoben. Die Aussonderung beginnt von vorn.")
        return redirect(_home())
    if request.method == "POST" and form.is_valid():
        disposal.hold(row, reason=form.cleaned_data["reason"], by=user)
        messages.success(request, "Der Vorgang ist gesperrt und wird nicht vernichtet.")
        return redirect(f"{_home()}?ansicht=gesperrt")
    status = 422 if request.method == "POST" else 200
    return page(request, "workplace/retention_hold.html", f"Sperre {row.case.number}", status, row=row, form=form)


@clerks
@require_GET
def offer_list(request: HttpRequest) -> HttpResponse:
    """What is offered, as a table for the archive (Art. 6 BayArchivG): no names, no answers."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="anbietung.csv"'
    response["Cache-Control"] = "private, no-store"
    response.write("\ufeff")
    table = csv.writer(response, delimiter=";")
    table.writerow(["Aktenzeichen", "Leistung", "Beginn", "Ende", "Aufbewahrt bis", "Rechtsgrundlage"])
    for row in _rows(citizen(request), "angeboten").filter(stage=Stage.OFFERED).order_by("until", "pk"):
        case = row.case
        ends = [clock.local(at).date() if at else None for at in (case.received_at, case.closed_at)]
        days = [f"{day:%d.%m.%Y}" if day else "" for day in (*ends, row.until)]
        table.writerow([case.number, case.title, *days, row.basis])
    audit.record("disposal.list_exported", "disposal:offered", str(citizen(request).public_id))
    return response


def _home() -> str:
    return reverse("retention:lists")


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
