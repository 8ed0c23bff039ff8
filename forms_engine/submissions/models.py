"""Unfinished and frozen answers. Answers and file names are sealed (portal.common.crypto); columns hold no content.

Places of sealed values: "draft:<public_id>:answers", "upload:<public_id>:name", "submission:<public_id>:payload",
"submission_file:<public_id>:name". Migration 0002 makes submissions immutable.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from forms_engine.definitions.models import FormVersion
from forms_engine.submissions.states import DraftState
from portal.accounts.parties import matters
from portal.common import clock, sizes
from portal.common.crypto import Envelope
from portal.documents.models import StoredFile

VISITOR = "public:form"  # actor of what somebody without an account does


class DraftQuerySet(models.QuerySet["Draft"]):
    def open(self) -> "DraftQuerySet":
        return self.filter(state=DraftState.OPEN)

    def of(self, user: Any) -> "DraftQuerySet":
        return self.filter(owner=user)

    def allowed(self, user: Any) -> "DraftQuerySet":
        """Those for the person themselves, and those for others whose mandate covers the form today."""
        covered = matters.covered(user, matters.WORK, principal="acting_for", service="form_version__form__slug")
        return self.filter(Q(acting_for=None) | Q(covered))

    def with_has_uploads(self) -> "DraftQuerySet":
        """Tells with the draft itself whether any file is there to be read: most pages are asked before the first."""
        return self.annotate(uploads_exist=Exists(Upload.objects.present().filter(draft=OuterRef("pk")).order_by()))


class Draft(models.Model):
    """Unfinished answers of one person to one version of a form. Without an account they belong to one browser session:
    `visitor` is a keyed hash of what only that session holds (visitors.py).

    `sealed` holds {"answers": {field: value}, "register": {field: what prefill.fetch() gives}, "unsaved": {page:
    {"values": {name: [text, ...]}, "notice": bool,
    "files_lost": bool}}}: what was saved, and what was typed but not accepted yet. `version` counts changes,
    `page_versions` says at which count and from which window each page changed last: {page: [count, window]}.
    """

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Konto"
    )
    visitor = models.CharField("Prüfsumme der Sitzung", max_length=64, blank=True, editable=False)
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="in Vertretung für",
    )
    form_version = models.ForeignKey(FormVersion, models.PROTECT, related_name="+", verbose_name="Fassung")
    wrapped_key = models.BinaryField("Schlüssel", null=True)
    sealed = models.BinaryField("Antworten, verschlüsselt", default=bytes)
    version = models.PositiveIntegerField("Stand", default=0)
    page_versions = models.JSONField("Stand je Seite", default=dict, blank=True)
    page = models.CharField("Seite", max_length=60, blank=True)  # where to go on
    state = models.CharField("Zustand", max_length=10, choices=DraftState.choices, default=DraftState.OPEN)
    created_at = models.DateTimeField("begonnen", default=clock.now)
    touched_at = models.DateTimeField("zuletzt bearbeitet", default=clock.now)
    delete_on = models.DateField("wird gelöscht am")
    reminded_at = models.DateTimeField("erinnert", null=True, blank=True)
    closed_at = models.DateTimeField("abgeschlossen", null=True, blank=True)

    objects = DraftQuerySet.as_manager()

    # Read along by reading.draft_of: the files by question, and how many messages the owner has not opened.
    files_read: "Mapping[str, Sequence[Upload]] | None" = None
    unread: int | None = None

    class Meta:
        verbose_name = "Entwurf"
        verbose_name_plural = "Entwürfe"
        indexes = [
            models.Index(fields=["delete_on"], name="draft_due", condition=Q(state="open")),  # read by the sweep
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "form_version", "acting_for"],
                condition=Q(state="open", owner__isnull=False),
                nulls_distinct=False,
                name="draft_one_open_per_form",
            ),
            models.UniqueConstraint(
                fields=["visitor", "form_version"],
                condition=Q(state="open", owner=None),
                name="draft_one_open_per_visitor",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=False, visitor="")
                | Q(owner=None, acting_for=None, visitor__regex="^[0-9a-f]{64}$"),
                name="draft_of_account_or_session",
            ),
            models.CheckConstraint(condition=Q(state__in=DraftState.values), name="draft_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", wrapped_key__isnull=False, closed_at=None)
                | Q(~Q(state="open"), wrapped_key=None, sealed=b"", closed_at__isnull=False),
                name="draft_key_only_while_open",
            ),
        ]

    def __str__(self) -> str:
        return f"draft:{self.public_id}"

    @property
    def actor(self) -> str:
        """Who fills it in, for the audit record."""
        return str(self.owner.public_id) if self.owner else VISITOR

    def open_sealed(self) -> dict[str, dict[str, Any]]:
        """Answers and unsaved input. Raises KeyDestroyed once the draft is sent or deleted."""
        envelope = Envelope(self.wrapped_key)
        if not self.sealed:
            return {"answers": {}, "unsaved": {}}
        content: dict[str, dict[str, Any]] = envelope.open_json(self.sealed, self._place)
        return content

    def seal(self, content: dict[str, dict[str, Any]]) -> None:
        """Put new content into the row; the caller saves it."""
        self.sealed = Envelope(self.wrapped_key).seal_json(content, self._place)

    @property
    def paused(self) -> bool:
        """Whether its form was under maintenance when it was read (access.draft_for_owner)."""
        return self.__dict__.get("paused_until") is not None

    @property
    def has_uploads(self) -> bool:
        """False only if it was asked (with_has_uploads) and there is none."""
        return bool(self.__dict__.get("uploads_exist", True))

    @property
    def _place(self) -> str:
        return f"draft:{self.public_id}:answers"


class UploadQuerySet(models.QuerySet["Upload"]):
    def present(self) -> "UploadQuerySet":
        """With their files: every page says what the scan found."""
        return self.filter(removed_at=None).select_related("stored").order_by("id")


class Upload(models.Model):
    """One file the person gave to one question of a draft. The same content twice is one upload."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    draft = models.ForeignKey(Draft, models.PROTECT, related_name="uploads", verbose_name="Entwurf")
    field = models.CharField("Frage", max_length=60)
    sealed_name = models.BinaryField("Dateiname, verschlüsselt")
    stored = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="Datei")
    sha256 = models.CharField("Prüfsumme (SHA-256)", max_length=64, blank=True)  # empty once removed
    size = models.BigIntegerField("Größe in Byte")
    media_type = models.CharField("Dateityp", max_length=100)
    created_at = models.DateTimeField("hochgeladen", default=clock.now)
    removed_at = models.DateTimeField("entfernt", null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = "Anlage eines Entwurfs"
        verbose_name_plural = "Anlagen eines Entwurfs"
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "field", "sha256"], condition=Q(removed_at=None), name="upload_content_once_per_field"
            ),
            models.UniqueConstraint(fields=["stored"], name="upload_owns_its_file"),
            models.CheckConstraint(
                condition=Q(removed_at=None, sha256__regex="^[0-9a-f]{64}$")
                | Q(removed_at__isnull=False, sha256="", sealed_name=b""),
                name="upload_nothing_left_once_removed",
            ),
        ]

    def __str__(self) -> str:
        return f"upload:{self.public_id}"

    @property
    def name(self) -> str:
        """The client's file name, cleaned. Raises KeyDestroyed once the draft is closed."""
        return Envelope(self.draft.wrapped_key).open(self.sealed_name, f"{self}:name").decode()

    @property
    def size_text(self) -> str:
        return sizes.text(self.size)


