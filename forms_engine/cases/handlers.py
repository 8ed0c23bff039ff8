"""What the apps below announce, handed to the story. Each handler re-reads the truth and tolerates repetition."""

from appointments.models import Appointment
from forms_engine.cases import automation, flow, infected, revising, search
from forms_engine.cases.models import Case
from mailbox.models import Message
from payments.models import Receivable
from portal.accounts.models import User
from portal.documents.models import StoredFile


def payment_settled(key: str) -> None:
    receivable = Receivable.objects.get(public_id=key)
    flow.payment_settled(receivable)
    revising.fee_paid(receivable)


def case_opened(key: str) -> None:
    """A case was sent, or is paid by now: its words can be found, the rules of its form are applied."""
    case = Case.objects.only("pk").get(public_id=key)
    search.index(case.pk)
    automation.apply(case.pk)


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
