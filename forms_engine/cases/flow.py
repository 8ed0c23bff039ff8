"""The story of a case, top to bottom: apply -> pay -> decide -> deliver. The one place that strings the apps together.

Each function is one transaction (papers: claim, work, finish; see papers.py). Lock order: case -> receivable.
"""

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction

from appointments import actions as appointments
from appointments.models import Appointment, Offering
from forms_engine.cases import codes, papers, payloads, post, tellings
from forms_engine.cases.models import (
    Case,
    CaseDocument,
    CaseEvent,
    CaseQuerySet,
    Decision,
    DecisionKind,
    DocumentRequest,
    Paper,
    PaperKind,
)
from forms_engine.cases.states import DECIDABLE, IllegalTransition, Status, advance
from forms_engine.submissions import actions as submissions
from forms_engine.submissions import queries as answers
from forms_engine.submissions.models import Draft
from mailbox.models import Message
from payments import actions as payments
from payments.models import Receivable
from portal.accounts.models import Role, User
from portal.accounts.parties import matters
from portal.audit import actions as audit
from portal.common import clock, crypto, references
from portal.directory.teams import queries as teams
from portal.documents.models import StoredFile
from portal.documents.scans import queue as scans

OFFICE = "KVR"
DECIDE_WITHIN = dt.timedelta(days=14)  # service record: about two weeks
ANSWER_WITHIN = dt.timedelta(days=14)
PAY_WITHIN = dt.timedelta(days=14)
_NEXT_SERIAL = """
insert into cases_filenumber as held (office, year, last) values (%s, %s, 1)
on conflict (office, year) do update set last = held.last + 1 returning last
"""


class OwnCase(Exception):
    """A clerk may not act in a case of their own (VwVfG § 20 (1) no. 1)."""


def note(case: Case, what: str, actor: str, **data: str | int | None) -> None:
    """One line for the timeline and one for the audit record, in the caller's transaction."""
    CaseEvent.objects.create(case=case, kind=what, actor=actor, data=data)
    audit.record(f"case.{what}", f"case:{case.public_id}", actor, **data)


# --- apply ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def submit(draft: Draft, *, by: User, read: int | None = None) -> Case:
    """Send a complete draft: one submission, one case, one receivable, one receipt, however often it is called.

    `read` is the version the person has checked. Raises submissions.Changed if it is another one by now, and
    submissions.Incomplete with the first page that needs an answer; nothing is changed then.
    """
    submission = submissions.freeze(draft, by=by, read=read)
    if submission.given is None:  # sent before
        existing = Case.objects.filter(submission=submission).first()
        if existing is not None:
            return existing
    fee = answers.frozen(submission).fee_cents
    now = clock.now()
    case = Case(
        applicant=by,
        office=teams.office_for(submission.form_version.form.slug),
        submission=submission,
        status=Status.AWAITING_PAYMENT if fee else Status.IN_REVIEW,
        wrapped_key=crypto.new_wrapped_key(),
        received_at=now,
        changed_at=now,
        due_on=clock.today() + DECIDE_WITHIN,
    )
    if fee:
        case.receivable = payments.open_receivable(
            payer=case.party,
            subject=case.thread,
            amount_cents=fee,
            purpose=submission.form_version.form.title,
            due_on=clock.today() + PAY_WITHIN,
            return_path=f"/vorgaenge/{case.public_id}/",
        )
    # Last, because the number's row stays locked until commit.
    case.number = _next_file_number()
    case.fresh_code = codes.new(case)
    case.save(force_insert=True)
    if case.acting_for:
        matters.opened(case.thread, case.acting_for, case.service)
    note(case, "submitted", str(by.public_id), number=case.number)
    papers.order(case, PaperKind.RECEIPT, payloads.receipt(case), status_code=case.fresh_code)
    return case


def _next_file_number() -> str:
    year = clock.today().year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_SERIAL, [OFFICE, year])
        (serial,) = cursor.fetchone()
    return references.file_number(OFFICE, year, serial)


# --- pay -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def payment_settled(receivable: Receivable) -> None:
    """The fee is paid: the case moves to the clerks. A late payment of a withdrawn case is left for a refund."""
    case = Case.objects.for_pages().filter(receivable=receivable).first()
    if case is None:
        return
    try:
        moved = advance(_only(case), Status.IN_REVIEW, expected=frozenset({Status.AWAITING_PAYMENT}))
    except IllegalTransition:
        return
    if moved:
        note(case, "paid", "system:payments", cents=receivable.amount_cents)
        tellings.payment(case, receivable)


