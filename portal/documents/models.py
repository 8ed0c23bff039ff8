"""Files at rest and the public register of issued documents."""

from django.db import models
from django.db.models import Q

from portal.common import clock


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

    class Meta:
        verbose_name = "gespeicherte Datei"
        verbose_name_plural = "gespeicherte Dateien"
        indexes = [models.Index(fields=["sha256"], name="storedfile_sha256")]
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
        ]

    def __str__(self) -> str:
        return str(self.public_id)


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
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
