"""The case file: Case, its events, requests for documents, papers the worker makes, and decisions."""

from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _lazy

from appointments.models import Appointment
from forms_engine.cases.states import ALLOWED, MEANING, OPEN, REPORT_MEANING, Meaning, Status
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.submissions.models import Submission
from mailbox.models import Message
from payments.models import Receivable
from payments.states import ReceivableState
from portal.accounts.models import Scope, User
from portal.accounts.parties import matters
from portal.common import clock, crypto
from portal.directory.models import Office
from portal.directory.teams.models import TeamForm
from portal.documents.models import StoredFile

BADGES = {
    Status.AWAITING_PAYMENT: "warning",
    Status.WAITING_FOR_CITIZEN: "warning",
    Status.IN_REVIEW: "info",
    Status.IN_APPROVAL: "info",
    Status.DECIDED: "success",
    Status.CLOSED: "success",
    Status.DONE: "success",
}


class FileNumber(models.Model):
    """The last serial given out per office and year: gapless, because it is taken in the submitting transaction."""

    office = models.CharField("Dienststelle", max_length=5)
    year = models.PositiveSmallIntegerField("Jahr")
    last = models.PositiveIntegerField("letzte Nummer", default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "year"], name="file_number_once_per_year")]

    def __str__(self) -> str:
        return f"{self.office} {self.year}"


_WHOM, _SERVICE = "submission__acting_for", "submission__form_version__form__slug"
_FORM = "submission__form_version__form"
FORM_NAME = (f"{_FORM}__slug", f"{_FORM}__title", f"{_FORM}__titles", "submission__form_version__sha256")
_PERSON = ("given_name", "family_name", "email")
_LINE = (
    *("public_id", "number", "status", "received_at", "due_on", "applicant", "receivable", "submission"),
    *("receivable__public_id", "receivable__amount_cents", "receivable__due_on", "receivable__state"),
    *("submission__form_version", "submission__form_version__form", "submission__acting_for", *FORM_NAME),
    *(f"{whom}__{name}" for whom in ("applicant", _WHOM) for name in _PERSON),
)


def _covered(agent: User) -> Exists:
    return matters.covered(agent, matters.WORK, principal=_WHOM, service=_SERVICE)


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> "CaseQuerySet":
        return self.filter(status__in=OPEN)

    def not_of(self, clerk: User) -> "CaseQuerySet":
        """Nobody works on the own case, nor where they represent or are represented (VwVfG § 20 (1) no. 1 to 5)."""
        represents = matters.covered(clerk, tuple(Scope), principal=_WHOM, service=_SERVICE)
        return self.exclude(applicant=clerk).exclude(submission__acting_for=clerk).exclude(represents)

    def of(self, user: User, by: User | None = None) -> "CaseQuerySet":
        """A person's cases: what they sent for themselves, and what others sent for them. For an agent who looks only
        the latter, as far as the mandate goes."""
        if by is None:
            return self.filter(Q(applicant=user, submission__acting_for=None) | Q(submission__acting_for=user))
        return self.filter(_covered(by), submission__acting_for=user)

    def open_to(self, user: User) -> "CaseQuerySet":
        """Every case that a person may see today, whoever's it is."""
        own = Q(applicant=user, submission__acting_for=None) | Q(submission__acting_for=user)
        return self.filter(own | Q(_covered(user)))

    def handled_by(self, clerk: User) -> "CaseQuerySet":
        """Cases of the forms of the clerk's teams, at a team's office or not yet at any (docs/adr/0010)."""
        forms = TeamForm.objects.filter(
            slug=OuterRef("submission__form_version__form__slug"), team__is_active=True, team__members__user=clerk
        )
        here = Exists(forms.filter(team__office=OuterRef("office")))
        return self.not_of(clerk).filter(here | Q(Exists(forms), office=None))

    def for_pages(self) -> "CaseQuerySet":
        """What every page about a case shows, in one statement."""
        return self.select_related(
            "applicant",
            "assigned_to",
            "office",
            "receivable",
            "appointment",
            "submission__form_version__form",
            "submission__acting_for",
        )

    def for_lines(self) -> "CaseQuerySet":
        """What a line in a list shows: nothing sealed, and not the text of the form."""
        related = ("applicant", "receivable", "submission__acting_for", "submission__form_version__form")
        return self.select_related(None).select_related(*related).only(*_LINE)


