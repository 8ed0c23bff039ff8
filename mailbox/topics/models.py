"""Newsletters: topics, who reads them, the issues, and one row per mail that an issue owes.

A reader is an address, not an account. The address and the two secrets in its links are sealed under the reader's own
key; the columns in the clear hold keyed hashes, states and moments. When the last subscription ends, the address is
wiped; what stays shows that there was a consent (Art. 7 (1) GDPR) and to which text.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from mailbox.topics.states import DispatchState, IssueState
from portal.common import clock

TITLE_LENGTH, BODY_LENGTH = 150, 60_000


class Topic(models.Model):
    """What one can subscribe to (catalogue.yaml)."""

    slug = models.SlugField("Kürzel", max_length=40, unique=True)
    title = models.CharField("Titel", max_length=80)
    summary = models.CharField("Worum es geht", max_length=300)
    rhythm = models.CharField("Wie oft", max_length=80)
    sections = ArrayField(models.CharField(max_length=80), verbose_name="Rubriken", default=list, blank=True)
    position = models.PositiveSmallIntegerField("Platz", default=0)
    is_open = models.BooleanField("kann abonniert werden", default=True)

    class Meta:
        verbose_name = "Newsletter"
        verbose_name_plural = "Newsletter"
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.title


class Reader(models.Model):
    """One address, or one account that reads in its postbox. Sealed values sit at "reader:<public_id>:<field>"."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="newsletter_reader",
        verbose_name="Konto",
    )
    address_hash = models.CharField("Fingerabdruck der Adresse", max_length=64, unique=True)
    wrapped_key = models.BinaryField("Schlüssel", null=True)
    sealed_address = models.BinaryField("Adresse, verschlüsselt", default=b"")
    token_hash = models.CharField("Fingerabdruck des Links", max_length=64, unique=True)
    sealed_token = models.BinaryField("Geheimnis des Links, verschlüsselt")
    created_at = models.DateTimeField("angelegt", default=clock.now)

    class Meta:
        verbose_name = "Bezieher*in"
        verbose_name_plural = "Bezieher*innen"
        constraints = [
            models.CheckConstraint(
                condition=Q(wrapped_key__isnull=False) | Q(sealed_address=b""), name="reader_address_needs_key"
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Channel(models.TextChoices):
    MAIL = "mail", "E-Mail"
    POSTBOX = "postbox", "Postfach"


class Ended(models.TextChoices):
    """Why a subscription is over."""

    ASKED = "asked", "abbestellt"
    ONE_CLICK = "one_click", "im Mailprogramm abbestellt"
    HARD = "hard", "Adresse gibt es nicht"
    SOFT = "soft", "mehrmals nicht zustellbar"
    ACCOUNT = "account", "Konto gelöscht"


class SubscriptionState(models.TextChoices):
    CONFIRMED = "confirmed", "bestätigt"
    ENDED = "ended", "beendet"


class Subscription(models.Model):
    """One reader of one topic, once. It exists from the confirmation on; what waits for one is a SignUp."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="subscriptions", verbose_name="Newsletter")
    reader = models.ForeignKey(Reader, models.CASCADE, related_name="subscriptions", verbose_name="Bezieher*in")
    state = models.CharField(
        "Zustand", max_length=10, choices=SubscriptionState.choices, default=SubscriptionState.CONFIRMED
    )
    channel = models.CharField("Weg", max_length=8, choices=Channel.choices, default=Channel.MAIL)
    consent_hash = models.CharField("Fingerabdruck der Einwilligung", max_length=64)
    confirmed_at = models.DateTimeField("bestätigt", default=clock.now)
    ended_at = models.DateTimeField("beendet", null=True, blank=True)
    ended_why = models.CharField("Grund", max_length=10, choices=Ended.choices, blank=True)
    # In the link of every mail. Not the reader's: who forwards one mail does not give away the others.
    token_hash = models.CharField("Fingerabdruck des Links", max_length=64, unique=True)
    sealed_token = models.BinaryField("Geheimnis des Links, verschlüsselt")

    class Meta:
        verbose_name = "Abonnement"
        verbose_name_plural = "Abonnements"
        constraints = [
            models.UniqueConstraint(fields=["topic", "reader"], name="subscription_once"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="subscription_channel_known"),
            models.CheckConstraint(
                condition=Q(state=SubscriptionState.CONFIRMED, ended_at=None, ended_why="")
                | Q(state=SubscriptionState.ENDED, ended_at__isnull=False, ended_why__in=Ended.values),
                name="subscription_end_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["topic"], name="subscription_live", condition=Q(state=SubscriptionState.CONFIRMED))
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class SignUp(models.Model):
    """Somebody typed an address and waits for the mail that asks whether it was them. One a day and address."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    once = models.CharField("Einmal-Schlüssel", max_length=64, unique=True)
    address_hash = models.CharField("Fingerabdruck der Adresse", max_length=64)
    day = models.DateField("Tag")
    topics = ArrayField(models.SlugField(max_length=40), verbose_name="Newsletter")
    consent_hash = models.CharField("Fingerabdruck der Einwilligung", max_length=64)
    wrapped_key = models.BinaryField("Schlüssel", null=True)
    sealed_address = models.BinaryField("Adresse, verschlüsselt")
    created_at = models.DateTimeField("angelegt", default=clock.now)
    confirmed_at = models.DateTimeField("bestätigt", null=True, blank=True)
    notice_due_at = models.DateTimeField("Mail fällig", null=True, blank=True, default=clock.now)
    notice_attempts = models.PositiveSmallIntegerField("Versuche", default=0)

    class Meta:
        verbose_name = "Anmeldung"
        verbose_name_plural = "Anmeldungen"
        constraints = [
            models.UniqueConstraint(
                fields=["address_hash", "day"], name="signup_one_waiting_a_day", condition=Q(confirmed_at=None)
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Issue(models.Model):
    """One issue. Its text stands still from the approval on (migration 0002); its number comes with publication."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="issues", verbose_name="Newsletter")
    year = models.PositiveSmallIntegerField("Jahr", null=True, blank=True)
    number = models.PositiveIntegerField("Nummer", null=True, blank=True)
    title = models.CharField("Titel", max_length=TITLE_LENGTH)
    body = models.TextField("Text", max_length=BODY_LENGTH)  # restricted Markdown (writing.py)
    state = models.CharField("Zustand", max_length=10, choices=IssueState.choices, default=IssueState.DRAFT)
    version = models.PositiveIntegerField("Fassung", default=1)  # two editors with the same page open
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="geschrieben")
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="freigegeben"
    )
    created_at = models.DateTimeField("begonnen", default=clock.now)
    changed_at = models.DateTimeField("geändert", default=clock.now)
    scheduled_at = models.DateTimeField("soll erscheinen", null=True, blank=True)
    published_at = models.DateTimeField("erschienen", null=True, blank=True)

    class Meta:
        verbose_name = "Ausgabe"
        verbose_name_plural = "Ausgaben"
        indexes = [
            models.Index(fields=["topic", "-published_at"], name="issue_archive"),
            models.Index(fields=["scheduled_at"], name="issue_due", condition=Q(state=IssueState.APPROVED)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["topic", "year", "number"], name="issue_number_once_a_year"),
            models.CheckConstraint(condition=Q(state__in=IssueState.values), name="issue_state_known"),
            models.CheckConstraint(condition=Q(approver=None) | ~Q(approver=F("author")), name="issue_four_eyes"),
            models.CheckConstraint(
                condition=Q(state__in=[IssueState.DRAFT, IssueState.REVIEW], approver=None)
                | Q(
                    state__in=[IssueState.APPROVED, IssueState.PUBLISHED],
                    approver__isnull=False,
                    scheduled_at__isnull=False,
                ),
                name="issue_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state=IssueState.PUBLISHED, number__gte=1, year__isnull=False, published_at__isnull=False)
                | ~Q(state=IssueState.PUBLISHED) & Q(number=None, year=None, published_at=None),
                name="issue_number_when_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}/{self.year}" if self.number else str(self.public_id)


class Dispatch(models.Model):
    """One issue for one subscription: the row is the queue, and the UNIQUE is the promise that nobody gets two."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="dispatches", verbose_name="Ausgabe")
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="dispatches", verbose_name="Abonnement")
    state = models.CharField("Zustand", max_length=8, choices=DispatchState.choices, default=DispatchState.QUEUED)
    due_at = models.DateTimeField("fällig", default=clock.now)
    attempts = models.PositiveSmallIntegerField("Versuche", default=0)
    fence = models.PositiveIntegerField("Zaun", default=0)  # rises with each claim; only the newest may finish
    lease_until = models.DateTimeField("vergeben bis", null=True, blank=True)
    sent_at = models.DateTimeField("versandt", null=True, blank=True)
    last_error = models.CharField("letzter Fehler", max_length=120, blank=True)  # class and code, never the address

    class Meta:
        verbose_name = "Versand"
        verbose_name_plural = "Versand"
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="topics_dispatch_queued", condition=Q(state=DispatchState.QUEUED)
            ),
            models.Index(
                fields=["lease_until"], name="topics_dispatch_sending", condition=Q(state=DispatchState.SENDING)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["issue", "subscription"], name="dispatch_once"),
            models.CheckConstraint(condition=Q(state__in=DispatchState.values), name="topics_dispatch_state_known"),
            models.CheckConstraint(
                condition=Q(state=DispatchState.SENDING, lease_until__isnull=False)
                | ~Q(state=DispatchState.SENDING) & Q(lease_until=None),
                name="topics_dispatch_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(state=DispatchState.SENT, sent_at__isnull=False)
                | Q(state=DispatchState.FAILED)
                | Q(state__in=[DispatchState.QUEUED, DispatchState.SENDING, DispatchState.DROPPED], sent_at=None),
                name="dispatch_sent_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Bounce(models.Model):
    """A mail that came back, once per mail however many reports come. Judged by bounces.py."""

    dispatch = models.OneToOneField(Dispatch, models.CASCADE, related_name="bounce", verbose_name="Versand")
    reader = models.ForeignKey(Reader, models.CASCADE, related_name="bounces", verbose_name="Bezieher*in")
    status = models.CharField("Statuscode", max_length=12)  # RFC 3463, such as 5.1.1
    is_hard = models.BooleanField("endgültig")
    at = models.DateTimeField("gemeldet", default=clock.now)

    class Meta:
        verbose_name = "Rückläufer"
        verbose_name_plural = "Rückläufer"
        indexes = [models.Index(fields=["reader", "at"], name="bounce_of_reader")]

    def __str__(self) -> str:
        return f"{self.status} {self.dispatch_id}"