# --- work ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def claim(case: Case, *, by: User) -> bool:
    """Take an unassigned case, and with it to the clerk's office. False when a colleague was faster."""
    _not_own(case, by)
    office = case.office or teams.home(by, case.form_slug)
    if not Case.objects.open().filter(id=case.id, assigned_to=None).update(assigned_to=by, office=office):
        return False
    note(case, "claimed", str(by.public_id))
    return True


@transaction.atomic
def release(case: Case, *, by: User) -> bool:
    """Give one's own case back to the team."""
    if not Case.objects.open().filter(id=case.id, assigned_to=by).update(assigned_to=None):
        return False
    note(case, "released", str(by.public_id))
    return True


@transaction.atomic
def reassign(case: Case, *, to: User, by: User) -> bool:
    """The team lead gives an open case to a colleague (access.colleagues). False if it is theirs already, or closed."""
    _not_own(case, by)
    _not_own(case, to)
    office = case.office or teams.home(to, case.form_slug)
    if not Case.objects.open().filter(id=case.id).exclude(assigned_to=to).update(assigned_to=to, office=office):
        return False
    note(case, "reassigned", str(by.public_id), to=str(to.public_id))
    return True


@transaction.atomic
def off_duty(person: User) -> int:
    """Open cases of somebody who may not work on them any more go back to the team. Returns how many."""
    held = Case.objects.open().filter(assigned_to=person)
    if person.is_active and person.roles.filter(role__in=[Role.CLERK, Role.TEAM_LEAD]).exists():
        held = held.exclude(pk__in=Case.objects.handled_by(person).values("pk"))
    freed = 0
    for case in held.select_for_update(of=("self",), no_key=True):
        _only(case).update(assigned_to=None)
        note(case, "released", "system:accounts")
        freed += 1
    return freed


@transaction.atomic
def request_documents(case: Case, *, text: str, by: User) -> DocumentRequest:
    """Ask the citizen for something; the case waits. Raises IllegalTransition when it is not in review."""
    _not_own(case, by)
    if not advance(_only(case), Status.WAITING_FOR_CITIZEN):
        raise IllegalTransition("already waiting for the citizen")
    answer_by = clock.today() + ANSWER_WITHIN
    request = DocumentRequest.objects.create(
        case=case,
        text_sealed=case.envelope.seal(text.encode(), case.place("request")),
        asked_by=by,
        answer_by=answer_by,
    )
    note(case, "documents_requested", str(by.public_id), answer_by=answer_by.isoformat())
    post.send(
        case,
        subject=f"Wir brauchen noch etwas von Ihnen: {case.title}",
        body=payloads.request_text(case, text, answer_by),
        dedupe_key=f"request:{request.id}",
        link_path=f"/vorgaenge/{case.public_id}/#nachreichen",
        link_text="Unterlagen nachreichen",
    )
    return request


@transaction.atomic
def hand_in(case: Case, *, files: Sequence[tuple[StoredFile, str]], text: str, by: User) -> bool:
    """The citizen answers a request with files, words or both. False when nothing is asked (any more)."""
    request = DocumentRequest.objects.select_for_update().filter(case=case, answered_at=None).first()
    if request is None:
        return False
    try:
        advance(_only(case), Status.IN_REVIEW, expected=frozenset({Status.WAITING_FOR_CITIZEN}))
    except IllegalTransition:  # decided or withdrawn while the person was still writing
        return False
    for stored, name in files:
        document = CaseDocument(case=case, stored=stored, added_by=by, request=request)
        document.name_sealed = case.envelope.seal(name.encode(), case.place(f"document:{document.public_id}"))
        document.save(force_insert=True)
    scans.hold(stored for stored, _name in files)
    DocumentRequest.objects.filter(id=request.id).update(answered_at=clock.now())
    note(case, "documents_handed_in", str(by.public_id), files=len(files))
    if text:
        post.answer(f"request:{request.id}", text=text, by=by)
    return True