class Case(models.Model):
    """Vorgang. Its status is written by states.advance() only."""

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    number = models.CharField("Aktenzeichen", max_length=24, unique=True)
    applicant = models.ForeignKey(  # None: sent without an account
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name="antragstellende Person",
    )
    submission = models.OneToOneField(
        Submission, on_delete=models.PROTECT, related_name="case", verbose_name="Einreichung"
    )
    status = models.CharField("Status", max_length=24, choices=Status.choices)
    assigned_to = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_cases",
        verbose_name="Sachbearbeitung",
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Dienststelle"
    )
    receivable = models.OneToOneField(Receivable, on_delete=models.PROTECT, null=True, blank=True, related_name="case")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases", verbose_name="Termin"
    )
    wrapped_key = models.BinaryField(null=True, editable=False)
    received_at = models.DateTimeField("eingegangen", default=clock.now)
    changed_at = models.DateTimeField("zuletzt geändert", default=clock.now)
    due_on = models.DateField("zu entscheiden bis")
    closed_at = models.DateTimeField("abgeschlossen", null=True, blank=True)
    status_code_hash = models.CharField("Prüfsumme des Statuscodes", max_length=64, blank=True, editable=False)
    # What the city answered where nothing is decided; without an account it is read beside the status.
    answer_sealed = models.BinaryField(default=bytes, editable=False)
    # A mail to somebody without an account: "there is news" (strangers.py).
    notice_due_at = models.DateTimeField("E-Mail fällig", null=True, blank=True)
    notice_attempts = models.PositiveSmallIntegerField("Versuche", default=0)

    # The status code in the clear: only on the object that was just made by flow.submit (codes.py).
    fresh_code: str = ""

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "Vorgang"
        verbose_name_plural = "Vorgänge"
        indexes = [
            models.Index(
                fields=["due_on", "id"], name="case_queue", condition=Q(status__in=sorted(OPEN))
            ),  # clerks' queue
            models.Index(fields=["applicant", "-received_at"], name="case_of_citizen"),
            models.Index(fields=["notice_due_at"], name="case_owes_mail", condition=Q(notice_due_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="case_status_known"),
            models.CheckConstraint(
                condition=Q(closed_at=None, status__in=sorted(OPEN))
                | Q(closed_at__isnull=False) & ~Q(status__in=sorted(OPEN)),
                name="case_closed_iff_final",
            ),
            models.CheckConstraint(
                condition=Q(applicant__isnull=False) | Q(receivable=None, appointment=None),
                name="case_owes_and_books_with_account",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def thread(self) -> str:
        """The name of this case's conversation in the postbox."""
        return f"case:{self.public_id}"

    @property
    def meaning(self) -> Meaning:
        known = MEANING | REPORT_MEANING if self.is_report else MEANING
        return known[Status(self.status)]

    @property
    def badge(self) -> str:
        """The look of the status: a word of components/badge.html."""
        return BADGES.get(Status(self.status), "")

    @property
    def status_for_clerks(self) -> str:
        """The status without addressing the citizen."""
        said = {Status.WAITING_FOR_CITIZEN: "Wartet auf Antwort", Status.IN_APPROVAL: "Wartet auf Gegenzeichnung"}
        return said.get(Status(self.status)) or str(Status(self.status).label)

    @property
    def fee_is_due(self) -> bool:
        """Whether the person has to pay. A settled fee moves the case a moment later (flow.payment_settled)."""
        if self.status == Status.WITHDRAWN or self.receivable is None:
            return False
        return self.receivable.state == ReceivableState.OPEN

    @property
    def pays_first(self) -> bool:
        """Whether the work begins only when the fee is paid, and it is not."""
        return self.status == Status.AWAITING_PAYMENT and self.fee_is_due

    @property
    def is_report(self) -> bool:
        """Whether nothing is decided: it ends with an answer."""
        return self.definition.decision is None

    @property
    def is_open(self) -> bool:
        return bool(ALLOWED[Status(self.status)])

    @property
    def acting_for(self) -> User | None:
        """Whom the applicant represents in this case; None: themselves."""
        return self.submission.acting_for

    @property
    def party(self) -> User | None:
        """Whose case it is: the represented person, or whoever applied for themselves. None: nobody with an account."""
        return self.acting_for or self.applicant

    @property
    def who(self) -> str:
        """The party's name for clerks."""
        return str(self.party or "ohne Konto")

    @property
    def definition(self) -> FormDefinition:
        """The version of the form that it was sent with."""
        return self.submission.form_version.definition

    @property
    def answer(self) -> str:
        """What the city answered; "" before, and where something is decided."""
        return self.envelope.open(self.answer_sealed, self.place("answer")).decode() if self.answer_sealed else ""

    @property
    def service(self) -> str:
        """The form's slug: what mandates name."""
        return self.submission.form_version.form.slug

    @property
    def title(self) -> str:
        return self.submission.form_version.form.title

    @property
    def name(self) -> str:
        """The title in the language of the answer."""
        return self.submission.form_version.form.name

    @property
    def form_slug(self) -> str:
        return self.submission.form_version.form.slug

    @cached_property
    def envelope(self) -> crypto.Envelope:
        return crypto.Envelope(self.wrapped_key)

    def place(self, field: str) -> str:
        return f"case:{self.public_id}:{field}"


class CaseEvent(models.Model):
    """What happened, for the timeline. Append-only (trigger). `data` holds keys and dates, never answers."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=clock.now)
    kind = models.CharField(max_length=40)
    actor = models.CharField(max_length=80)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = "Ereignis"
        verbose_name_plural = "Ereignisse"
        indexes = [models.Index(fields=["case", "id"], name="case_event_order")]

    def __str__(self) -> str:
        return self.kind


class DocumentRequest(models.Model):
    """Clerk asks, citizen answers once. At most one open request per case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="requests")
    text_sealed = models.BinaryField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    answer_by = models.DateField("Antwort bis")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "Nachforderung"
        verbose_name_plural = "Nachforderungen"
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(answered_at=None), name="one_open_request_per_case")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.asked_at:%d.%m.%Y}"