class Arrival(models.Model):
    """A file on its way, in pieces: so much is here, so much is still to come. Ends as an Upload or as nothing.

    `scope` is whom it is for ("draft:<id>", "case:<id>:<person>"), `fingerprint` tells whether the person has chosen
    the same file again after an interruption. `stored` is the whole file while it waits to be taken (cases).
    """

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    scope = models.CharField("wofür", max_length=70, db_index=True)
    field = models.CharField("Frage", max_length=120)
    sealed_name = models.BinaryField("Dateiname, verschlüsselt")
    wrapped_key = models.BinaryField("Schlüssel")
    fingerprint = models.CharField("Abdruck", max_length=64)
    length = models.BigIntegerField("Größe in Byte")
    received = models.BigIntegerField("davon angekommen", default=0)
    touched_at = models.DateTimeField("zuletzt etwas angekommen", default=clock.now, db_index=True)
    stored = models.OneToOneField(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="Datei")

    class Meta:
        verbose_name = "ankommende Datei"
        verbose_name_plural = "ankommende Dateien"
        constraints = [
            models.UniqueConstraint(fields=["scope", "field", "fingerprint"], name="arrival_once_per_file"),
            models.CheckConstraint(
                condition=Q(received__gte=0, length__gte=1) & Q(received__lte=models.F("length")),
                name="arrival_never_more_than_all",
            ),
        ]

    def __str__(self) -> str:
        return f"arrival:{self.public_id}"

    @property
    def name(self) -> str:
        return Envelope(self.wrapped_key).open(self.sealed_name, f"{self}:name").decode()

    @property
    def is_whole(self) -> bool:
        return self.received == self.length

    @property
    def size_text(self) -> str:
        return sizes.text(self.length)


