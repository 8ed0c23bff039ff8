"""The story of a case, top to bottom: apply -> pay -> decide -> deliver. The one place that strings the apps together.

Each function is one transaction (papers: claim, work, finish; see papers.py). Lock order: case -> receivable.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from appointments import actions as appointments
from appointments.models import Appointment, Offering
from forms_engine.cases import (
    codes,
    fees,
    papers,
    payloads,
    post,
    queries,
    replying,
    returning,
    rules,
    signing,
    strangers,
    tellings,
)
from forms_engine.cases.events import note, ready
from forms_engine.cases.models import (
    Case,
    CaseDocument,
    CaseQuerySet,
    Decision,
    DecisionKind,
    DocumentRequest,
    Paper,
    PaperKind,
    Proposal,
)
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.states import DECIDABLE, REVISABLE, TO_SIGN, IllegalTransition, Status, advance
from forms_engine.submissions import actions as submissions
from forms_engine.submissions import queries as answers
from forms_engine.submissions.models import Draft
from mailbox.models import Message
from payments.models import Receivable
from portal.accounts.models import Role, User
from portal.accounts.parties import matters
from portal.common import clock, crypto, references, rows
from portal.directory.teams import queries as teams
from portal.documents.models import StoredFile
from portal.documents.scans import queue as scans

_NEXT_SERIAL = """
insert into cases_filenumber as held (office, year, last) values (%s, %s, 1)
on conflict (office, year) do update set last = held.last + 1 returning last
"""


class OwnCase(Exception):
    """A clerk may not act in a case of their own (VwVfG § 20 (1) no. 1)."""


class NeedsSecondClerk(Exception):
    """The form wants two people for this decision: propose() and approve()."""


class SameClerk(Exception):
    """Nobody approves or sends back what they have proposed themselves."""


# --- apply ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def submit(draft: Draft, *, by: User | None, read: int | None = None) -> Case:
    """Send a complete draft: one submission, one case, one receivable, one receipt, however often it is called.

    `by` is None without an account: then there is no receivable and no receipt, the page after sending shows number and
    code. `read` is the version the person has checked. Raises submissions.Changed if it is another one by now, and
    submissions.Incomplete with the first page that needs an answer; nothing is changed then.
    """
    with rows.gathered():
        return _submit(draft, by, read)


def _submit(draft: Draft, by: User | None, read: int | None) -> Case:
    submission = submissions.freeze(draft, by=by, read=read)
    if submission.given is None:  # sent before
        existing = Case.objects.filter(submission=submission).first()
        if existing is not None:
            return existing
    definition, now = submission.form_version.definition, clock.now()
    terms = definition.fee
    fee = answers.frozen(submission).fee_cents if terms and not terms.with_decision else None
    case = Case(
        applicant=by,
        office=rules.office_of(definition),
        submission=submission,
        form=submission.form_version.form,
        status=Status.AWAITING_PAYMENT if fee and terms and terms.due == "before" else Status.IN_REVIEW,
        wrapped_key=crypto.new_wrapped_key(),
        received_at=now,
        changed_at=now,
        due_on=clock.today() + dt.timedelta(days=definition.casework.decide_days),
    )
    if fee:
        case.receivable = fees.owe(case, fee)
    # Last, because the number's row stays locked until commit.
    case.number = _next_file_number(rules.file_letters(definition, case.office))
    case.fresh_code = codes.new(case)
    rows.insert(case)
    if case.acting_for:
        matters.opened(case.thread, case.acting_for, case.service)
    note(case, "submitted", draft.actor, number=case.number)
    ready(case)
    if case.party is not None:
        papers.order(case, PaperKind.RECEIPT, payloads.receipt(case), status_code=case.fresh_code)
    return case


def _next_file_number(letters: str) -> str:
    year = clock.today().year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_SERIAL, [letters, year])
        (serial,) = cursor.fetchone()
    return references.file_number(letters, year, serial)


# --- pay -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def payment_settled(receivable: Receivable) -> None:
    """The fee is paid: a case that waited for it moves to the clerks. A late payment of a withdrawn case is left for a
    refund."""
    case = Case.objects.for_pages().select_for_update(of=("self",), no_key=True).filter(receivable=receivable).first()
    if case is None or case.status == Status.WITHDRAWN or case.events.filter(kind="paid").exists():
        return
    if case.status == Status.AWAITING_PAYMENT:
        advance(_only(case), Status.IN_REVIEW, expected=frozenset({Status.AWAITING_PAYMENT}))
    note(case, "paid", "system:payments", cents=receivable.amount_cents)
    ready(case)
    tellings.payment(case, receivable)


# --- work ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def claim(case: Case, *, by: User) -> bool:
    """Take an unassigned case, and with it to the clerk's office. False when a colleague was faster."""
    not_own(case, by)
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
    not_own(case, by)
    not_own(case, to)
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
    """Ask the citizen for something; the case waits. Raises IllegalTransition if it is not in review, NoPostbox."""
    not_own(case, by)
    if case.party is None:
        raise post.NoPostbox
    if not advance(_only(case), Status.WAITING_FOR_CITIZEN):
        raise IllegalTransition("already waiting for the citizen")
    answer_by = clock.today() + dt.timedelta(days=case.definition.casework.answer_days)
    request = DocumentRequest.objects.create(
        case=case,
        text_sealed=case.envelope.seal(text.encode(), case.place("request")),
        asked_by=by,
        answer_by=answer_by,
    )
    replying.answered(case)
    note(case, "documents_requested", str(by.public_id), answer_by=answer_by.isoformat())
    post.send(
        case,
        subject=f"Wir brauchen noch etwas von Ihnen: {case.title}",
        body=payloads.request_text(case, text, answer_by, returning.code(request)),
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
        replying.heard(case, message)


@transaction.atomic
def write(case: Case, *, text: str, by: User) -> Message:
    """A clerk writes to the citizen outside any request. Raises post.NoPostbox."""
    not_own(case, by)
    note(case, "clerk_wrote", str(by.public_id))
    about = "Ihrer Meldung" if case.is_report else "Ihrem Antrag"
    replying.answered(case)
    return post.send(
        case, subject=f"Nachricht zu {about}: {case.title}", body=text, dedupe_key=f"{post.WRITTEN}{clock.uuid()}"
    )


@transaction.atomic
def book_appointment(case: Case, *, offering: Offering, start: dt.datetime, by: User, key: str) -> Appointment:
    """Book a time at the office to show documents. Raises appointments.BookingRefused, post.NoPostbox."""
    if case.party is None:
        raise post.NoPostbox
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
def decide(case: Case, *, by: User, **said: Any) -> Decision:
    """Sign a decision off: the payload is frozen, the worker owes the letter. `said`: the fields of Outcome; without
    `template` the newest one is used.

    Raises IllegalTransition if too late, NeedsSecondClerk if one clerk does not suffice.
    """
    not_own(case, by)
    outcome = signing.completed(case, said)
    if rules.four_eyes(case, outcome.fee_cents):
        raise NeedsSecondClerk
    if not advance(_only(case), Status.DECIDED, expected=DECIDABLE):
        raise IllegalTransition("already decided")
    return signing.sign(case, outcome, author=by)


@transaction.atomic
def propose(case: Case, outcome: Outcome, *, by: User) -> Proposal:
    """The first of two signatures: the case waits for a colleague. Raises IllegalTransition if too late."""
    not_own(case, by)
    further = outcome.replaces or outcome.kind == DecisionKind.FEE_NOTICE  # after a first decision (revising.py)
    to, origins = (Status.IN_REVISION, REVISABLE) if further else (Status.IN_APPROVAL, DECIDABLE)
    if not advance(_only(case), to, expected=origins):
        raise IllegalTransition("already proposed")
    note(case, "proposed", str(by.public_id), kind=str(outcome.kind))
    return Proposal.objects.create(
        case=case,
        kind=outcome.kind,
        reasons=list(outcome.reasons),
        valid_from=outcome.valid_from,
        valid_until=outcome.valid_until,
        area=outcome.area or payloads.area(case),
        fee_cents=outcome.fee_cents,
        template_id=outcome.template,
        replaces_id=outcome.replaces,
        explanation_sealed=case.envelope.seal(outcome.explanation.encode(), case.place("proposal")),
        parts_sealed=case.envelope.seal_json(payloads.parts(outcome), case.place("proposal_parts")),
        author=by,
    )


@transaction.atomic
def approve(case: Case, *, by: User) -> Decision:
    """The second signature makes the decision. Raises SameClerk, IllegalTransition if there is nothing to approve."""
    proposal = _answer(case, by, Status.DECIDED)
    note(case, "approved", str(by.public_id))
    return signing.sign(case, queries.outcome_of(case, proposal), author=proposal.author, approver=by)


@transaction.atomic
def send_back(case: Case, *, why: str, by: User) -> None:
    """The second clerk does not sign: the case is in review again, and the first one reads why. Raises as approve()."""
    before = Status.IN_REVIEW
    if _only(case).filter(status=Status.IN_REVISION).exists():  # the earlier decision stands as it did
        before = Status.CLOSED if case.events.filter(kind="delivered").exists() else Status.DECIDED
    proposal = _answer(case, by, before)
    note_sealed = case.envelope.seal(why.encode(), case.place("proposal_note"))
    Proposal.objects.filter(pk=proposal.pk).update(note_sealed=note_sealed)
    note(case, "sent_back", str(by.public_id))


def _answer(case: Case, by: User, to: Status) -> Proposal:
    """Close the open proposal of a case, which moves on."""
    not_own(case, by)
    if not advance(_only(case), to, expected=TO_SIGN):
        raise IllegalTransition("already answered")
    proposal = Proposal.objects.select_related("author").get(case=case, answered_at=None)
    if proposal.author == by:
        raise SameClerk
    Proposal.objects.filter(pk=proposal.pk).update(answered_by=by, answered_at=clock.now())
    return proposal


@transaction.atomic
def finish(case: Case, *, text: str, by: User) -> None:
    """End a case in which nothing is decided, with an answer: in the postbox, or beside the status without an account.

    Raises IllegalTransition if it has ended already, or wants a decision.
    """
    not_own(case, by)
    if not case.is_report or not advance(_only(case), Status.DONE, expected=DECIDABLE):
        raise IllegalTransition("nothing to answer")
    mail = clock.now() if strangers.address(case) else None
    _only(case).update(answer_sealed=case.envelope.seal(text.encode(), case.place("answer")), notice_due_at=mail)
    note(case, "finished", str(by.public_id))
    replying.answered(case)
    if case.party is not None:
        post.send(
            case,
            subject=f"Antwort auf Ihre Meldung: {case.title}",
            body=payloads.answer_text(case, text),
            dedupe_key=f"answer:{case.public_id}",
        )


# --- deliver -------------------------------------------------------------------------------------------------------


@transaction.atomic
def notice_sent(message: Message) -> None:
    """The neutral notice about a message went out. If the message carries the decision, the case is closed."""
    paper = Paper.objects.filter(message=message, kind=PaperKind.DECISION).select_related("case", "decision").first()
    if paper is None or paper.is_withdrawn:
        return
    waits = paper.case.status == Status.IN_REVISION  # for a second signature: it closes with the next letter
    if waits or advance(_only(paper.case), Status.CLOSED, expected=frozenset({Status.DECIDED})):
        note(paper.case, "delivered", "system:mailbox")


@transaction.atomic
def notice_failed(message: Message) -> None:
    """The notice could not be sent: the clerks see it on the case, which stays open for another way of delivery."""
    kind, _, public_id = message.thread.partition(":")
    if kind == "case":
        note(Case.objects.get(public_id=public_id), "notice_failed", "system:mailbox")


def _only(case: Case) -> CaseQuerySet:
    return Case.objects.filter(id=case.id)


def not_own(case: Case, clerk: User) -> None:
    if not _only(case).not_of(clerk).exists():
        raise OwnCase
