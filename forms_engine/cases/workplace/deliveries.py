"""How the decisions of a case reached their recipients, for the clerk: the proof, letters that stand still, and the way
back for what nobody has opened."""

import uuid

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from forms_engine.cases import access, fees, withdrawing
from forms_engine.cases.forms import PlainForm, WithdrawDecisionForm
from forms_engine.cases.workplace.frame import clerks, page
from forms_engine.cases.workplace.views import look
from mailbox import deliveries, dispatches
from portal.accounts.access import citizen
from portal.documents import downloads


class AddressForm(PlainForm):
    """The window of a letter (DIN 5008): name, perhaps an addition, street, place."""

    name = forms.CharField(label="Name", max_length=60, error_messages={"required": "Geben Sie den Namen ein."})
    addition = forms.CharField(
        label="Zusatz (freiwillig)", required=False, max_length=60, help_text="Zum Beispiel: bei Familie Meier"
    )
    street = forms.CharField(
        label="Straße und Hausnummer",
        max_length=60,
        error_messages={"required": "Geben Sie Straße und Hausnummer ein."},
    )
    place = forms.RegexField(
        r"^\d{5} \S.*$",
        label="Postleitzahl und Ort",
        max_length=60,
        help_text="Zum Beispiel: 80331 München",
        error_messages={
            "required": "Geben Sie Postleitzahl und Ort ein.",
            "invalid": "Geben Sie die Postleitzahl mit fünf Ziffern ein, dann den Ort.",
        },
    )

    def lines(self) -> list[str]:
        return [line for name in ("name", "addition", "street", "place") if (line := self.cleaned_data[name])]


@clerks
@require_http_methods(["GET", "HEAD", "POST"])
def letter_address(request: HttpRequest, case: uuid.UUID, letter: uuid.UUID) -> HttpResponse:
    """Where a letter goes that could not be sent: its address, and a fresh start."""
    found = look(request, case, "case.read")  # the address is the person's
    held = access.stuck_letter(found, letter)
    form = AddressForm(request.POST or None, initial=_known(dispatches.lines(held)) or {"name": found.who})
    if request.method == "POST" and form.is_valid():
        if dispatches.readdress(held, form.lines(), by=citizen(request)):
            messages.success(request, "Der Brief geht mit dieser Anschrift an die Druckerei.")
        else:
            messages.warning(request, "Jemand war schneller: Der Brief wartet nicht mehr auf eine Anschrift.")
        return redirect("workplace:case", found.public_id)
    status = 422 if form.errors else 200
    return page(request, "workplace/address.html", "Anschrift für den Brief", status, case=found, form=form)


def _known(lines: tuple[str, ...]) -> dict[str, str]:
    if len(lines) < 3:
        return {}
    return {"name": lines[0], "addition": ", ".join(lines[1:-2]), "street": lines[-2], "place": lines[-1]}


@clerks
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_decision(request: HttpRequest, case: uuid.UUID, message: uuid.UUID) -> HttpResponse:
    """Says what taking an unread decision back means, asks why, and does it. Whoever may decide the case may."""
    found = access.case_for_clerk(citizen(request), case)
    paper, form = access.decision_letter(found, message), WithdrawDecisionForm(request.POST or None)
    owed = withdrawing.owed(paper)
    if request.method != "POST" and message not in withdrawing.withdrawable(found):
        messages.warning(request, "Dieser Bescheid lässt sich nicht mehr zurückziehen.")
        return redirect("workplace:case", found.public_id)
    if request.method != "POST" or not form.is_valid():
        status, context = 422 if form.errors else 200, {"case": found, "form": form, "paper": paper, "owed": owed}
        return page(request, "workplace/withdraw_decision.html", "Bescheid zurückziehen", status, **context)
    try:
        taken = withdrawing.withdraw(found, paper, why=form.cleaned_data["why"], by=citizen(request))
    except (withdrawing.CannotWithdraw, deliveries.CannotWithdraw) as error:
        messages.error(request, str(error))
        return redirect("workplace:case", found.public_id)
    if taken and owed is not None:
        fees.cancel_demand(found, owed)
    said = "Der Bescheid ist zurückgezogen. Er gilt nicht." if taken else "Der Bescheid war schon zurückgezogen."
    messages.success(request, said)
    return redirect("workplace:case", found.public_id)


@clerks
@require_GET
def proof(request: HttpRequest, case: uuid.UUID, proof: uuid.UUID) -> StreamingHttpResponse:
    """The proof of service of a decision of this case, as a download."""
    found = look(request, case, "case.proof_read")
    return downloads.attachment(access.proof(found, proof), f"Zustellnachweis {found.number}.pdf")
