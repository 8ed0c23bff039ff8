"""Reads for the citizen's pages, the clerk's queue and the reports."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

from appointments.models import Appointment
from forms_engine.cases import access
from forms_engine.cases.models import Case, CaseEvent, DocumentRequest, Paper, PaperState
from forms_engine.cases.states import DECIDABLE, Status
from forms_engine.submissions.models import SubmissionFile
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.common import clock

EVENT_TEXT: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "submitted": (_lazy("Antrag eingegangen"), _lazy("Wir haben Ihren Antrag erhalten.")),
    "receipt_issued": (
        _lazy("Antragsbestätigung ausgestellt"),
        _lazy("Sie finden sie in Ihrem Postfach."),
    ),
    "paid": (_lazy("Gebühr bezahlt"), _lazy("Die Zahlung ist bei uns gebucht.")),
    "claimed": (
        _lazy("In Bearbeitung"),
        _lazy("Eine Person aus der Sachbearbeitung prüft Ihren Antrag."),
    ),
    "documents_requested": (_lazy("Unterlagen angefordert"), _lazy("Wir brauchen noch etwas von Ihnen.")),
    "documents_handed_in": (_lazy("Unterlagen nachgereicht"), _lazy("Ihre Antwort ist bei uns.")),
    "citizen_wrote": (_lazy("Nachricht von Ihnen"), _lazy("Sie haben uns geschrieben.")),
    "clerk_wrote": (_lazy("Nachricht von uns"), _lazy("Wir haben Ihnen geschrieben.")),
    "appointment_booked": (_lazy("Termin gebucht"), ""),
    "appointment_moved": (_lazy("Termin verschoben"), ""),
    "appointment_cancelled": (_lazy("Termin abgesagt"), ""),
    "decided": (_lazy("Entschieden"), _lazy("Wir stellen Ihren Bescheid aus.")),
    "decision_issued": (_lazy("Bescheid zugestellt"), _lazy("Der Bescheid liegt in Ihrem Postfach.")),
    "delivered": (
        _lazy("Vorgang abgeschlossen"),
        _lazy("Wir haben Sie über den Bescheid benachrichtigt."),
    ),
    "notice_failed": (
        _lazy("Benachrichtigung fehlgeschlagen"),
        _lazy("Unsere E-Mail an Sie kam nicht an. Prüfen Sie Ihre Adresse."),
    ),
    "withdrawn": (_lazy("Antrag zurückgezogen"), _lazy("Wir bearbeiten ihn nicht weiter.")),
}
# What the clerks read instead, because the words above speak to the citizen. What stands only here, only they see.
CLERK_TITLES = {
    "claimed": "Übernommen",
    "released": "Zurück ans Team gegeben",
    "reassigned": "Von der Teamleitung zugeteilt",
    "citizen_wrote": "Nachricht der antragstellenden Person",
    "clerk_wrote": "Nachricht an die antragstellende Person",
}


@dataclass(frozen=True)
class TimelineEntry:
    at: dt.datetime
    title: StrOrPromise
    text: StrOrPromise
    state: str = "done"  # or "now": the last one of an open case


def timeline(case: Case) -> list[TimelineEntry]:
    """What happened, oldest first, in the citizen's words."""
    events = CaseEvent.objects.filter(case=case).order_by("id")
    entries = [TimelineEntry(e.at, *EVENT_TEXT[e.kind]) for e in events if e.kind in EVENT_TEXT]
    if entries and case.is_open:
        entries[-1] = replace(entries[-1], state="now")
    return entries


def desk_timeline(case: Case) -> list[TimelineEntry]:
    """What happened, oldest first, in the clerks' words."""
    titles = {kind: title for kind, (title, _text) in EVENT_TEXT.items()} | CLERK_TITLES
    events = CaseEvent.objects.filter(case=case, kind__in=titles).order_by("id")
    return [TimelineEntry(event.at, titles[event.kind], "") for event in events]


def for_applicant(user: User) -> QuerySet[Case]:
    return Case.objects.for_pages().filter(applicant=user).order_by("-received_at", "-id")


def open_request(case: Case) -> tuple[DocumentRequest, str] | None:
    """The one request that waits for an answer, with its opened text."""
    request = DocumentRequest.objects.filter(case=case, answered_at=None).first()
    if request is None:
        return None
    return request, case.envelope.open(request.text_sealed, case.place("request")).decode()