@transaction.atomic
def citizen_replied(message: Message) -> None:
    """A reply in the postbox belongs to the case's timeline, so that the clerk sees it."""
    kind, _, public_id = message.thread.partition(":")
    if kind == "case":
        case = Case.objects.for_pages().get(public_id=public_id)
        writer = message.author or message.mailbox.user
        note(case, "citizen_wrote", str(writer.public_id))


@transaction.atomic
def write(case: Case, *, text: str, by: User) -> Message:
    """A clerk writes to the citizen outside any request."""
    _not_own(case, by)
    note(case, "clerk_wrote", str(by.public_id))
    return post.send(case, subject=f"Nachricht zu Ihrem Antrag: {case.title}", body=text)


@transaction.atomic
def book_appointment(case: Case, *, offering: Offering, start: dt.datetime, by: User, key: str) -> Appointment:
    """Book a time at the office to show documents. Raises appointments.BookingRefused."""
    locked = Case.objects.select_for_update(of=("self",)).get(id=case.id)
    appointment = appointments.book(
        offering=offering, start=start, holder=case.party, subject=case.thread, idempotency_key=key, by=by
    )
    if locked.appointment_id != appointment.id:
        _only(case).update(appointment=appointment)
        note(case, "appointment_booked", str(by.public_id), at=start.isoformat())
        tellings.appointment(case, appointment, "Ihr Termin ist gebucht")
    return appointment


@transaction.atomic
def appointment_moved(appointment: Appointment) -> None:
    if (case := Case.objects.for_pages().filter(appointment=appointment).first()) is not None:
        note(case, "appointment_moved", "system:appointments", at=appointment.starts.isoformat())
        tellings.appointment(case, appointment, "Ihr Termin ist verschoben")


@transaction.atomic
def appointment_cancelled(appointment: Appointment) -> None:
    case = Case.objects.for_pages().filter(appointment=appointment).first()
    if case is not None and _only(case).filter(appointment=appointment).update(appointment=None):
        note(case, "appointment_cancelled", "system:appointments")
        tellings.appointment(case, appointment, "Ihr Termin ist abgesagt")


@transaction.atomic
def withdraw(case: Case, *, by: User) -> bool:
    """The citizen takes the application back. What is unpaid is cancelled; what is paid stays for a refund."""
    if not advance(_only(case), Status.WITHDRAWN):
        return False
    note(case, "withdrawn", str(by.public_id))
    booked = Appointment.objects.filter(subject=case.thread).ahead(clock.now()).first()
    if booked is not None and booked.can_change(clock.now()):
        appointments.cancel(booked, by=by)
    return True


# --- decide --------------------------------------------------------------------------------------------------------


@transaction.atomic
def decide(
    case: Case,
    *,
    kind: DecisionKind,
    by: User,
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
    reasons: Sequence[str] = (),
    explanation: str = "",
    area: str = "",
) -> Decision:
    """Sign a decision off: the payload is frozen, the worker owes the letter. Raises IllegalTransition if too late."""
    _not_own(case, by)
    if not advance(_only(case), Status.DECIDED, expected=DECIDABLE):
        raise IllegalTransition("already decided")
    decision = Decision.objects.create(
        case=case,
        kind=kind,
        reasons=list(reasons),
        author=by,
        valid_from=valid_from,
        valid_until=valid_until,
        area=area or payloads.area(case),
    )
    note(case, "decided", str(by.public_id), kind=str(kind))
    papers.order(case, PaperKind.DECISION, payloads.decision(case, decision, explanation), decision)
    return decision


# --- deliver -------------------------------------------------------------------------------------------------------


@transaction.atomic
def notice_sent(message: Message) -> None:
    """The neutral notice about a message went out. If the message carries the decision, the case is closed."""
    paper = Paper.objects.filter(message=message, kind=PaperKind.DECISION).select_related("case").first()
    if paper is not None and advance(_only(paper.case), Status.CLOSED):
        note(paper.case, "delivered", "system:mailbox")


@transaction.atomic
def notice_failed(message: Message) -> None:
    """The notice could not be sent: the clerks see it on the case, which stays open for another way of delivery."""
    kind, _, public_id = message.thread.partition(":")
    if kind == "case":
        note(Case.objects.get(public_id=public_id), "notice_failed", "system:mailbox")


def _only(case: Case) -> CaseQuerySet:
    return Case.objects.filter(id=case.id)


def _not_own(case: Case, clerk: User) -> None:
    if not _only(case).not_of(clerk).exists():
        raise OwnCase
