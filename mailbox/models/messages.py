"""The postbox: what the city tells a person, what the person answers, and the e-mail notice that points to it.

Subjects, bodies and file names are sealed under the mailbox's key (portal.common.crypto). The columns in the clear
hold what an operator may see: numbers, states, moments, sizes. A message and its events never change (migration
0002); disposal destroys the mailbox's key.
"""

from django.conf import settings
from django.db import connection, models

from mailbox.states import NoticeState
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.accounts.parties import matters
from portal.common import clock, references
from portal.common.written import Written
from portal.documents.models import StoredFile

NEUTRAL_TITLE = "Neue Nachricht"
NEWEST = ("-shown_unread", "-visible_from", "-public_id")
IN_INBOX = models.Q(direction="city", archived_at=None, folder=None)


def next_number() -> str:
    """The next Postfachnummer with its check digit."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('mailbox_number')")
        return references.mailbox_number(cursor.fetchone()[0])


class Mailbox(models.Model):
    """The one postbox of a person. Without its key (disposal) nothing in it can be read any more."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="mailbox", verbose_name="Konto")
    number = models.CharField("Postfachnummer", max_length=10, unique=True)
    wrapped_key = models.BinaryField("Schlüssel", null=True)
    opened_at = models.DateTimeField("eröffnet", default=clock.now)

    class Meta:
        verbose_name = "Postfach"
        verbose_name_plural = "Postfächer"
        constraints = [
            models.CheckConstraint(condition=models.Q(number__regex=r"^[0-9]{10}$"), name="mailbox_number_ten_digits")
        ]

    def __str__(self) -> str:
        return self.number


# Asked for every message; none or one.
mailbox_of: Written[Mailbox] = Written(lambda user: Mailbox.objects.filter(user=user))


class Direction(models.TextChoices):
    CITY = "city", "von der Stadt"
    CITIZEN = "citizen", "an die Stadt"


class Kind(models.TextChoices):
    """What a message is about, as far as the notices by e-mail care (actions.py). A decision's notice always goes out:
    the legal clock hangs on it (Art. 24, 25 BayDiG)."""

    DECISION = "decision", "Bescheid"
    MESSAGE = "message", "Nachricht"
    STATUS = "status", "Stand"
    PAYMENT = "payment", "Zahlung"
    APPOINTMENT = "appointment", "Termin"


class Folder(models.Model):
    """A place of the owner's own. Its name is sealed at "folder:<public_id>"."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="folders", verbose_name="Postfach")
    sealed_name = models.BinaryField("Name, verschlüsselt")
    created_at = models.DateTimeField("angelegt", default=clock.now)

    class Meta:
        verbose_name = "Ordner"
        verbose_name_plural = "Ordner"

    def __str__(self) -> str:
        return str(self.public_id)


class MessageQuerySet(models.QuerySet["Message"]):
    def of(self, user: User, by: User | None = None) -> "MessageQuerySet":
        """What is in a person's mailbox by now; for an agent only what belongs to matters they may see."""
        scope = matters.as_far_as(by, matters.POST, key="thread", principal="mailbox__user")
        return self.filter(scope, mailbox__user=user, visible_from__lte=clock.now())

    def open_to(self, user: User) -> "MessageQuerySet":
        """What a person may open: the own mailbox, and what is theirs to read for others today."""
        others = matters.open_to(user, matters.POST, key="thread", principal="mailbox__user")
        return self.filter(models.Q(mailbox__user=user) | models.Q(others), visible_from__lte=clock.now())

    def received(self) -> "MessageQuerySet":
        return self.filter(direction=Direction.CITY)

    def unread(self) -> "MessageQuerySet":
        """Never retrieved, and there to be: what the law looks at. What looks unread: `shown_unread`."""
        return self.received().filter(first_read_at=None, withdrawn_at=None)


