"""Reads for the citizen's pages, the clerk's queue and the reports."""

import datetime as dt
from collections.abc import Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import DateField, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

from appointments.models import Appointment
from forms_engine.cases import milestones
from forms_engine.cases.milestones import TimelineEntry
from forms_engine.cases.models import (
    FORM_NAME,
    Case,
    CaseEvent,
    CaseQuerySet,
    Decision,
    DecisionKind,
    DocumentRequest,
    Paper,
    PaperState,
    Proposal,
)
from forms_engine.cases.models.kinds import ENDING
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.states import DECIDABLE, OPEN, Status
from forms_engine.submissions.models import SubmissionFile
from portal.accounts import consents
from portal.accounts.models import Language, Mandate, Preferences, User
from portal.common import clock
from portal.documents.models import StoredFile

EVENT_TEXT: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "submitted": (_lazy("Antrag eingegangen"), _lazy("Wir haben Ihren Antrag erhalten.")),
    "receipt_issued": (
        _lazy("Antragsbestätigung ausgestellt"),
        _lazy("Sie finden sie in Ihrem Postfach."),
    ),
    "paid": (_lazy("Gebühr bezahlt"), _lazy("Die Zahlung ist bei uns gebucht.")),
    "fee_paid": (_lazy("Gebühr bezahlt"), _lazy("Die Zahlung ist bei uns gebucht.")),
    "claimed": (
        _lazy("In Bearbeitung"),
        _lazy("Eine Person aus der Sachbearbeitung prüft Ihren Antrag."),
    ),
    "documents_requested": (_lazy("Unterlagen angefordert"), _lazy("Wir brauchen noch etwas von Ihnen.")),
    "documents_handed_in": (_lazy("Unterlagen nachgereicht"), _lazy("Ihre Antwort ist bei uns.")),
    "post_filed": (_lazy("Post eingegangen"), _lazy("Ihre Sendung liegt jetzt beim Antrag.")),
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
    "file_infected": (
        _lazy("Eine Datei ist gesperrt"),
        _lazy("Wir haben Schadsoftware gefunden. In Ihrem Postfach steht, was Sie tun können."),
    ),
    "decision_withdrawn": (
        _lazy("Bescheid zurückgezogen"),
        _lazy("Der Bescheid gilt nicht. Niemand hatte ihn bis dahin gelesen."),
    ),
    "finished": (_lazy("Erledigt"), _lazy("Wir haben Ihnen geantwortet.")),
    "withdrawn": (_lazy("Antrag zurückgezogen"), _lazy("Wir bearbeiten ihn nicht weiter.")),
}
# The same where nothing is applied for.
REPORT_TEXT: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "submitted": (_lazy("Meldung eingegangen"), _lazy("Wir haben Ihre Meldung erhalten.")),
    "receipt_issued": (_lazy("Bestätigung ausgestellt"), _lazy("Sie finden sie in Ihrem Postfach.")),
    "claimed": (_lazy("In Bearbeitung"), _lazy("Eine Person aus der Sachbearbeitung prüft Ihre Meldung.")),
    "withdrawn": (_lazy("Meldung zurückgezogen"), _lazy("Wir bearbeiten sie nicht weiter.")),
}
# What citizens and their agents do themselves: the timeline names an agent.
BY_CITIZENS = frozenset({"submitted", "documents_handed_in", "citizen_wrote", "appointment_booked", "withdrawn"})
# What the clerks read instead, because the words above speak to the citizen. What stands only here, only they see.
CLERK_TITLES = {
    "claimed": "Übernommen",
    "released": "Zurück ans Team gegeben",
    "reassigned": "Von der Teamleitung zugeteilt",
    "proposed": "Entscheidung vorgeschlagen",
    "approved": "Gegengezeichnet",
    "sent_back": "Nicht gegengezeichnet",
    "citizen_wrote": "Nachricht der antragstellenden Person",
    "clerk_wrote": "Nachricht an die antragstellende Person",
    "message_withdrawn": "Nachricht zurückgezogen",
    "no_answer_needed": "Keine Antwort nötig",
    "noted": "Notiz geschrieben",
    "task_added": "Aufgabe angelegt",
    "task_done": "Aufgabe erledigt",
    "date_set": "Frist oder Wiedervorlage gesetzt",
    "date_done": "Frist oder Wiedervorlage erledigt",
    "party_added": "Beteiligte Person eingetragen",
    "party_corrected": "Angaben zu einer beteiligten Person geändert",
    "party_ended": "Beteiligung beendet",
    "related": "Mit einem Vorgang verknüpft",
    "unrelated": "Verknüpfung gelöst",
    "checked": "Punkt der Prüfliste abgehakt",
    "unchecked": "Haken der Prüfliste entfernt",
    "document_replaced": "Datei durch eine neuere ersetzt",
    "routed": "An eine andere Dienststelle gegeben",
    "rules_applied": "Regeln des Formulars angewendet",
}


