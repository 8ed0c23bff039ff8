"""What the postbox says when a payment came in or an appointment changed. In the transaction of the fact it tells."""

from django.conf import settings

from appointments.models import Appointment
from forms_engine.cases import payloads, post
from forms_engine.cases.models import Case
from mailbox.models import Kind
from payments import queries as payments
from payments.models import Receivable


def payment(case: Case, receivable: Receivable) -> None:
    post.send(
        case,
        subject=f"Ihre Zahlung ist da: {case.title}",
        body=payments.proof_text(receivable, city=settings.CITY["name"]),
        kind=Kind.PAYMENT,
        dedupe_key=f"paid:{receivable.public_id}",
    )


def appointment(case: Case, appointment: Appointment, what: str) -> None:
    """`what`: "Ihr Termin ist gebucht". Each version of an appointment is told once."""
    post.send(
        case,
        subject=what,
        body=payloads.appointment_text(case, appointment, what),
        kind=Kind.APPOINTMENT,
        dedupe_key=f"appointment:{appointment.public_id}:{appointment.version}:{appointment.state}",
        link_path=f"/termine/{appointment.public_id}/",
        link_text="Zum Termin",
    )
