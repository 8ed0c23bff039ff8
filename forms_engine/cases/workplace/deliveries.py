"""How the decisions of a case reached their recipients, for the clerk: the proof, and letters that stand still."""

import uuid

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from forms_engine.cases import access
from forms_engine.cases.forms import PlainForm
from forms_engine.cases.workplace.frame import clerks, page
from forms_engine.cases.workplace.views import look
from mailbox import dispatches
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
@require_GET
def proof(request: HttpRequest, case: uuid.UUID, proof: uuid.UUID) -> StreamingHttpResponse:
    """The proof of service of a decision of this case, as a download."""
    found = look(request, case, "case.proof_read")
    return downloads.attachment(access.proof(found, proof), f"Zustellnachweis {found.number}.pdf")
