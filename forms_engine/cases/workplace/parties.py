"""The page on which clerks keep who takes part in a case and who acts for whom."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from forms_engine.cases import access, parties, queries
from forms_engine.cases.decision_form import day_field
from forms_engine.cases.forms import PlainForm
from forms_engine.cases.models import Case, CaseParty, PartyRole
from forms_engine.cases.models.parties import ACTING
from forms_engine.cases.workplace.frame import clerks, page
from forms_engine.cases.workplace.views import look
from portal.accounts.access import citizen
from portal.common import clock

MOST_LINES = 6  # of an address window below the name (DIN 5008)


class PartyForm(PlainForm):
    role = forms.ChoiceField(
        label="Rolle",
        choices=[("", "Bitte auswählen"), *PartyRole.choices],
        error_messages={"required": "Wählen Sie eine Rolle.", "invalid_choice": "Wählen Sie eine Rolle."},
    )
    name = forms.CharField(
        label="Name",
        max_length=120,
        error_messages={"required": "Geben Sie den Namen ein.", "max_length": "Kürzen Sie den Namen auf 120 Zeichen."},
    )
    address = forms.CharField(
        label="Anschrift (freiwillig)",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Eine Zeile je Angabe, zum Beispiel Kanzlei, Straße, Postleitzahl und Ort",
        error_messages={"max_length": "Kürzen Sie die Anschrift auf 300 Zeichen."},
    )
    since = day_field("Beteiligt seit", "Geben Sie den ersten Tag ein.")
    until = day_field("Beteiligt bis (freiwillig)", "Geben Sie den letzten Tag ein.")
    mandate_on = day_field("Vollmacht vorgelegt am (freiwillig)", "Geben Sie den Tag ein.")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["since"].required = True
        self.fields["since"].error_messages["required"] = "Geben Sie den ersten Tag ein."

    def clean_address(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["address"].splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(f"Kürzen Sie die Anschrift auf {MOST_LINES} Zeilen.")
        return "\n".join(lines)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", "Der letzte Tag darf nicht vor dem ersten liegen.")
        if data.get("mandate_on") and data.get("role") and data["role"] not in ACTING:
            self.add_error("mandate_on", "Eine Vollmacht gehört zu einer Vertretung. Prüfen Sie die Rolle.")
        if data.get("mandate_on") and data["mandate_on"] > clock.today():
            self.add_error("mandate_on", "Dieser Tag liegt in der Zukunft.")
        return data

    def said(self) -> parties.Particulars:
        return parties.Particulars(**self.cleaned_data)


@clerks
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Everybody who takes part, and a form for one more."""
    found = look(request, case, "case.read")
    form = PartyForm(request.POST or None, initial={"since": clock.today()})
    if request.method != "POST" or not form.is_valid():
        return _page(request, found, form, None)
    parties.add(found, form.said(), by=citizen(request))
    messages.success(request, "Die Person steht jetzt bei den Beteiligten.")
    return redirect("workplace:parties", found.public_id)


@clerks
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, case: uuid.UUID, party: uuid.UUID) -> HttpResponse:
    """Correct what is known of one party, or end it with its last day. Nothing is deleted."""
    found = look(request, case, "case.read")
    row = access.party(found, party)
    form = PartyForm(request.POST or None, initial=vars(parties.particulars(row)))
    if request.method != "POST" or not form.is_valid():
        return _page(request, found, form, row)
    if parties.change(row, form.said(), by=citizen(request)):
        messages.success(request, "Gespeichert. Die früheren Angaben bleiben in der Akte.")
    else:
        messages.info(request, "Es hat sich nichts geändert.")
    return redirect("workplace:parties", found.public_id)


def _page(request: HttpRequest, case: Case, form: PartyForm, row: CaseParty | None) -> HttpResponse:
    context: dict[str, Any] = {"case": case, "form": form, "row": row, "parties": parties.of(case)}
    context["representation"] = queries.representation(case)
    title = "Angaben ändern" if row else "Beteiligte"
    return page(request, "workplace/parties.html", title, 422 if form.errors else 200, **context)
