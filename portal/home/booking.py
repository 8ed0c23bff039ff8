"""A time at an office for a service, without an application before it: which office, then when."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from appointments import actions
from appointments import queries as slots
from appointments.forms import SlotForm
from appointments.models import Offering
from portal.accounts.access import citizen, signed_in
from portal.accounts.models import User
from portal.directory import access
from portal.directory.models import Service
from portal.home.shared_pages import for_everybody


@require_safe
@for_everybody
def offices(request: HttpRequest, slug: str) -> HttpResponse:
    """Where this can be booked; an honest word where it cannot."""
    service = _offered(slug)
    context = {"service": service, "offerings": slots.bookable(service.offering_slug)}
    return render(request, "home/booking/offices.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, slug: str, office: str) -> HttpResponseBase:
    """Choose a time. Whoever has an appointment for this service ahead is led there."""
    service = _offered(slug)
    offering = _offering(service, office)
    user = citizen(request)
    if (booked := slots.live_for(_subject(service, user), offering)) is not None:
        return redirect("appointments:appointment", booked.public_id)
    form = SlotForm(offering, slots.first_day_asked(offering, request.GET.get("ab", "")), data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        wish = form.cleaned_data
        try:
            made = actions.book(
                offering=offering,
                start=wish["start"],
                holder=user,
                subject=_subject(service, user),
                idempotency_key=wish["key"],
            )
        except actions.BookingRefused as refused:
            form.refuse(refused)
        else:
            return redirect("appointments:appointment", made.public_id)
    context = {"service": service, "offering": offering, "form": form}
    return render(request, "home/booking/slots.html", context, status=422 if form.errors else 200)


def _offered(slug: str) -> Service:
    service = access.public_service(slug)
    if service.retired_on is not None:
        raise Http404("no longer offered")
    return service


def _offering(service: Service, office: str) -> Offering:
    found = next((one for one in slots.bookable(service.offering_slug) if one.office.slug == office), None)
    if found is None:
        raise Http404("cannot be booked there")
    return found


def _subject(service: Service, user: User) -> str:
    """One appointment ahead for each person, service and office."""
    return f"service:{service.pk}:{user.public_id}"