def papers(case: Case) -> Sequence[Paper]:
    """Finished papers, newest first."""
    return list(
        Paper.objects.filter(case=case, state=PaperState.ISSUED).select_related("stored", "message").order_by("-id")
    )


def papers_of(user: User) -> QuerySet[Paper]:
    """Finished papers of all of a person's cases, newest first."""
    issued = Paper.objects.filter(case__applicant=user, state=PaperState.ISSUED)
    return issued.select_related("case__submission__form_version__form", "decision").order_by("-issued_at", "-id")


def appointment(case: Case) -> Appointment | None:
    """The appointment of the case that still lies ahead; one that was missed does not stand in the way of another."""
    return Appointment.objects.with_place().ahead(clock.now()).filter(subject=case.thread).first()


def files(case: Case) -> list[SubmissionFile]:
    """What came with the submission; `.name` opens the sealed file name."""
    return list(
        SubmissionFile.objects.filter(submission=case.submission_id)
        .select_related("submission", "stored")
        .order_by("id")
    )


def documents(case: Case) -> list[tuple[str, str, str]]:
    """Files handed in later: (public id, name, media type)."""
    return [
        (
            str(d.public_id),
            case.envelope.open(d.name_sealed, case.place(f"document:{d.public_id}")).decode(),
            d.stored.media_type,
        )
        for d in case.documents.select_related("stored").order_by("id")
    ]


READS = {
    "case.read": _lazy("Vorgang angesehen"),
    "case.file_read": _lazy("Unterlage geöffnet"),
    "case.paper_read": _lazy("Schriftstück geöffnet"),
}
READINGS_SHOWN = 500


@dataclass(frozen=True)
class Reading:
    """Somebody of the city looked at a person's case. Who it was, the house knows; the person learns the office."""

    at: dt.datetime
    number: str
    title: str
    what: str


def readings(user: User) -> list[Reading]:
    """Who saw the person's data, newest first: once per clerk, case, kind and day."""
    cases = {f"case:{case.public_id}": case for case in for_applicant(user)}
    entries = AuditEntry.objects.filter(subject__in=cases, action__in=READS).order_by("-id")[:READINGS_SHOWN]
    seen: dict[tuple[dt.date, str, str, str], Reading] = {}
    for entry in entries:
        case = cases[entry.subject]
        key = (clock.local(entry.at).date(), entry.actor, entry.subject, entry.action)
        seen.setdefault(key, Reading(entry.at, case.number, case.name, str(READS[entry.action])))
    return list(seen.values())


QUEUE_PAGE = 50


@dataclass(frozen=True)
class QueueRow:
    case: Case
    light: str  # "red" overdue, "yellow" due within three days, "green"


def queue(clerk: User, which: str, after: tuple[dt.date, int] | None = None) -> list[QueueRow]:
    """The clerk's queue by deadline, keyset-paged. `which`: mine, team (unassigned), all (open), waiting, done."""
    rows = access.desk(clerk).for_pages()
    match which:
        case "all":
            rows = rows.open()
        case "mine":
            rows = rows.filter(assigned_to=clerk, status__in=sorted(DECIDABLE))
        case "waiting":
            rows = rows.filter(status__in=[Status.AWAITING_PAYMENT, Status.WAITING_FOR_CITIZEN])
        case "done":
            rows = rows.filter(status__in=[Status.DECIDED, Status.CLOSED, Status.WITHDRAWN])
        case _:
            rows = rows.filter(assigned_to=None, status=Status.IN_REVIEW)
    if after:
        rows = rows.filter(Q(due_on__gt=after[0]) | Q(due_on=after[0], id__gt=after[1]))
    today = clock.today()
    return [QueueRow(case, _light(case, today)) for case in rows.order_by("due_on", "id")[: QUEUE_PAGE + 1]]


def _light(case: Case, today: dt.date) -> str:
    if not case.is_open or case.status == Status.DECIDED:
        return "green"
    if case.due_on < today:
        return "red"
    return "yellow" if case.due_on <= today + dt.timedelta(days=3) else "green"


def find(clerk: User, text: str) -> list[QueueRow]:
    """Cases by file number or Kassenzeichen, exact but for spaces and case."""
    bare = "".join(text.split()).upper()
    rows = access.desk(clerk).for_pages().filter(Q(number=bare) | Q(receivable__kassenzeichen=bare))
    return [QueueRow(case, _light(case, clock.today())) for case in rows[:QUEUE_PAGE]]
