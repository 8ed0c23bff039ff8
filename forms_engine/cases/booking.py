"""The page on which an applicant books a time at the office for a case."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from appointments import queries as slots
from appointments.actions import BookingRefused
from appointments.forms import SlotForm
from forms_engine.cases import flow, queries, rules
from forms_engine.cases.doors import with_case
from forms_engine.cases.models import Case
from forms_engine.cases.states import Status
from portal.accounts.access import citizen, signed_in


@signed_in
@require_http_methods(["GET", "POST"])
@with_case
def book(request: HttpRequest, found: Case) -> HttpResponseBase:
    """Choose a time to show documents at the office."""
    if (booked := queries.appointment(found)) is not None:
        return redirect("appointments:appointment", booked.public_id)
    if not found.is_open or found.status == Status.DECIDED:
        return redirect("cases:case", found.public_id)
    offering = rules.offering(found)
    if offering is None:
        raise Http404
    form = SlotForm(offering, slots.first_day_asked(offering, request.GET.get("ab", "")), data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        wish = form.cleaned_data
        try:
            made = flow.book_appointment(
                found, offering=offering, start=wish["start"], by=citizen(request), key=wish["key"]
            )
        except BookingRefused as refused:
            form.refuse(refused)
        else:
            return redirect("appointments:appointment", made.public_id)
    context = {"case": found, "form": form, "offering": offering}
    return render(request, "cases/book.html", context, status=422 if form.errors else 200)