class ArrivalPiece(models.Model):
    """One stretch of an arriving file, encrypted like every other file."""

    arrival = models.ForeignKey(Arrival, models.CASCADE, related_name="pieces", verbose_name="ankommende Datei")
    start = models.BigIntegerField("ab Byte")
    stored = models.OneToOneField(StoredFile, models.PROTECT, related_name="+", verbose_name="Datei")

    class Meta:
        verbose_name = "Stück einer Datei"
        verbose_name_plural = "Stücke einer Datei"
        constraints = [models.UniqueConstraint(fields=["arrival", "start"], name="arrival_piece_once")]

    def __str__(self) -> str:
        return f"{self.arrival_id} {self.start}"


class Submission(models.Model):
    """The answers as they were sent, with what the form worked out from them. Never changes (trigger).

    `sealed` is the canonical JSON of actions.Payload, `sha256` its hash. The payload begins with random bytes, so
    that the hash tells nothing about the answers once the key is destroyed.
    """

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    draft = models.OneToOneField(Draft, models.PROTECT, related_name="submission", verbose_name="Entwurf")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Konto"
    )
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="in Vertretung für",
    )
    form_version = models.ForeignKey(FormVersion, models.PROTECT, related_name="+", verbose_name="Fassung")
    wrapped_key = models.BinaryField("Schlüssel", null=True)
    sealed = models.BinaryField("Antrag, verschlüsselt")
    sha256 = models.CharField("Prüfsumme (SHA-256)", max_length=64)
    frozen_at = models.DateTimeField("abgesendet", default=clock.now)

    # Its files, in order: only on the object that was just made by actions.freeze.
    given: "Sequence[SubmissionFile] | None" = None

    class Meta:
        verbose_name = "Einreichung"
        verbose_name_plural = "Einreichungen"
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="submission_sha256_hex")
        ]

    def __str__(self) -> str:
        return f"submission:{self.public_id}"


class SubmissionFile(models.Model):
    """One file of a frozen submission."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="files", verbose_name="Einreichung")
    upload = models.OneToOneField(Upload, models.PROTECT, related_name="+", verbose_name="Anlage des Entwurfs")
    stored = models.OneToOneField(StoredFile, models.PROTECT, related_name="+", verbose_name="Datei")
    field = models.CharField("Frage", max_length=60)
    sealed_name = models.BinaryField("Dateiname, verschlüsselt")

    class Meta:
        verbose_name = "Anlage"
        verbose_name_plural = "Anlagen"

    def __str__(self) -> str:
        return f"submission_file:{self.public_id}"

    @property
    def name(self) -> str:
        """The client's file name. Raises KeyDestroyed after disposal of the submission."""
        return Envelope(self.submission.wrapped_key).open(self.sealed_name, f"{self}:name").decode()


