"""What the apps below announce, handed to the story. Each handler re-reads the truth and tolerates repetition."""

from appointments.models import Appointment
from forms_engine.cases import flow, infected
from mailbox.models import Message
from payments.models import Receivable
from portal.accounts.models import User
from portal.documents.models import StoredFile


def payment_settled(key: str) -> None:
    flow.payment_settled(Receivable.objects.get(public_id=key))


def citizen_replied(key: str) -> None:
    flow.citizen_replied(Message.objects.get(public_id=key))


def notice_sent(key: str) -> None:
    flow.notice_sent(Message.objects.get(public_id=key))


def appointment_moved(key: str) -> None:
    flow.appointment_moved(Appointment.objects.get(public_id=key))


def appointment_cancelled(key: str) -> None:
    flow.appointment_cancelled(Appointment.objects.get(public_id=key))


def notice_failed(key: str) -> None:
    flow.notice_failed(Message.objects.get(public_id=key))


def off_duty(key: str) -> None:
    flow.off_duty(User.objects.get(public_id=key))


def file_infected(key: str) -> None:
    infected.file_infected(StoredFile.objects.get(public_id=key))
