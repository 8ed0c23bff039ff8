"""Rooms, who may enter, what arrives, what has arrived, and who did what.

Purpose, addresses and file names are sealed under the room's key; the bytes of a file under a key of its own, which is
sealed under the room's. So the room's key alone decides whether anything can still be read. In the clear stand sizes,
moments and states. The log never changes (migration 0002).
"""

from django.conf import settings
from django.db import models

from portal.common import clock


class Room(models.Model):
    """One place for one purpose. `wrapped_key` is gone from the moment it ends, and with it everything in it.

    Sealed at "room:<public_id>:purpose".
    """

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="Konto")
    sealed_purpose = models.BinaryField("Zweck, verschlüsselt")
    wrapped_key = models.BinaryField("Schlüssel", null=True)
    quota = models.BigIntegerField("Platz in Byte")
    opened_at = models.DateTimeField("eröffnet", default=clock.now)
    expires_at = models.DateTimeField("läuft ab")
    ended_at = models.DateTimeField("beendet", null=True, blank=True)

    class Meta:
        verbose_name = "Austauschraum"
        verbose_name_plural = "Austauschräume"
        indexes = [
            models.Index(fields=["owner", "-opened_at"], name="room_of_owner"),
            models.Index(fields=["expires_at"], name="room_to_end", condition=models.Q(ended_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, wrapped_key__isnull=False)
                | models.Q(ended_at__isnull=False, wrapped_key=None),
                name="room_key_until_its_end",
            ),
            models.CheckConstraint(condition=models.Q(quota__gt=0), name="room_has_space"),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("opened_at")), name="room_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def is_open(self) -> bool:
        """Whether anybody may still enter. Past its day a room is closed even before the sweep has come by."""
        return self.ended_at is None and self.expires_at > clock.now()


class Rights(models.TextChoices):
    READ = "read", "herunterladen"
    DROP = "drop", "hochladen"
    BOTH = "both", "hochladen und herunterladen"


class Factor(models.TextChoices):
    """What somebody shows beside the link of the invitation."""

    CODE = "code", "Code per E-Mail"
    ACCOUNT = "account", "Anmeldung mit dem Konto dieser Adresse"


