"""The only door through which a view gets an appointment."""

import uuid

from django.http import Http404

from appointments.models import Appointment
from portal.accounts.models import User


def appointment_for_holder(user: User, public_id: uuid.UUID) -> Appointment:
    """The person's own appointment, or one of a matter they work on for somebody else today.

    Raises Http404, for foreign ones as for unknown ones.
    """
    found = Appointment.objects.with_place().open_to(user).filter(public_id=public_id).first()
    if found is None:
        raise Http404("no such appointment")
    return found