def timeline(case: Case) -> list[TimelineEntry]:
    """What happened, oldest first, in the citizen's words, and what is still to come."""
    events = list(CaseEvent.objects.filter(case=case, kind__in=EVENT_TEXT).order_by("id"))
    agents = _agents(case, [e.actor for e in events if e.kind in BY_CITIZENS])
    texts = _texts(case)
    done = [TimelineEntry(e.at, *texts[e.kind], who=agents.get(e.actor, "")) for e in events]
    return milestones.with_plan(done, Status(case.status), _dates(case), clock.today())


def _texts(case: Case) -> dict[str, tuple[StrOrPromise, StrOrPromise]]:
    return EVENT_TEXT | REPORT_TEXT if case.is_report else EVENT_TEXT


def _agents(case: Case, actors: Sequence[str]) -> dict[str, str]:
    """Public id -> name of those among the actors who acted for the case's party."""
    if case.acting_for is None or not actors:
        return {}
    people = User.objects.filter(public_id__in=set(actors)).exclude(pk=case.acting_for.pk)
    return {str(person.public_id): str(person) for person in people}


def wishes(case: Case) -> list[str]:
    """How the person behind a case wishes to be met, for those who write, call or receive them."""
    held = Preferences.objects.filter(user=case.party).first()
    if held is None:
        return []
    spoken = [] if held.language == Language.GERMAN else [f"Sprache: {held.get_language_display()}"]
    return spoken + (["Gebärdensprache bei Terminen"] if held.sign_language else [])


def representation(case: Case) -> str:
    """What clerks must know about the right to act in this case; "" where nobody acts for anybody."""
    if case.acting_for is None:
        return ""
    rows = Mandate.objects.filter(principal=case.acting_for, agent=case.applicant).order_by(
        F("revoked_at").asc(nulls_first=True), "-id"
    )
    given = rows.first()
    if given is None:
        return "Vertretung nicht mehr nachweisbar"
    ended = "" if given.holds else ", inzwischen beendet"
    return f"{given.get_kind_display()}: {given.get_evidence_display()}{ended}"


def public_timeline(case: Case) -> list[TimelineEntry]:
    """The steps that a page without sign-in may show: titles and days."""
    events = CaseEvent.objects.filter(case=case, kind__in=milestones.PUBLIC).order_by("id")
    texts = _texts(case)
    done = [TimelineEntry(clock.local(e.at).date(), texts[e.kind][0], "") for e in events]
    return milestones.with_plan(done, Status(case.status), _dates(case), clock.today())


def _dates(case: Case) -> milestones.Dates:
    asked = None
    if case.status == Status.WAITING_FOR_CITIZEN:
        rows = DocumentRequest.objects.filter(case=case, answered_at=None)
        asked = rows.values_list("answer_by", flat=True).first()
    pay_by = case.receivable.due_on if case.fee_is_due and case.receivable else None
    return milestones.Dates(pay_by, asked, case.due_on, case.is_report)


def desk_timeline(case: Case) -> list[TimelineEntry]:
    """What happened, oldest first, in the clerks' words."""
    titles = {kind: title for kind, (title, _text) in _texts(case).items()} | CLERK_TITLES
    events = CaseEvent.objects.filter(case=case, kind__in=titles).order_by("id")
    return [TimelineEntry(event.at, titles[event.kind], "") for event in events]


# A line about something of a case names the case and its form, nothing else.
_OF_CASE = (
    *("case", "case__public_id", "case__number", "case__submission", "case__submission__form_version"),
    *("case__submission__form_version__form", *(f"case__{name}" for name in FORM_NAME)),
)


def for_party(user: User, by: User | None = None) -> CaseQuerySet:
    """A person's cases, newest first. `by`: the agent who looks, and sees only what the mandate covers."""
    return Case.objects.for_pages().of(user, by).order_by("-received_at", "-id")


def with_letters_of(user: User) -> bool:
    """Whether any case file needs the letters in this person's postbox."""
    return Case.objects.filter(Q(applicant=user) | Q(submission__acting_for=user)).exists()


def waiting_for(user: User, by: User | None = None) -> QuerySet[Case]:
    """Cases in which the person has to pay or to answer, the most urgent first. `until`: the last day for it."""
    asked = DocumentRequest.objects.filter(case=OuterRef("pk"), answered_at=None).values("answer_by")
    mine = Q(status=Status.WAITING_FOR_CITIZEN) | Q(receivable__state="open") & ~Q(status=Status.WITHDRAWN)
    rows: QuerySet[Case] = for_party(user, by).for_lines().filter(mine)
    due = rows.annotate(until=Coalesce(Subquery(asked[:1]), F("receivable__due_on"), output_field=DateField()))
    return due.order_by("until", "id")


