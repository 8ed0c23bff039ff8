"""What visitors report, and the public terminals at which some of them stand."""

import hashlib

from django.conf import settings
from django.db import connection, models
from django.db.models import Q

from portal.accounts.models import User
from portal.common import clock, references
from portal.common.crypto import Envelope
from portal.directory.models import Office, Organisation, Service
from portal.directory.teams import queries as teams


class BarrierReport(models.Model):
    """Somebody cannot read or use a page (BITV 2.0 § 7: feedback; answer within a month, BGG § 12b (4)).

    What was written and how to answer is sealed: it often tells of a disability. After `disposed_at` the key is gone.
    """

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    page = models.CharField("Seite", max_length=500)
    wrapped_key = models.BinaryField("Schlüssel", null=True, editable=False)
    text_sealed = models.BinaryField("Meldung, verschlüsselt", editable=False)
    contact_sealed = models.BinaryField("Antwort an, verschlüsselt", editable=False)
    created_at = models.DateTimeField("eingegangen", default=clock.now, editable=False)
    answer_by = models.DateField("zu beantworten bis")
    answered_at = models.DateTimeField("erledigt", null=True, blank=True)
    disposed_at = models.DateTimeField("gelöscht", null=True, blank=True)

    class Meta:
        verbose_name = "gemeldete Barriere"
        verbose_name_plural = "gemeldete Barrieren"
        ordering = ["answer_by", "id"]
        indexes = [models.Index(fields=["answered_at"], name="barrier_answered", condition=Q(disposed_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(disposed_at=None, wrapped_key__isnull=False)
                | Q(disposed_at__isnull=False, answered_at__isnull=False, wrapped_key=None),
                name="barrier_disposed_only_once_answered",
            )
        ]

    def __str__(self) -> str:
        return f"barrier:{self.public_id}"

    def seal(self, text: str, contact: str) -> None:
        envelope = Envelope(self.wrapped_key)
        self.text_sealed = envelope.seal(text.encode(), f"{self}:text")
        self.contact_sealed = envelope.seal(contact.encode(), f"{self}:contact")

    def opened(self) -> tuple[str, str]:
        """(text, contact). Raises crypto.KeyDestroyed once it is disposed of."""
        envelope = Envelope(self.wrapped_key)
        return (
            envelope.open(self.text_sealed, f"{self}:text").decode(),
            envelope.open(self.contact_sealed, f"{self}:contact").decode(),
        )


def next_number() -> str:
    """The number of a new question, e.g. FRAGE-2026-000042-7."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('home_question_number')")
        return references.file_number("FRAGE", clock.today().year, cursor.fetchone()[0])


class QuestionQuerySet(models.QuerySet["Question"]):
    def to_answer(self) -> "QuestionQuerySet":
        """What waits for a clerk. A question from an address that nobody has confirmed does not."""
        return self.filter(confirmed_at__isnull=False, answered_at=None, disposed_at=None)

    def desk(self, user: User) -> "QuestionQuerySet":
        """What this clerk may read: confirmed questions to the departments of their teams, and those to none.

        Never their own (VwVfG § 20 (1) no. 1).
        """
        confirmed = self.filter(confirmed_at__isnull=False)
        if user.is_superuser:
            return confirmed
        mine = teams.offices_of(user).values("organisation")
        return confirmed.filter(Q(organisation=None) | Q(organisation__in=mine)).exclude(asked_by=user)


class Question(models.Model):
    """A person's question to the city, and its answer: to the postbox of an account, else to a confirmed mail address.

    Everything written is sealed under a key of its own; after `disposed_at` the key is gone.
    """

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    number = models.CharField("Nummer", max_length=30, default=next_number, unique=True, editable=False)
    service = models.ForeignKey(
        Service, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="Leistung"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="zuständig"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Konto"
    )
    language = models.CharField("Sprache", max_length=10, default="de")
    once = models.CharField("Einmal-Schlüssel", max_length=64, unique=True, editable=False)
    mail_digest = models.CharField("Prüfwert der Adresse", max_length=64, blank=True, editable=False)
    wrapped_key = models.BinaryField("Schlüssel", null=True, editable=False)
    text_sealed = models.BinaryField("Frage, verschlüsselt", editable=False)
    mail_sealed = models.BinaryField("Adresse, verschlüsselt", default=bytes, editable=False)
    answer_sealed = models.BinaryField("Antwort, verschlüsselt", default=bytes, editable=False)
    created_at = models.DateTimeField("gestellt am", default=clock.now, editable=False)
    confirmed_at = models.DateTimeField("bestätigt am", null=True, blank=True)
    answer_by = models.DateField("zu beantworten bis")
    answered_at = models.DateTimeField("beantwortet am", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="beantwortet von",
    )
    disposed_at = models.DateTimeField("gelöscht am", null=True, blank=True)
    notice_due_at = models.DateTimeField("E-Mail fällig", null=True, blank=True)
    notice_attempts = models.PositiveSmallIntegerField("Versuche", default=0)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = "Frage"
        verbose_name_plural = "Fragen"
        ordering = ["answer_by", "id"]
        indexes = [
            models.Index(fields=["notice_due_at"], name="question_mail_due", condition=Q(notice_due_at__isnull=False)),
            models.Index(fields=["mail_digest", "created_at"], name="question_of_address"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(disposed_at=None, wrapped_key__isnull=False)
                | Q(disposed_at__isnull=False, wrapped_key=None, text_sealed=b"", mail_sealed=b"", answer_sealed=b""),
                name="question_sealed_or_disposed",
            ),
            models.CheckConstraint(
                condition=Q(asked_by__isnull=False) | ~Q(mail_digest=""), name="question_can_be_answered"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False, confirmed_at__isnull=False),
                name="question_answered_once_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def place(self) -> str:
        return f"question:{self.public_id}"

    def opened(self, part: str) -> str:
        """`part`: text, mail or answer. Raises crypto.KeyDestroyed once it is disposed of."""
        envelope = Envelope(self.wrapped_key)
        sealed = bytes(getattr(self, f"{part}_sealed"))
        return envelope.open(sealed, f"{self.place}:{part}").decode() if sealed else ""

    def sealed(self, part: str, text: str) -> bytes:
        return Envelope(self.wrapped_key).seal(text.encode(), f"{self.place}:{part}")


class Terminal(models.Model):
    """A public terminal of the city. Its browser proves itself by a secret in a cookie; only the hash is kept."""

    name = models.CharField("Name", max_length=120, unique=True)
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Dienststelle"
    )
    secret_hash = models.CharField("Prüfsumme des Schlüssels", max_length=64, unique=True, editable=False)
    idle_seconds = models.PositiveIntegerField("Sekunden ohne Eingabe bis zum Ende", default=180)
    warn_seconds = models.PositiveIntegerField("davon mit Ansage", default=60)
    is_active = models.BooleanField("in Betrieb", default=True)
    ended_count = models.PositiveIntegerField("beendete Besuche", default=0, editable=False)
    created_at = models.DateTimeField("eingerichtet am", default=clock.now, editable=False)

    class Meta:
        verbose_name = "Terminal"
        verbose_name_plural = "Terminals"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                # WCAG 2.2.1: at least 20 seconds to ask for more time.
                condition=Q(warn_seconds__gte=20) & Q(idle_seconds__gt=models.F("warn_seconds")),
                name="terminal_warns_long_enough",
                violation_error_message="Die Ansage braucht mindestens 20 Sekunden und liegt vor dem Ende.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()