class CaseDocument(models.Model):
    """A file handed in after the submission. What came with the submission stays with the submission."""

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="documents")
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name_sealed = models.BinaryField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)
    request = models.ForeignKey(
        DocumentRequest, on_delete=models.SET_NULL, null=True, blank=True, related_name="documents"
    )

    class Meta:
        verbose_name = "Unterlage"
        verbose_name_plural = "Unterlagen"

    def __str__(self) -> str:
        return str(self.public_id)


class DecisionKind(models.TextChoices):
    GRANTED = "granted", "bewilligt"
    CERTIFICATE = "certificate", "ausgestellt"  # what is granted decides nothing: a certificate, a confirmation
    REFUSED = "refused", "abgelehnt"


class Proposal(models.Model):
    """A decision that one clerk has signed and a second one has to sign too, or to send back with a reason.

    It binds nobody: the Decision is made when the second clerk signs.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="proposals", verbose_name="Vorgang")
    kind = models.CharField("Ergebnis", max_length=12, choices=DecisionKind.choices)
    reasons = models.JSONField("Gründe", default=list, blank=True)
    valid_from = models.DateField("gültig ab", null=True, blank=True)
    valid_until = models.DateField("gültig bis", null=True, blank=True)
    area = models.CharField("Gebiet", max_length=80, blank=True)
    fee_cents = models.PositiveBigIntegerField("Gebühr in Cent", null=True, blank=True)
    explanation_sealed = models.BinaryField(editable=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="vorgeschlagen von")
    signed_at = models.DateTimeField("vorgeschlagen am", default=clock.now)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="beantwortet von"
    )
    answered_at = models.DateTimeField("beantwortet am", null=True, blank=True)
    note_sealed = models.BinaryField(default=bytes, editable=False)  # why it was sent back

    class Meta:
        verbose_name = "Entscheidungsvorschlag"
        verbose_name_plural = "Entscheidungsvorschläge"
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(answered_at=None), name="one_open_proposal_per_case"),
            models.CheckConstraint(condition=Q(kind__in=DecisionKind.values), name="proposal_kind_known"),
            models.CheckConstraint(
                condition=Q(answered_by=None, answered_at=None)
                | Q(answered_by__isnull=False, answered_at__isnull=False),
                name="proposal_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("author")), name="proposal_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_kind_display()}"


class Decision(models.Model):
    """Bescheid. The payload is frozen when the clerk signs it off; the worker turns it into one sealed PDF."""

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions", verbose_name="Vorgang")
    revision = models.PositiveSmallIntegerField("Fassung", default=1)
    kind = models.CharField("Ergebnis", max_length=12, choices=DecisionKind.choices)
    reasons = models.JSONField("Gründe", default=list, blank=True)  # keys of the form's refusal reasons
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="entschieden von")
    approver = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="gegengezeichnet von"
    )
    signed_at = models.DateTimeField("entschieden am", default=clock.now)
    valid_from = models.DateField("gültig ab", null=True, blank=True)
    valid_until = models.DateField("gültig bis", null=True, blank=True)
    area = models.CharField("Gebiet", max_length=80, blank=True)  # for the open statistics; no personal datum
    needs_approval = models.BooleanField("braucht zwei Personen", default=False)
    issued_at = models.DateTimeField("erlassen", null=True, blank=True)

    class Meta:
        verbose_name = "Bescheid"
        verbose_name_plural = "Bescheide"
        constraints = [
            models.UniqueConstraint(fields=["case", "revision"], name="decision_once_per_revision"),
            models.CheckConstraint(condition=Q(kind__in=DecisionKind.values), name="decision_kind_known"),
            models.CheckConstraint(condition=Q(approver=None) | ~Q(approver=F("author")), name="decision_four_eyes"),
            models.CheckConstraint(
                condition=Q(valid_from=None, valid_until=None)
                | (~Q(kind="refused") & Q(valid_from__isnull=False))
                & (Q(valid_until=None) | Q(valid_until__gte=F("valid_from"))),
                name="decision_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(needs_approval=False) | Q(approver__isnull=False), name="decision_approved_if_needed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.get_kind_display()}"


class PaperKind(models.TextChoices):
    RECEIPT = "receipt", _lazy("Antragsbestätigung")
    DECISION = "decision", _lazy("Bescheid")


PAPER_SLUGS = {PaperKind.RECEIPT: "antragsbestaetigung", PaperKind.DECISION: "bescheid"}


class PaperState(models.TextChoices):
    QUEUED = "queued", "wartet"
    ISSUED = "issued", "fertig"
    PARKED = "parked", "angehalten"


class Paper(models.Model):
    """One PDF that the worker owes the citizen: the row is the queue, claimed with a lease and a fence.

    The finishing transaction stores the file, posts the message and marks the row; the unique message makes the
    delivery exactly-once whatever was rendered how often.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="papers", verbose_name="Vorgang")
    kind = models.CharField("Art", max_length=12, choices=PaperKind.choices)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="paper")
    payload_sealed = models.BinaryField()
    payload_sha256 = models.CharField(max_length=64)
    # The status code for the message that carries the receipt, never for the paper itself. Empty once it is posted.
    code_sealed = models.BinaryField(default=b"", editable=False)
    state = models.CharField("Zustand", max_length=10, choices=PaperState.choices, default=PaperState.QUEUED)
    due_at = models.DateTimeField("fällig", default=clock.now)
    lease_until = models.DateTimeField("in Arbeit bis", null=True, blank=True)
    fence = models.PositiveIntegerField("Vergabe", default=0)
    attempts = models.PositiveSmallIntegerField("Versuche", default=0)
    last_error = models.CharField("letzter Fehler", max_length=200, blank=True)
    code = models.CharField("Prüfcode", max_length=20, unique=True)  # printed on the paper, so it comes first
    ordered_at = models.DateTimeField("veranlasst", default=clock.now)
    stored = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField("fertig", null=True, blank=True)

    class Meta:
        verbose_name = "Schriftstück"
        verbose_name_plural = "Schriftstücke"
        indexes = [
            models.Index(fields=["due_at", "id"], name="paper_open", condition=Q(state="queued"))
        ]  # read by the sweep
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(kind="receipt"), name="one_receipt_per_case"),
            models.CheckConstraint(condition=Q(state__in=PaperState.values), name="paper_state_known"),
            models.CheckConstraint(
                condition=Q(kind="decision", decision__isnull=False) | Q(kind="receipt", decision=None),
                name="paper_decision_iff_decision",
            ),
            models.CheckConstraint(
                condition=~Q(state="issued") | Q(stored__isnull=False, message__isnull=False, issued_at__isnull=False),
                name="paper_issued_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.case}"

    @property
    def name(self) -> str:
        """What it is called: in German on itself, on pages in their language."""
        if self.decision is not None and self.decision.kind == DecisionKind.CERTIFICATE:
            return gettext("Bescheinigung")
        if self.decision is None and self.case.is_report:
            return gettext("Meldungsbestätigung")
        return self.get_kind_display()

    @property
    def slug(self) -> str:
        """The German word in the address of its download."""
        return PAPER_SLUGS[PaperKind(self.kind)]

    def status_code(self) -> str:
        """The code its message hands over; "" for papers without one."""
        if not self.code_sealed:
            return ""
        return self.case.envelope.open(self.code_sealed, self.case.place("status_code")).decode()

    def payload(self) -> dict[str, Any]:
        """The frozen content. Raises crypto.CannotOpen."""
        value: dict[str, Any] = self.case.envelope.open_json(self.payload_sealed, self.case.place(f"paper:{self.kind}"))
        return value
