"""The case file: Case, its events, requests for documents and what is handed in later."""

from collections.abc import Collection, Mapping
from functools import cached_property

from django.db import models
from django.db.models import Exists, OuterRef, Q

from appointments.models import Appointment
from forms_engine.cases.states import ENDED, MEANING, OPEN, REPORT_MEANING, TO_SIGN, Meaning, Status
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.models import Form
from forms_engine.submissions.models import Submission
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
    Status.IN_REVISION: "success",
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


_WHOM, _SERVICE = "submission__acting_for", "form__slug"
_FORM = "submission__form_version__form"
FORM_NAME = (f"{_FORM}__slug", f"{_FORM}__title", f"{_FORM}__titles", "submission__form_version__sha256")
_PERSON = ("given_name", "family_name", "email")
_LINE = (
    *("public_id", "number", "status", "received_at", "due_on", "applicant", "receivable", "submission"),
    *("receivable__public_id", "receivable__amount_cents", "receivable__due_on", "receivable__state"),
    *("submission__form_version", "submission__form_version__form", "submission__acting_for", *FORM_NAME),
    *(f"{whom}__{name}" for whom in ("applicant", _WHOM) for name in _PERSON),
)

_DESK_LINE = (
    *("public_id", "number", "status", "due_on", "changed_at", "applicant", "assigned_to", "office", "submission"),
    *("office__name", "form__slug", "form__title", "form__titles"),
    *(f"{whom}__{name}" for whom in ("applicant", "assigned_to") for name in _PERSON),
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
        forms = TeamForm.objects.filter(slug=OuterRef("form__slug"), team__is_active=True, team__members__user=clerk)
        here = Exists(forms.filter(team__office=OuterRef("office")))
        rows = self.not_of(clerk).filter(wrapped_key__isnull=False)  # what was destroyed is seen by nobody
        return rows.filter(here | Q(Exists(forms), office=None))

    def handled_at(self, clerk: User, places: Mapping[int, Collection[int]]) -> "CaseQuerySet":
        """As handled_by(), where it was read before which forms the clerk handles at which office (keys of both)."""
        mine = Q(pk__in=[])
        for office, forms in places.items():
            mine |= Q(Q(office=office) | Q(office=None), form__in=sorted(forms))
        return self.filter(mine).not_of(clerk)

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

    def for_desk(self) -> "CaseQuerySet":
        """What a line in a clerk's list shows."""
        related = ("applicant", "assigned_to", "office", "form")
        return self.select_related(None).select_related(*related).only(*_DESK_LINE)


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
    # What the submission's version says, repeated here for the queue's indexes.
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+", verbose_name="Formular", editable=False)
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
            models.Index(
                fields=["assigned_to", "due_on", "id"], name="case_on_desk", condition=Q(status__in=sorted(OPEN))
            ),
            models.Index(
                fields=["form", "due_on", "id"],
                name="case_to_take",
                condition=Q(status=Status.IN_REVIEW, assigned_to=None),
            ),
            models.Index(
                fields=["-changed_at", "-id"], name="case_ended", condition=Q(status__in=sorted(ENDED))
            ),  # newest first
            models.Index(fields=["due_on", "id"], name="case_to_sign", condition=Q(status__in=sorted(TO_SIGN))),
            models.Index(fields=["applicant", "-received_at"], name="case_of_citizen"),
            models.Index(fields=["closed_at"], name="case_closed", condition=Q(closed_at__isnull=False)),
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
        said = {
            Status.WAITING_FOR_CITIZEN: "Wartet auf Antwort",
            Status.IN_APPROVAL: "Wartet auf Gegenzeichnung",
            Status.IN_REVISION: "Neue Fassung wartet auf Gegenzeichnung",
        }
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
        return self.status in OPEN

    @property
    def has_ended(self) -> bool:
        """Whether nothing is left to judge, even if the letter is still on its way."""
        return self.status in ENDED

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
    """What happened, for the timeline. Append-only (trigger). `data` holds keys, dates and what is sealed."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=clock.now)
    kind = models.CharField(max_length=40)
    actor = models.CharField(max_length=80)
    data = models.JSONField(default=dict, blank=True)
    # Written by the database (migration 0007): its place in the case, and the hash over it and the one before.
    position = models.PositiveIntegerField(null=True, editable=False)
    hash = models.BinaryField(null=True, editable=False)

    class Meta:
        verbose_name = "Ereignis"
        verbose_name_plural = "Ereignisse"
        indexes = [models.Index(fields=["case", "id"], name="case_event_order")]
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="case_event_chained_once"),
            models.CheckConstraint(
                condition=Q(position__isnull=False, hash__isnull=False), name="case_event_is_chained"
            ),
        ]

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
    # None: it came on paper or by mail and filed itself.
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(default=clock.now)
    request = models.ForeignKey(
        DocumentRequest, on_delete=models.SET_NULL, null=True, blank=True, related_name="documents"
    )

    class Meta:
        verbose_name = "Unterlage"
        verbose_name_plural = "Unterlagen"

    def __str__(self) -> str:
        return str(self.public_id)
