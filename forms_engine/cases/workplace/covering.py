"""The page on which a clerk names who covers for them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from forms_engine.cases import covering
from forms_engine.cases.decision_form import day_field
from forms_engine.cases.forms import PlainForm
from forms_engine.cases.workplace.frame import clerks, page
from portal.accounts.access import citizen
from portal.accounts.models import User
from portal.common import clock

WHO = "Wählen Sie eine Person aus Ihrem Team."


class DeputyForm(PlainForm):
    deputy = forms.ModelChoiceField(
        User.objects.none(),
        label="Wer vertritt Sie?",
        to_field_name="public_id",
        empty_label="Bitte auswählen",
        error_messages={"required": WHO, "invalid_choice": WHO},
    )
    first_day = day_field("Erster Tag", "Geben Sie den ersten Tag ein.")
    last_day = day_field("Letzter Tag", "Geben Sie den letzten Tag ein.")

    def __init__(self, *args: Any, clerk: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["deputy"].queryset = covering.colleagues(clerk)  # type: ignore[attr-defined]  # as declared above
        for name, which in (("first_day", "ersten"), ("last_day", "letzten")):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = f"Geben Sie den {which} Tag ein."

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if last and last < clock.today():
            self.add_error("last_day", "Der letzte Tag muss in der Zukunft liegen.")
        elif first and last and last < first:
            self.add_error("last_day", "Der letzte Tag muss nach dem ersten liegen.")
        elif first and last and last - first > covering.LONGEST:
            self.add_error("last_day", "Eine Vertretung dauert höchstens ein Jahr.")
        return data


@clerks
@require_http_methods(["GET", "HEAD", "POST"])
def deputies(request: HttpRequest) -> HttpResponse:
    clerk = citizen(request)
    if request.method != "POST":
        return _page(request, clerk, DeputyForm(clerk=clerk))
    form = DeputyForm(request.POST, clerk=clerk)
    if not form.is_valid():
        return _page(request, clerk, form, 422)
    data = form.cleaned_data
    try:
        covering.name(clerk, data["deputy"], first=data["first_day"], last=data["last_day"])
    except covering.Overlapping:
        form.add_error("first_day", "An einem dieser Tage vertritt Sie schon jemand. Beenden Sie das zuerst.")
        return _page(request, clerk, form, 422)
    messages.success(request, f"{data['deputy']} sieht in dieser Zeit Ihre Vorgänge in der eigenen Liste.")
    return redirect("workplace:deputies")


def _page(request: HttpRequest, clerk: User, form: DeputyForm, status: int = 200) -> HttpResponse:
    rows = covering.of(clerk)
    return page(
        request, "workplace/deputies.html", "Vertretung bei Abwesenheit", status, form=form, rows=rows, me=clerk
    )


@clerks
@require_POST
def end_deputy(request: HttpRequest, pk: int) -> HttpResponse:
    if not covering.end(citizen(request), pk):
        raise Http404
    messages.success(request, "Die Vertretung ist beendet.")
    return redirect("workplace:deputies")
