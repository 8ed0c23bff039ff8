"""A person's own appointments: list, page, move, cancel, calendar file. Booking starts in the case."""

import email.utils
import uuid

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from appointments import access, actions, ics, queries
from appointments.forms import SlotForm
from appointments.models import Appointment
from appointments.states import OCCUPYING
from portal.accounts import mandates
from portal.accounts.access import citizen, signed_in
from portal.common import clock


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    whose = mandates.whose(request)
    return render(
        request, "appointments/index.html", {"upcoming": queries.upcoming(*whose), "past": queries.past(*whose)[:20]}
    )


@signed_in
@require_safe
def appointment(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    found = access.appointment_for_holder(citizen(request), public_id)
    now = clock.now()
    return render(
        request,
        "appointments/appointment.html",
        {"appointment": found, "can_change": found.can_change(now), "is_over": found.ends <= now},
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Choose another time; the old one is let go only when the new one is ours."""
    found = access.appointment_for_holder(citizen(request), public_id)
    if not found.can_change(clock.now()):
        return redirect("appointments:appointment", public_id)
    first_day = queries.first_day_asked(found.offering, request.GET.get("ab", ""))
    form = SlotForm(found.offering, first_day, request.POST or None, moving=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.rebook(found, start=form.cleaned_data["start"], by=citizen(request))
        except actions.BookingRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Der Termin ist verschoben."))
            return redirect("appointments:appointment", public_id)
    status = 422 if form.errors else 200
    return render(request, "appointments/move.html", {"appointment": found, "form": form}, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Says what cancelling means before it happens (F47)."""
    found = access.appointment_for_holder(citizen(request), public_id)
    if not found.can_change(clock.now()):
        return redirect("appointments:appointment", public_id)
    if request.method == "POST":
        try:
            actions.cancel(found, by=citizen(request))
        except actions.TooLate as late:
            messages.error(request, late.sentence)
        return redirect("appointments:appointment", public_id)
    return render(request, "appointments/cancel.html", {"appointment": found})


@signed_in
@require_safe
def calendar_file(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    found = access.appointment_for_holder(citizen(request), public_id)
    entry = _calendar_entry(found)
    method = "CANCEL" if entry.cancelled else "PUBLISH"
    response = HttpResponse(ics.render(entry), content_type=f"text/calendar; charset=utf-8; method={method}")
    response["Content-Disposition"] = 'attachment; filename="termin.ics"'
    response["Cache-Control"] = "private, no-store"
    return response


def _calendar_entry(found: Appointment) -> ics.Entry:
    office, url = found.office, f"{settings.PUBLIC_URL}/termine/{found.public_id}/"
    return ics.Entry(
        uid=str(found.public_id),
        sequence=found.version,
        changed_at=found.changed_at,
        starts=found.starts,
        ends=found.ends,
        summary=f"{found.offering.title} – {office.name}",
        location=f"{office.name}, {office.address}",
        description=f"Wartenummer: {found.number}\n{found.offering.bring}\n{url}",
        url=url,
        organizer=email.utils.parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        organizer_name=settings.CITY["name"],
        cancelled=found.state not in OCCUPYING,
    )
