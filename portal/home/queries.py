"""The citizen's overview: one function per section, each giving plain rows that the template prints as they are."""

import dataclasses
import datetime

from portal.accounts.models import User


@dataclasses.dataclass(frozen=True)
class Task:
    """Something the person has to do."""

    title: str
    href: str
    action: str  # the link's words, such as "Jetzt bezahlen"
    text: str = ""
    due: datetime.date | None = None


@dataclasses.dataclass(frozen=True)
class CaseRow:
    service: str
    number: str
    received_at: datetime.datetime
    status: str  # in plain words, the same everywhere: Eingegangen, In Prüfung, Sie sind am Zug ...
    kind: str  # colour of the status: info, success, warning, danger or "" for none
    next_actor: str  # who acts next: "Sie sind am Zug" or "Wir sind am Zug", "" once it is over
    href: str
    expected_by: datetime.date | None = None


@dataclasses.dataclass(frozen=True)
class DraftRow:
    title: str
    step: int
    steps: int
    saved_at: datetime.datetime
    delete_on: datetime.date
    href: str


@dataclasses.dataclass(frozen=True)
class AppointmentRow:
    title: str
    start: datetime.datetime
    place: str
    number: str
    href: str


@dataclasses.dataclass(frozen=True)
class MessageRow:
    subject: str
    sender: str
    sent_at: datetime.datetime
    unread: bool
    href: str


@dataclasses.dataclass(frozen=True)
class PaymentRow:
    purpose: str
    amount_cents: int
    status: str
    kind: str  # colour of the status, as in CaseRow
    href: str
    due: datetime.date | None = None


@dataclasses.dataclass(frozen=True)
class Overview:
    tasks: tuple[Task, ...]
    cases: tuple[CaseRow, ...]
    drafts: tuple[DraftRow, ...]
    appointments: tuple[AppointmentRow, ...]
    messages: tuple[MessageRow, ...]
    payments: tuple[PaymentRow, ...]


def overview(user: User) -> Overview:
    return Overview(tasks(user), cases(user), drafts(user), appointments(user), messages(user), payments(user))


def tasks(user: User) -> tuple[Task, ...]:
    """Sorted by date, those without a date last."""
    return ()


def cases(user: User) -> tuple[CaseRow, ...]:
    """Newest first."""
    return ()


def drafts(user: User) -> tuple[DraftRow, ...]:
    """Last saved first."""
    return ()


def appointments(user: User) -> tuple[AppointmentRow, ...]:
    """Those to come, next first."""
    return ()


def messages(user: User) -> tuple[MessageRow, ...]:
    """Unread first, then newest first; at most five."""
    return ()


def payments(user: User) -> tuple[PaymentRow, ...]:
    """Open first, then newest first."""
    return ()
