"""The citizen's overview: one function per section, each giving plain rows that the template prints as they are."""

import dataclasses
import datetime
from collections.abc import Iterator, Sequence

from django.urls import reverse

from appointments import queries as appointment_queries
from forms_engine.cases import queries as case_queries
from forms_engine.cases.models import Case
from forms_engine.cases.states import Status
from forms_engine.submissions import queries as submissions
from forms_engine.submissions.models import Draft
from mailbox import queries as mailbox_queries
from payments import queries as payment_queries
from payments.states import ReceivableState
from portal.accounts.models import User
from portal.common import money


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
class PaperRow:
    title: str
    service: str
    number: str  # of the case
    issued_at: datetime.datetime
    href: str


@dataclasses.dataclass(frozen=True)
class Overview:
    tasks: tuple[Task, ...]
    cases: tuple[CaseRow, ...]
    drafts: tuple[DraftRow, ...]
    appointments: tuple[AppointmentRow, ...]
    messages: tuple[MessageRow, ...]
    payments: tuple[PaymentRow, ...]
    papers: tuple[PaperRow, ...]


def overview(user: User) -> Overview:
    held = list(case_queries.for_party(user))
    return Overview(
        tasks(held),
        cases([case for case in held if case.is_open]),
        drafts(user),
        appointments(user),
        messages(user),
        payments(user),
        papers(user),
    )


def tasks(held: Sequence[Case]) -> tuple[Task, ...]:
    """What waits for the person, sorted by date."""
    found = [task for case in held for task in _tasks_of(case)]
    return tuple(sorted(found, key=lambda task: task.due or datetime.date.max))


def _tasks_of(case: Case) -> Iterator[Task]:
    if case.fee_is_due and case.receivable:
        amount = money.format_eur(case.receivable.amount_cents)
        href = reverse("payments:receivable", args=[case.receivable.public_id])
        yield Task(f"Gebühr bezahlen: {case.title}", href, f"{amount} bezahlen", due=case.receivable.due_on)
    if case.status == Status.WAITING_FOR_CITIZEN and (open_request := case_queries.open_request(case)):
        href = reverse("cases:case", args=[case.public_id]) + "#nachreichen"
        yield Task(
            f"Unterlagen nachreichen: {case.title}", href, "Unterlagen nachreichen", due=open_request[0].answer_by
        )


def cases(held: Sequence[Case]) -> tuple[CaseRow, ...]:
    """Newest first."""
    turns = {"Sie": "Sie sind am Zug", "Wir": "Wir sind am Zug"}
    return tuple(
        CaseRow(
            service=case.title,
            number=case.number,
            received_at=case.received_at,
            status=case.get_status_display(),
            kind=case.badge,
            next_actor=turns.get(case.meaning.next_actor, ""),
            href=reverse("cases:case", args=[case.public_id]),
            expected_by=case.due_on if case.status == Status.IN_REVIEW else None,
        )
        for case in held
    )


def drafts(user: User) -> tuple[DraftRow, ...]:
    """Last saved first."""
    return tuple(_draft_row(draft) for draft in submissions.open_drafts(user))


def _draft_row(draft: Draft) -> DraftRow:
    step, steps = submissions.progress(draft)
    href = reverse("submissions:draft", args=[draft.public_id])
    title = draft.form_version.form.title
    return DraftRow(title, step, steps, draft.touched_at, draft.delete_on, href)


def appointments(user: User) -> tuple[AppointmentRow, ...]:
    """Those to come, next first."""
    return tuple(
        AppointmentRow(
            title=appointment.offering.title,
            start=appointment.starts,
            place=str(appointment.counter.office),
            number=appointment.number,
            href=reverse("appointments:appointment", args=[appointment.public_id]),
        )
        for appointment in appointment_queries.upcoming(user)
    )


def messages(user: User) -> tuple[MessageRow, ...]:
    """Unread first, then newest first; at most five."""
    return tuple(
        MessageRow(
            subject=heading.subject,
            sender=heading.sender,
            sent_at=heading.at,
            unread=heading.unread,
            href=reverse("mailbox:message", args=[heading.public_id]),
        )
        for heading in mailbox_queries.latest(user, 5)
    )


def payments(user: User) -> tuple[PaymentRow, ...]:
    """Open first, then newest first."""
    kinds = {ReceivableState.OPEN: "warning", ReceivableState.PAID: "success"}
    return tuple(
        PaymentRow(
            purpose=owed.purpose,
            amount_cents=owed.amount_cents,
            status=owed.get_state_display(),
            kind=kinds.get(ReceivableState(owed.state), ""),
            href=reverse("payments:receivable", args=[owed.public_id]),
            due=owed.due_on if owed.state == ReceivableState.OPEN else None,
        )
        for owed in payment_queries.for_person(user)
    )


def papers(user: User) -> tuple[PaperRow, ...]:
    """Notices and confirmations, newest first; at most five."""
    return tuple(
        PaperRow(
            title=paper.get_kind_display(),
            service=paper.case.title,
            number=paper.case.number,
            issued_at=paper.issued_at,
            href=reverse("cases:paper", args=[paper.case.public_id, paper.slug]),
        )
        for paper in case_queries.papers_of(user)[:5]
        if paper.issued_at  # paper_issued_is_complete
    )