class SurveyAnswer(models.Model):
    """The answers of one nobody to a survey (docs/adr/0028): no draft, no session, no account, no moment, no order.

    `counted` holds the answers of lint.COUNTED that were given, {question: value}; `sealed` the texts, likewise, at
    `place`. Never changes, but the texts go together with their key when their time is over (trigger).
    """

    id = models.UUIDField("Kennung", primary_key=True, default=clock.uuid, editable=False)
    form_version = models.ForeignKey(FormVersion, models.PROTECT, related_name="+", verbose_name="Fassung")
    month = models.DateField("Monat")  # its first day: a day would tell who was there
    counted = models.JSONField("Antworten zum Zählen", default=dict)
    wrapped_key = models.BinaryField("Schlüssel", null=True)
    sealed = models.BinaryField("Texte, verschlüsselt", default=bytes)

    class Meta:
        verbose_name = "Antwort auf eine Umfrage"
        verbose_name_plural = "Antworten auf Umfragen"
        indexes = [
            models.Index(fields=["form_version", "month"], name="survey_answer_by_month"),
            models.Index(fields=["month"], name="survey_answer_texts", condition=Q(wrapped_key__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="survey_answer_names_no_day"),
            models.CheckConstraint(
                condition=Q(sealed=b"", wrapped_key=None) | (~Q(sealed=b"") & Q(wrapped_key__isnull=False)),
                name="survey_answer_texts_have_a_key",
            ),
        ]

    def __str__(self) -> str:
        return f"survey_answer:{self.pk}"

    @property
    def place(self) -> str:
        return f"{self}:texts"


class ResumeLink(models.Model):
    """A mailed way back to a draft (links.py). `sealed` holds the token, and for a draft without an account the address
    it goes to, until its mail is gone.
    """

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="+", verbose_name="Entwurf")
    token_hash = models.CharField("Prüfsumme des Scheins", max_length=64, unique=True)
    sealed = models.BinaryField("Schein, verschlüsselt", default=bytes)
    address_hash = models.CharField("Prüfsumme der Adresse", max_length=64, blank=True, db_index=True)
    created_at = models.DateTimeField("angefordert", default=clock.now)
    expires_at = models.DateTimeField("verfällt", db_index=True)
    used_at = models.DateTimeField("benutzt", null=True, blank=True)
    notice_due_at = models.DateTimeField("E-Mail fällig", null=True, default=clock.now, db_index=True)
    notice_attempts = models.PositiveSmallIntegerField("Versuche", default=0)

    class Meta:
        verbose_name = "Link zum Weitermachen"
        verbose_name_plural = "Links zum Weitermachen"
        constraints = [
            models.UniqueConstraint(fields=["draft"], condition=Q(used_at=None), name="resume_link_one_per_draft")
        ]

    def __str__(self) -> str:
        return f"resume_link:{self.pk}"

    @property
    def place(self) -> str:
        return f"resume_link:{self.token_hash}"


class RegisterEntry(models.Model):
    """What the sample register knows about a person (registers.SampleRegister): one sealed JSON, datum -> value."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="Person")
    wrapped_key = models.BinaryField("Schlüssel")
    sealed = models.BinaryField("Eintrag, verschlüsselt")

    class Meta:
        verbose_name = "Eintrag im Musterregister"
        verbose_name_plural = "Einträge im Musterregister"

    def __str__(self) -> str:
        return f"register_entry:{self.person_id}"

    @property
    def place(self) -> str:
        return f"register_entry:{self.person_id}:data"


class PendingPost(models.Model):
    """What somebody without a session posted to a page of the wizard. The row alone opens nothing (stash.py)."""

    token_hash = models.CharField("Prüfsumme des Scheins", max_length=64, unique=True)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="+", verbose_name="Entwurf")
    page = models.CharField("Seite", max_length=60)
    sealed = models.BinaryField("Eingaben, verschlüsselt")
    created_at = models.DateTimeField("entstanden", default=clock.now)
    expires_at = models.DateTimeField("verfällt", db_index=True)

    class Meta:
        verbose_name = "aufbewahrte Eingabe"
        verbose_name_plural = "aufbewahrte Eingaben"

    def __str__(self) -> str:
        return f"pending_post:{self.pk}"
