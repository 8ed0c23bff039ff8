"""The citizen's overview: one function per section, each giving plain rows that the template prints as they are.

Every section shows a few rows and says whether there are more: what the page asks of the database does not depend on
how much a person has.
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.urls import reverse
from django.utils.translation import gettext as _

from appointments.models import Appointment
from forms_engine.cases.models import Case, Paper
from forms_engine.cases.states import Status
from forms_engine.submissions import queries as submissions
from forms_engine.submissions.models import Draft
from mailbox import queries as mailbox_queries
from payments import queries as payment_queries
from portal.accounts.models import User
from portal.common import formats
from portal.home import statements
from portal.home.statements import SHOWN, TASKS

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Rows(Generic[T]):
    """What a section shows, and whether its own page has more."""

    shown: tuple[T, ...]
    more: bool = False


def _cut(rows: Sequence[T], count: int = SHOWN) -> Rows[T]:
    return Rows(tuple(rows[:count]), len(rows) > count)


@dataclasses.dataclass(frozen=True)
class Task:
    """Something the person has to do."""

    title: str
    href: str
    action: str  # the link's words, such as "Jetzt bezahlen"
    text: str = ""
    due: dt.date | None = None


@dataclasses.dataclass(frozen=True)
class CaseRow:
    service: str
    number: str
    received_at: dt.datetime
    status: str  # in plain words, the same everywhere: Eingegangen, In Prüfung, Sie sind am Zug ...
    kind: str  # colour of the status: info, success, warning, danger or "" for none
    next_actor: str  # who acts next: "Sie sind am Zug" or "Wir sind am Zug", "" once it is over
    href: str
    sent_by: str = ""  # who sent it, if not the person themselves
    expected_by: dt.date | None = None


@dataclasses.dataclass(frozen=True)
class DraftRow:
    title: str
    step: int
    steps: int
    saved_at: dt.datetime
    delete_on: dt.date
    href: str
    delete_href: str
    whom: str = ""  # for whom it is, if not for the person themselves


@dataclasses.dataclass(frozen=True)
class AppointmentRow:
    title: str
    start: dt.datetime
    place: str
    number: str
    bring: str
    href: str
    move_href: str
    cancel_href: str
    calendar_href: str


@dataclasses.dataclass(frozen=True)
class MessageRow:
    subject: str
    sender: str
    sent_at: dt.datetime
    unread: bool
    href: str
    case_href: str
    case_text: str


@dataclasses.dataclass(frozen=True)
class PaymentRow:
    purpose: str
    amount_cents: int
    status: str
    kind: str  # colour of the status, as in CaseRow
    href: str
    due: dt.date | None = None
    proof_href: str = ""


@dataclasses.dataclass(frozen=True)
class PaperRow:
    title: str
    service: str
    number: str  # of the case
    issued_at: dt.datetime
    href: str
    valid_until: dt.date | None = None


@dataclasses.dataclass(frozen=True)
class Tip:
    """Something that may be useful, never an advertisement."""

    title: str
    text: str
    href: str
    lang: str = ""  # of title and text, where it is not that of the page


@dataclasses.dataclass(frozen=True)
class Overview:
    tasks: Rows[Task]
    cases: Rows[CaseRow]
    drafts: Rows[DraftRow]
    appointments: Rows[AppointmentRow]
    messages: Rows[MessageRow]
    payments: Rows[PaymentRow]
    papers: Rows[PaperRow]
    tips: Rows[Tip]


def overview(user: User, by: User | None = None) -> Overview:
    """Everything of `user`. `by`: the agent who looks, and sees only what the mandate covers (mandates.whose)."""
    return Overview(
        tasks(user, by),
        cases(user, by),
        drafts(user, by),
        appointments(user, by),
        messages(user, by),
        payments(user, by),
        papers(user, by),
        tips(user, by),
    )


def tasks(user: User, by: User | None) -> Rows[Task]:
    """What waits for the person, sorted by date; what has no date comes last."""
    found: list[Any] = statements.waiting(user, by)
    waiting = [_task(case, case.until) for case in found]
    letters = [_letter(row) for row in mailbox_queries.unread_decisions(user, TASKS + 1, by)]
    return _cut(sorted(waiting + letters, key=lambda task: task.due or dt.date.max), TASKS)


def _task(case: Case, until: dt.date | None) -> Task:
    if case.status == Status.AWAITING_PAYMENT and case.receivable:
        amount = formats.eur(case.receivable.amount_cents)
        href = reverse("payments:receivable", args=[case.receivable.public_id])
        pay = _("%(amount)s bezahlen") % {"amount": amount}
        return Task(_("Gebühr bezahlen: %(title)s") % {"title": case.name}, href, pay, due=until)
    href = reverse("cases:case", args=[case.public_id]) + "#nachreichen"
    title = _("Unterlagen nachreichen: %(title)s") % {"title": case.name}
    return Task(title, href, _("Unterlagen nachreichen"), due=until)


def _letter(waiting: mailbox_queries.Waiting) -> Task:
    text = ""
    if waiting.delivered_on:
        text = _("Gilt am %(day)s als bekannt gegeben, auch ungelesen.") % {
            "day": formats.in_words(waiting.delivered_on, kind="day")
        }
    href = reverse("mailbox:message", args=[waiting.public_id])
    return Task(waiting.subject, href, _("Bescheid lesen"), text, waiting.delivered_on)


def cases(user: User, by: User | None) -> Rows[CaseRow]:
    """Those that run, newest first."""
    return _cut([_case_row(case) for case in statements.running(user, by)])


def _case_row(case: Case) -> CaseRow:
    turns = {"Sie": _("Sie sind am Zug"), "Wir": _("Wir sind am Zug")}
    return CaseRow(
        service=case.name,
        number=case.number,
        received_at=case.received_at,
        status=case.get_status_display(),
        kind=case.badge,
        next_actor=turns.get(case.meaning.next_actor, ""),
        href=reverse("cases:case", args=[case.public_id]),
        sent_by=str(case.applicant) if case.acting_for else "",
        expected_by=case.due_on if case.status == Status.IN_REVIEW else None,
    )


def drafts(user: User, by: User | None) -> Rows[DraftRow]:
    """Last saved first. A draft belongs to whoever types it, whomever it is for."""
    found = statements.drafts(user, by)
    files = submissions.uploads_of(found[:SHOWN])
    return Rows(tuple(_draft_row(draft, files[draft.pk]) for draft in found[:SHOWN]), len(found) > SHOWN)


def _draft_row(draft: Draft, files: submissions.Files) -> DraftRow:
    step, steps = submissions.progress(draft, files)
    return DraftRow(
        draft.form_version.form.name,
        step,
        steps,
        draft.touched_at,
        draft.delete_on,
        reverse("submissions:draft", args=[draft.public_id]),
        reverse("submissions:delete", args=[draft.public_id]),
        str(draft.acting_for or ""),
    )


def appointments(user: User, by: User | None) -> Rows[AppointmentRow]:
    """Those to come, next first."""
    return _cut([_appointment_row(appointment) for appointment in statements.upcoming(user, by)])


def _appointment_row(appointment: Appointment) -> AppointmentRow:
    ways = ("appointment", "move", "cancel", "calendar_file")
    return AppointmentRow(
        appointment.offering.title,
        appointment.starts,
        f"{appointment.office.name}, {appointment.office.address}",
        appointment.number,
        appointment.offering.bring,
        *(reverse(f"appointments:{way}", args=[appointment.public_id]) for way in ways),
    )


def messages(user: User, by: User | None) -> Rows[MessageRow]:
    """Unread first, then newest first."""
    page = mailbox_queries.inbox(user, by=by, size=SHOWN)
    rows = tuple(
        MessageRow(
            subject=heading.subject,
            sender=heading.sender,
            sent_at=heading.at,
            unread=heading.unread,
            href=reverse("mailbox:message", args=[heading.public_id]),
            case_href=heading.link_path,
            case_text=heading.link_text,
        )
        for heading in page.headings
    )
    return Rows(rows, bool(page.older))


def payments(user: User, by: User | None) -> Rows[PaymentRow]:
    """Open first, then newest first."""
    rows = []
    for owed in statements.owed(user, by):
        kind, status = payment_queries.standing(owed)
        rows.append(
            PaymentRow(
                purpose=owed.purpose,
                amount_cents=owed.amount_cents,
                status=status,
                kind=kind,
                href=reverse("payments:receivable", args=[owed.public_id]),
                due=owed.due_on if owed.state == "open" else None,
                proof_href=reverse("payments:proof", args=[owed.public_id]) if owed.state == "paid" else "",
            )
        )
    return _cut(rows)


def papers(user: User, by: User | None) -> Rows[PaperRow]:
    """Decisions and confirmations, newest first."""
    return _cut([_paper_row(paper) for paper in statements.papers(user, by)])


def _paper_row(paper: Paper) -> PaperRow:
    return PaperRow(
        title=paper.name,
        service=paper.case.name,
        number=paper.case.number,
        issued_at=paper.issued_at or paper.ordered_at,  # paper_issued_is_complete
        href=reverse("cases:paper", args=[paper.case.public_id, paper.slug]),
        valid_until=paper.decision.valid_until if paper.decision else None,
    )


def tips(user: User, by: User | None) -> Rows[Tip]:
    """What ends soon, and the lists for situations in life."""
    ending = [
        Tip(
            _("%(title)s läuft ab") % {"title": decision.case.name},
            _("Gültig bis %(day)s. Beantragen Sie rechtzeitig einen neuen.")
            % {"day": formats.in_words(decision.valid_until, kind="day")},
            reverse("submissions:start", args=[decision.case.service]),
        )
        for decision in statements.ending(user, by)
    ]
    events = [
        Tip(event.words.title, event.words.summary, reverse("home:life_event", args=[event.slug]), event.words.lang)
        for event in statements.events()
    ]
    return Rows(tuple(ending + events))