class Invitation(models.Model):
    """One person who may enter. The link carries a random token of which only the hash is kept.

    Sealed at "invitation:<public_id>:address".
    """

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    room = models.ForeignKey(Room, models.PROTECT, related_name="invitations", verbose_name="Raum")
    number = models.PositiveSmallIntegerField("Nummer")  # in its room: what the log calls them once the key is gone
    sealed_address = models.BinaryField("Adresse, verschlüsselt")
    rights = models.CharField("Rechte", max_length=4, choices=Rights.choices)
    factor = models.CharField("zweiter Nachweis", max_length=8, choices=Factor.choices, default=Factor.CODE)
    token_hash = models.CharField("Link (Prüfsumme)", max_length=64, unique=True)
    created_at = models.DateTimeField("eingeladen", default=clock.now)
    revoked_at = models.DateTimeField("zurückgenommen", null=True, blank=True)
    # The code in force: a keyed hash, until when, and how often somebody was wrong.
    code_hash = models.CharField("Code (Prüfsumme)", max_length=64, blank=True)
    code_sent_at = models.DateTimeField("Code verlangt", null=True, blank=True)
    code_tries = models.PositiveSmallIntegerField("Fehlversuche", default=0)

    class Meta:
        verbose_name = "Einladung"
        verbose_name_plural = "Einladungen"
        ordering = ["room_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="invitation_number_once"),
            models.CheckConstraint(condition=models.Q(rights__in=Rights.values), name="invitation_rights_known"),
            models.CheckConstraint(condition=models.Q(factor__in=Factor.values), name="invitation_factor_known"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Upload(models.Model):
    """A file on its way (a tus resource). What counts is the row; the file on disk is cut back to it (records.py).

    `offset`: plain bytes that are safe. `position`: where the next record begins on disk. `openings`: how often
    somebody began to write; the upper half of each record's counter, so that no counter is ever used twice, and the
    fence: whoever began later is the only one who may still move the offset.
    Sealed at "upload:<public_id>:key" and "upload:<public_id>:about".
    """

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    room = models.ForeignKey(Room, models.PROTECT, related_name="uploads", verbose_name="Raum")
    by = models.ForeignKey(Invitation, models.PROTECT, null=True, blank=True, verbose_name="durch")  # none: the owner
    sealed_key = models.BinaryField("Schlüssel, verschlüsselt", null=True)
    sealed_about = models.BinaryField("Name und Art, verschlüsselt", null=True)
    length = models.BigIntegerField("Länge in Byte")
    offset = models.BigIntegerField("angekommen", default=0)
    position = models.BigIntegerField("Ort auf der Platte", default=0)
    openings = models.PositiveIntegerField("Schreibversuche", default=0)
    created_at = models.DateTimeField("angekündigt", default=clock.now)
    expires_at = models.DateTimeField("verfällt")
    ended_at = models.DateTimeField("verworfen", null=True, blank=True)

    class Meta:
        verbose_name = "Übertragung"
        verbose_name_plural = "Übertragungen"
        indexes = [models.Index(fields=["expires_at"], name="upload_to_end", condition=models.Q(ended_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(offset__gte=0, offset__lte=models.F("length")), name="upload_within_its_length"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, sealed_key__isnull=False, sealed_about__isnull=False)
                | models.Q(ended_at__isnull=False, sealed_key=None, sealed_about=None),
                name="upload_key_until_its_end",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def is_whole(self) -> bool:
        return self.offset == self.length


class Scan(models.TextChoices):
    """What is known about viruses in a file. Only CLEAN may be opened."""

    WAITING = "waiting", "wird noch geprüft"
    CLEAN = "clean", "geprüft"
    INFECTED = "infected", "gesperrt: Schadsoftware"
    TOO_LARGE = "toolarge", "gesperrt: zu groß für die Virenprüfung"


class RoomFile(models.Model):
    """A file that is whole. `sha256` comes with the scan, which reads every byte anyway.

    Written by scanning.py only: `scan_due_at` is the queue and the lease, `scan_attempts` its fence. With
    `scan_in_parts`, the scanner did not take the file whole and sees it in windows; `scan_offset` is up to where, in
    bytes, they were clean.
    """

    upload = models.OneToOneField(Upload, models.PROTECT, related_name="file", verbose_name="Übertragung")
    room = models.ForeignKey(Room, models.PROTECT, related_name="files", verbose_name="Raum")
    number = models.PositiveIntegerField("Nummer")  # in its room: what the log calls it once the key is gone
    size = models.BigIntegerField("Größe in Byte")
    sha256 = models.CharField("Prüfsumme (SHA-256)", max_length=64, blank=True)
    arrived_at = models.DateTimeField("angekommen", default=clock.now)
    deleted_at = models.DateTimeField("gelöscht", null=True, blank=True)
    scan = models.CharField("Virenprüfung", max_length=10, choices=Scan.choices, default=Scan.WAITING)
    scan_due_at = models.DateTimeField("Prüfung fällig", null=True, blank=True, default=clock.now)
    scan_attempts = models.PositiveIntegerField("Prüfversuche", default=0)
    scan_in_parts = models.BooleanField("in Teilen geprüft", default=False)
    scan_offset = models.BigIntegerField("in Teilen geprüft bis Byte", default=0)
    scan_note = models.CharField("Ergebnis der Prüfung", max_length=200, blank=True)
    scanned_by = models.CharField("geprüft mit", max_length=120, blank=True)
    scanned_at = models.DateTimeField("geprüft am", null=True, blank=True)

    class Meta:
        verbose_name = "Datei im Raum"
        verbose_name_plural = "Dateien in Räumen"
        ordering = ["room_id", "number"]
        indexes = [
            models.Index(
                fields=["scan_due_at"],
                name="roomfile_to_scan",
                condition=models.Q(scan_due_at__isnull=False, deleted_at=None),
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="roomfile_number_once"),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="roomfile_size_not_negative"),
            models.CheckConstraint(
                condition=models.Q(scan__in=["waiting", "toolarge"], scan_due_at__isnull=False, scanned_at=None)
                | models.Q(
                    scan__in=["clean", "infected"],
                    scan_due_at=None,
                    scanned_at__isnull=False,
                    sha256__regex=r"^[0-9a-f]{64}$",
                )
                & ~models.Q(scanned_by=""),
                name="roomfile_scan_has_its_proof",
            ),
            models.CheckConstraint(
                condition=models.Q(scan_in_parts=False, scan_offset=0)
                | models.Q(scan_in_parts=True, scan_offset__gte=0, scan_offset__lte=models.F("size"))
                & (~models.Q(scan="clean") | models.Q(scan_offset=models.F("size"))),
                name="roomfile_clean_in_parts_to_its_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room} Datei {self.number}"

    @property
    def can_open(self) -> bool:
        return self.scan == Scan.CLEAN and self.deleted_at is None


class Event(models.TextChoices):
    OPENED = "opened", "Raum eröffnet"
    INVITED = "invited", "eingeladen"
    REVOKED = "revoked", "Einladung zurückgenommen"
    CODE = "code", "Code angefordert"
    LOCKED = "locked", "Code zu oft falsch eingegeben"
    ENTERED = "entered", "Raum betreten"
    UPLOADED = "uploaded", "hochgeladen"
    DOWNLOADED = "downloaded", "heruntergeladen"
    DELETED = "deleted", "gelöscht"
    CLEAN = "clean", "geprüft: nichts gefunden"
    PARTS = "parts", "in Teilen geprüft: nichts gefunden"
    INFECTED = "infected", "gesperrt: Schadsoftware"
    TOO_LARGE = "toolarge", "gesperrt: zu groß für die Virenprüfung"
    EXTENDED = "extended", "Ende verschoben"
    ENDED = "ended", "Raum beendet"
    EXPIRED = "expired", "Raum abgelaufen"


class AccessLog(models.Model):
    """Append-only: who did what in a room, and when. Names and addresses are looked up while the key lives."""

    room = models.ForeignKey(Room, models.PROTECT, related_name="log", verbose_name="Raum")
    at = models.DateTimeField("Zeitpunkt", default=clock.now)
    event = models.CharField("Ereignis", max_length=12, choices=Event.choices)
    actor = models.CharField("Wer", max_length=80)  # "owner:<uuid>", "guest:<number>" or "system:exchange"
    guest = models.PositiveSmallIntegerField("Gast", null=True, blank=True)  # who was invited, sent away, let in
    file = models.PositiveIntegerField("Datei", null=True, blank=True)

    class Meta:
        verbose_name = "Zugriff"
        verbose_name_plural = "Zugriffe"
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=models.Q(event__in=Event.values), name="accesslog_event_known")]

    def __str__(self) -> str:
        return f"{self.room} {self.event}"


class MailKind(models.TextChoices):
    INVITATION = "invite", "Einladung"
    CODE = "code", "Code"
    NEWS = "news", "Neues im Raum"


class RoomMail(models.Model):
    """An e-mail that is owed: to a guest, or to the owner (`to` empty). A secret it carries is sealed until it is sent.

    Sealed at "mail:<public_id>:secret". At most one about news waits for each person.
    """

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    room = models.ForeignKey(Room, models.PROTECT, related_name="mails", verbose_name="Raum")
    to = models.ForeignKey(Invitation, models.PROTECT, null=True, blank=True, verbose_name="an")
    kind = models.CharField("Art", max_length=8, choices=MailKind.choices)
    sealed_secret = models.BinaryField("Geheimnis, verschlüsselt", null=True)
    notice_due_at = models.DateTimeField("fällig", null=True, blank=True)
    notice_attempts = models.PositiveIntegerField("Versuche", default=0)

    class Meta:
        verbose_name = "Hinweis zum Austausch"
        verbose_name_plural = "Hinweise zum Austausch"
        indexes = [
            models.Index(fields=["notice_due_at"], name="roommail_due", condition=models.Q(notice_due_at__isnull=False))
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=MailKind.values), name="roommail_kind_known"),
            models.UniqueConstraint(
                fields=["room", "to"],
                condition=models.Q(kind="news", notice_due_at__isnull=False),
                nulls_distinct=False,
                name="roommail_news_waits_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