def ending_by(last: dt.date, user: User, by: User | None = None) -> QuerySet[Decision]:
    """Grants that end until then, the soonest first, if no later one of the same service follows them."""
    held = Case.objects.of(user, by).order_by().values("pk")
    granted = (DecisionKind.GRANTED, DecisionKind.PARTLY)
    rows = Decision.objects.filter(case__in=held, kind__in=granted, issued_at__isnull=False, replaced_by=None)
    rows = rows.filter(withdrawn_at=None)
    later = rows.filter(
        case__submission__form_version__form=OuterRef("case__submission__form_version__form"),
        valid_until__gt=OuterRef("valid_until"),
    )
    ending = rows.filter(valid_until__range=(clock.today(), last)).exclude(Exists(later))
    lines = ending.select_related("case__submission__form_version__form").only("valid_until", *_OF_CASE)
    return lines.order_by("valid_until", "id")


def proposal(case: Case) -> Proposal | None:
    """The decision that waits for a second signature."""
    return case.proposals.select_related("author").filter(answered_at=None).first()


def sent_back(case: Case) -> tuple[Proposal, str] | None:
    """The last proposal, if it was not signed and the case is in review because of it, with the reason."""
    if case.status not in DECIDABLE:
        return None
    last = case.proposals.select_related("author", "answered_by").order_by("-id").first()
    if last is None or not last.note_sealed:
        return None
    return last, case.envelope.open(last.note_sealed, case.place("proposal_note")).decode()


def outcome_of(case: Case, proposal: Proposal) -> Outcome:
    return Outcome(
        kind=DecisionKind(proposal.kind),
        valid_from=proposal.valid_from,
        valid_until=proposal.valid_until,
        reasons=proposal.reasons,
        explanation=case.envelope.open(proposal.explanation_sealed, case.place("proposal")).decode(),
        area=proposal.area,
        fee_cents=proposal.fee_cents,
        template=proposal.template_id,
        replaces=proposal.replaces_id,
        **(
            case.envelope.open_json(proposal.parts_sealed, case.place("proposal_parts"))
            if proposal.parts_sealed
            else {}
        ),
    )


def next_revision(case: Case) -> int:
    return (case.decisions.aggregate(last=Max("revision"))["last"] or 0) + 1


def standing(case: Case) -> Decision | None:
    """The newest issued decision that counts: not replaced, ending nothing, no mere demand for a fee, of no run."""
    rows = case.decisions.filter(issued_at__isnull=False, withdrawn_at=None, replaced_by=None, run_item=None)
    return rows.exclude(kind__in=[*ENDING, DecisionKind.FEE_NOTICE]).order_by("-revision").first()


def open_request(case: Case) -> tuple[DocumentRequest, str] | None:
    """The one request that waits for an answer, with its opened text."""
    request = DocumentRequest.objects.filter(case=case, answered_at=None).first()
    if request is None:
        return None
    return request, case.envelope.open(request.text_sealed, case.place("request")).decode()


def papers(case: Case, *, withdrawn: bool = False) -> Sequence[Paper]:
    """Finished papers, newest first; what a newer one replaces or ends names it. `withdrawn`: also what was taken back
    before it counted, which only clerks see."""
    found = list(
        Paper.objects.filter(case=case, state=PaperState.ISSUED)
        .select_related("stored", "message", "decision", "case__submission__form_version")
        .order_by("-id")
    )
    found = [paper for paper in found if withdrawn or not paper.is_withdrawn]
    newer = {paper.decision.replaces_id: paper for paper in found if paper.decision and paper.decision.replaces_id}
    for paper in found:
        paper.newer = newer.get(paper.decision_id) if paper.decision_id else None
    return found


def running(user: User, by: User | None = None) -> QuerySet[Case]:
    """Those not yet at their end, newest first."""
    return for_party(user, by).for_lines().filter(status__in=sorted(OPEN))


def papers_of(user: User, by: User | None = None) -> QuerySet[Paper]:
    """Finished papers of all of a person's cases, newest first."""
    held = Case.objects.of(user, by).order_by().values("pk")
    issued = Paper.objects.filter(case__in=held, state=PaperState.ISSUED, decision__withdrawn_at=None)
    return (
        issued.select_related("case__submission__form_version__form", "decision")
        .only("kind", "issued_at", "ordered_at", "decision", "decision__kind", "decision__valid_until", *_OF_CASE)
        .order_by("-issued_at", "-id")
    )


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


def documents(case: Case) -> list[tuple[str, str, str, StoredFile]]:
    """Files handed in later: (public id, name, media type, what the scan says)."""
    return [
        (
            str(d.public_id),
            case.envelope.open(d.name_sealed, case.place(f"document:{d.public_id}")).decode(),
            d.stored.media_type,
            d.stored,
        )
        for d in case.documents.select_related("stored").order_by("id")
    ]


def consent_to_ask(case: Case, person: AbstractBaseUser | AnonymousUser) -> consents.Standing | None:
    """How decisions are to come, asked of whoever applied for themselves and has never answered."""
    if case.party is None or case.party != person or not case.definition.decision:
        return None
    standing = consents.standing(case.party, consents.ANNOUNCEMENT)
    return standing if standing.at is None else None
