"""Files at rest and the public register of issued documents."""

from django.db import models
from django.db.models import Q

from portal.common import clock


class Scan(models.TextChoices):
    """What is known about viruses in a file. Only OWN and CLEAN may be opened (downloads.py)."""

    OWN = "own", "selbst erzeugt"
    WAITING = "waiting", "wird noch geprüft"
    CLEAN = "clean", "geprüft"
    INFECTED = "infected", "gesperrt: Schadsoftware"


class StoredFile(models.Model):
    """One encrypted file below settings.FILE_STORE. The row holds what is needed to open it, never its content.

    After disposal (`destroyed_at`) key, path and hash are gone; the row stays, so that what pointed here still can
    say that there was a file.
    """

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    sha256 = models.CharField("Prüfsumme (SHA-256)", max_length=64, blank=True)  # of the plain bytes
    size = models.BigIntegerField("Größe in Byte")
    media_type = models.CharField("Dateityp", max_length=100)
    wrapped_key = models.BinaryField("Dateischlüssel", null=True, editable=False)
    path = models.CharField("Ort", max_length=80, blank=True, editable=False)  # "ab/cd/<sha256 of the ciphertext>"
    created_at = models.DateTimeField("angelegt am", default=clock.now, editable=False)
    destroyed_at = models.DateTimeField("vernichtet am", null=True, editable=False)
    # Written by scans.queue only. `scan_due_at` is the queue and the lease, `scan_attempts` its fence.
    scan = models.CharField("Virenprüfung", max_length=10, choices=Scan.choices, default=Scan.OWN, editable=False)
    scan_due_at = models.DateTimeField("Prüfung fällig", null=True, editable=False)
    scan_attempts = models.PositiveIntegerField("Prüfversuche", default=0, editable=False)
    scan_note = models.CharField("Ergebnis der Prüfung", max_length=200, blank=True, editable=False)
    scanned_by = models.CharField("geprüft mit", max_length=120, blank=True, editable=False)
    scanned_at = models.DateTimeField("geprüft am", null=True, editable=False)

    class Meta:
        verbose_name = "gespeicherte Datei"
        verbose_name_plural = "gespeicherte Dateien"
        indexes = [
            models.Index(fields=["sha256"], name="storedfile_sha256"),
            models.Index(fields=["scan_due_at"], name="storedfile_to_scan", condition=Q(scan="waiting")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["path"], condition=~Q(path=""), name="storedfile_path_once"),
            models.CheckConstraint(condition=Q(size__gte=0), name="storedfile_size_not_negative"),
            models.CheckConstraint(
                condition=Q(
                    destroyed_at=None,
                    wrapped_key__isnull=False,
                    sha256__regex=r"^[0-9a-f]{64}$",
                    path__regex=r"^[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}$",
                )
                | Q(destroyed_at__isnull=False, wrapped_key=None, sha256="", path=""),
                name="storedfile_whole_or_destroyed",
            ),
            models.CheckConstraint(
                condition=Q(scan="own", scan_due_at=None, scanned_at=None)
                | Q(scan="waiting", scan_due_at__isnull=False, scanned_at=None)
                | Q(scan__in=["clean", "infected"], scan_due_at=None, scanned_at__isnull=False) & ~Q(scanned_by=""),
                name="storedfile_scan_has_its_proof",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def can_open(self) -> bool:
        """Whether anybody may get the content: made by ourselves, or found clean."""
        return self.scan in (Scan.OWN, Scan.CLEAN)

    @property
    def is_waiting(self) -> bool:
        return self.scan == Scan.WAITING

    @property
    def is_infected(self) -> bool:
        return self.scan == Scan.INFECTED


class IssuedDocument(models.Model):
    """What the check page may tell anyone who holds the code: no personal data belongs into any of these fields."""

    code = models.CharField("Prüfcode", max_length=20, unique=True)
    kind = models.CharField("Art", max_length=120)
    number = models.CharField("Nummer", max_length=60)
    issued_at = models.DateTimeField("ausgestellt am")
    sha256 = models.CharField("Prüfsumme (SHA-256)", max_length=64)  # of the sealed file
    valid_from = models.DateField("gültig ab", null=True, blank=True)
    valid_until = models.DateField("gültig bis", null=True, blank=True)
    withdrawn_at = models.DateTimeField("zurückgenommen am", null=True, blank=True)
    replaced = models.BooleanField("durch ein neues ersetzt", default=False)  # says why it was withdrawn

    class Meta:
        verbose_name = "ausgestelltes Dokument"
        verbose_name_plural = "ausgestellte Dokumente"
        indexes = [models.Index(fields=["sha256"], name="issueddocument_sha256")]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[2-9B-DF-HJ-NP-TV-XZ]{4}(-[2-9B-DF-HJ-NP-TV-XZ]{4}){2}$"),
                name="issueddocument_code_readable",
            ),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="issueddocument_sha256_hex"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
                name="issueddocument_valid_in_order",
            ),
            models.CheckConstraint(
                condition=Q(replaced=False) | Q(withdrawn_at__isnull=False), name="issueddocument_replaced_on_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