class Message(models.Model):
    """One letter in one mailbox. Sealed values sit at the place "message:<public_id>:<field>"."""

    SEALED = ("sealed_subject", "sealed_body", "sealed_about")

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="messages", verbose_name="Postfach")
    thread = models.CharField("Faden", max_length=120)  # opaque to us, e.g. "case:<uuid>"
    direction = models.CharField("Richtung", max_length=8, choices=Direction.choices)
    kind = models.CharField("Art", max_length=12, choices=Kind.choices, default=Kind.MESSAGE)
    # How sure we must be who opens it; the level its case was opened with.
    level = models.PositiveSmallIntegerField("Vertrauensniveau", choices=TrustLevel.choices, default=TrustLevel.NONE)
    # A copy for an agent (§ 14 (3) VwVfG); the person's own message is the one that counts.
    is_copy = models.BooleanField("Kopie für die Vertretung", default=False)
    author = models.ForeignKey(  # who wrote in the name of the mailbox's owner; empty: the owner, or the city
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="verfasst von"
    )
    sender = models.CharField("Absender", max_length=120, blank=True)  # the office; empty when the citizen writes
    neutral_title = models.CharField("neutraler Titel", max_length=120, default=NEUTRAL_TITLE)
    sealed_subject = models.BinaryField("Betreff, verschlüsselt")
    sealed_body = models.BinaryField("Text, verschlüsselt")
    sealed_about = models.BinaryField(
        "Worum es geht, verschlüsselt", default=bytes
    )  # the case or service of the thread
    link_path = models.CharField("Verweis", max_length=200, blank=True)
    link_text = models.CharField("Text des Verweises", max_length=120, blank=True)  # in the clear: number, no content
    reply_allowed = models.BooleanField("Antwort möglich", default=True)
    in_reply_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replies")
    dedupe_key = models.CharField("Einmal-Schlüssel", max_length=200, unique=True, null=True, blank=True)
    created_at = models.DateTimeField("eingestellt", default=clock.now)
    visible_from = models.DateTimeField("sichtbar ab", default=clock.now)
    first_read_at = models.DateTimeField("erster Abruf", null=True, blank=True)
    archived_at = models.DateTimeField("abgelegt", null=True, blank=True)
    folder = models.ForeignKey(Folder, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Ordner")
    marked_unread = models.BooleanField("als ungelesen markiert", default=False)
    withdrawn_at = models.DateTimeField("zurückgezogen", null=True, blank=True)
    shown_unread = models.GeneratedField(
        expression=models.Q(direction=Direction.CITY, withdrawn_at=None)  # type: ignore[arg-type]  # the stubs know no Q
        & (models.Q(first_read_at=None) | models.Q(marked_unread=True)),
        output_field=models.BooleanField(),
        db_persist=True,
        verbose_name="wirkt ungelesen",
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "Nachricht"
        verbose_name_plural = "Nachrichten"
        indexes = [
            # A thread as a whole, and the one message of it that stands in a list of a mailbox (queries._tops).
            # The only index with threads, so that the database never sorts a long one for each of its messages.
            models.Index(fields=["thread", "mailbox", *NEWEST], name="message_of_thread"),
            # queries.inbox: a message lies in one of three places.
            models.Index(fields=["mailbox", *NEWEST], name="message_inbox", condition=IN_INBOX),
            models.Index(
                fields=["mailbox", *NEWEST],
                name="message_archive",
                condition=models.Q(direction="city", archived_at__isnull=False),
            ),
            models.Index(
                fields=["folder", *NEWEST],
                name="message_folder",
                condition=models.Q(direction="city", archived_at=None, folder__isnull=False),
            ),
            models.Index(fields=["mailbox", *NEWEST], name="message_sent", condition=models.Q(direction="citizen")),
            models.Index(fields=["mailbox", "-id"], name="message_box"),  # search and archives walk it
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(direction__in=Direction.values), name="message_direction_known"),
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="message_kind_known"),
            models.CheckConstraint(condition=models.Q(level__in=TrustLevel.values), name="message_level_known"),
            models.CheckConstraint(
                condition=models.Q(direction=Direction.CITY) & ~models.Q(sender="")
                | models.Q(direction=Direction.CITIZEN, sender="", reply_allowed=False),
                name="message_city_has_sender",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None) | models.Q(first_read_at=None, direction=Direction.CITY),
                name="message_withdrawn_unread",
            ),
            models.CheckConstraint(
                # A path of our own: "//host" and "/\host" lead away.
                condition=models.Q(link_path="") | models.Q(link_path__regex=r"^/([^/\\[:cntrl:]][^\\[:cntrl:]]*)?$"),
                name="message_link_is_local",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Attachment(models.Model):
    """A stored file as part of a message. Its name is sealed at "message:<public_id>:attachment:<position>"."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="attachments", verbose_name="Nachricht")
    stored = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="Datei")
    sealed_name = models.BinaryField("Name, verschlüsselt")
    position = models.PositiveSmallIntegerField("Platz")

    class Meta:
        verbose_name = "Anlage"
        verbose_name_plural = "Anlagen"
        ordering = ["message_id", "position"]
        constraints = [models.UniqueConstraint(fields=["message", "position"], name="attachment_place_once")]

    def __str__(self) -> str:
        return f"{self.message} Anlage {self.position}"


class Notice(models.Model):
    """The neutral e-mail that says: there is a message. One per message and day of the plan (0 = at once)."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="notices", verbose_name="Nachricht")
    plan_day = models.PositiveSmallIntegerField("Tag im Plan", default=0)
    address = models.EmailField("Adresse", max_length=254, blank=True)
    mail_id = models.CharField("Message-ID", max_length=200, unique=True)  # the same header on every try
    state = models.CharField("Zustand", max_length=8, choices=NoticeState.choices, default=NoticeState.QUEUED)
    due_at = models.DateTimeField("fällig", default=clock.now)
    attempts = models.PositiveIntegerField("Versuche", default=0)
    fence = models.PositiveIntegerField("Zaun", default=0)  # rises with each claim; only the newest may finish
    lease_until = models.DateTimeField("vergeben bis", null=True, blank=True)
    sent_at = models.DateTimeField("versandt", null=True, blank=True)
    # The one mail of a day about whatever came that day, for those who wish so; it hangs on the day's first message.
    digest_of = models.ForeignKey(Mailbox, models.PROTECT, null=True, blank=True, related_name="digests")
    digest_on = models.DateField("Sammelhinweis für", null=True, blank=True)
    last_error = models.CharField("letzter Fehler", max_length=120, blank=True)  # class and code, never the address

    class Meta:
        verbose_name = "Hinweis"
        verbose_name_plural = "Hinweise"
        indexes = [
            models.Index(fields=["due_at"], name="notice_queued", condition=models.Q(state=NoticeState.QUEUED)),
            models.Index(fields=["lease_until"], name="notice_sending", condition=models.Q(state=NoticeState.SENDING)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["message", "plan_day"], name="notice_once_per_plan_day"),
            models.CheckConstraint(condition=models.Q(state__in=NoticeState.values), name="notice_state_known"),
            models.UniqueConstraint(fields=["digest_of", "digest_on"], name="notice_one_digest_a_day"),
            models.CheckConstraint(
                condition=models.Q(digest_of=None, digest_on=None)
                | models.Q(digest_of__isnull=False, digest_on__isnull=False),
                name="notice_digest_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(state=NoticeState.SENDING, lease_until__isnull=False)
                | ~models.Q(state=NoticeState.SENDING) & models.Q(lease_until=None),
                name="notice_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=models.Q(state=NoticeState.SENT, sent_at__isnull=False)
                | ~models.Q(state=NoticeState.SENT) & models.Q(sent_at=None),
                name="notice_sent_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message} Tag {self.plan_day}"


class Event(models.TextChoices):
    CREATED = "created", "eingestellt"
    NOTICE_SENT = "notice_sent", "Hinweis versandt"
    NOTICE_FAILED = "notice_failed", "Hinweis nicht zustellbar"
    READ = "read", "zum ersten Mal gelesen"
    SEEN = "seen", "in Vertretung angesehen"
    DOWNLOADED = "downloaded", "Anlage abgerufen"
    REPLIED = "replied", "beantwortet"
    WITHDRAWN = "withdrawn", "zurückgezogen"
    LOOKED = "looked", "im Notzugriff gelesen"


class MessageEvent(models.Model):
    """Append-only: what happened to a message, when, and by whom. The legal clock reads it."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="events", verbose_name="Nachricht")
    kind = models.CharField("Ereignis", max_length=16, choices=Event.choices)
    at = models.DateTimeField("Zeitpunkt", default=clock.now)
    actor = models.CharField("Wer", max_length=80)  # public id of a user, or "system:mailbox"
    detail = models.CharField("Angabe", max_length=120, blank=True)  # a number or a code, never content

    class Meta:
        verbose_name = "Ereignis"
        verbose_name_plural = "Ereignisse"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=Event.values), name="message_event_known"),
            # The first retrieval is a legal moment: there is only one.
            models.UniqueConstraint(fields=["message"], condition=models.Q(kind=Event.READ), name="message_read_once"),
        ]

    def __str__(self) -> str:
        return f"{self.message} {self.kind}"
