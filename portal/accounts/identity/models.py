"""Accounts elsewhere that open an account here, sign-ins under way, and what was typed before one was asked for."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.accounts.levels import TrustLevel
from portal.common import clock

PENDING_LIVES = dt.timedelta(minutes=15)
UNDO = dt.timedelta(days=30)
_KNOWN = Q(level__in=TrustLevel.values)


class ExternalIdentity(models.Model):
    """One person at one provider. `subject` is the pseudonym that the provider keeps for us (bPK2, OpenID `sub`):
    the only thing that says who somebody is; never a name, never a mail address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="identities", verbose_name="Konto")
    provider = models.CharField("Anbieter", max_length=40)
    subject = models.CharField("Kennung", max_length=255)
    level = models.PositiveSmallIntegerField("höchstes Vertrauensniveau bisher", choices=TrustLevel.choices)
    linked_at = models.DateTimeField("verknüpft am", default=clock.now)
    used_at = models.DateTimeField("zuletzt benutzt am", default=clock.now)

    class Meta:
        verbose_name = "verknüpftes Konto"
        verbose_name_plural = "verknüpfte Konten"
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="identity_belongs_to_one_account"),
            models.UniqueConstraint(fields=["user", "provider"], name="identity_once_per_provider"),
            models.CheckConstraint(condition=_KNOWN & Q(level__gt=TrustLevel.NONE), name="identity_level_known"),
            models.CheckConstraint(condition=~Q(subject=""), name="identity_subject_given"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}:{self.pk}"


class Purpose(models.TextChoices):
    SIGN_IN = "sign_in", "Anmelden"
    STEP_UP = "step_up", "Nachweisen"
    LINK = "link", "Verknüpfen"


class PendingSignIn(models.Model):
    """A question to an identity provider. It is answered once, and taken once by the browser that asked.

    The browser is known by a random value in its session, the answer by a random key in the address it is sent on to:
    both only as hashes. What the provider said lies sealed under that key and goes when it is taken.
    """

    request_id = models.CharField("Kennung der Anfrage", max_length=80, unique=True)
    provider = models.CharField("Anbieter", max_length=40)
    purpose = models.CharField("Zweck", max_length=10, choices=Purpose.choices)
    level = models.PositiveSmallIntegerField("verlangtes Vertrauensniveau", choices=TrustLevel.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, verbose_name="Konto")
    browser_hash = models.CharField(max_length=64, editable=False)
    relay_hash = models.CharField(max_length=64, unique=True, editable=False)
    next = models.CharField("danach", max_length=2000, blank=True)
    asked_at = models.DateTimeField("gefragt am", default=clock.now)
    expires_at = models.DateTimeField("gilt bis")
    answered_at = models.DateTimeField("beantwortet am", null=True, blank=True)
    pickup_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 - unique when set
    sealed = models.BinaryField(null=True, editable=False)
    taken_at = models.DateTimeField("abgeholt am", null=True, blank=True)

    class Meta:
        verbose_name = "Anmeldung beim Anbieter"
        verbose_name_plural = "Anmeldungen beim Anbieter"
        indexes = [models.Index(fields=["expires_at"], name="pending_sign_in_expiry")]
        constraints = [
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="pending_sign_in_purpose_known"),
            models.CheckConstraint(condition=_KNOWN & Q(level__gt=TrustLevel.NONE), name="pending_sign_in_level_known"),
            models.CheckConstraint(
                condition=Q(purpose=Purpose.SIGN_IN, user=None) | (~Q(purpose=Purpose.SIGN_IN) & Q(user__isnull=False)),
                name="pending_sign_in_of_somebody",
            ),
            models.CheckConstraint(
                condition=Q(taken_at=None) | (Q(answered_at__lte=F("taken_at")) & Q(sealed=None)),
                name="pending_sign_in_taken_is_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.asked_at:%d.%m.%Y %H:%M}"


class UsedAssertion(models.Model):
    """The number of an assertion that was accepted; kept longer than any assertion may live."""

    provider = models.CharField(max_length=40)
    assertion_id = models.CharField(max_length=255)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = "benutzte Bestätigung"
        verbose_name_plural = "benutzte Bestätigungen"
        constraints = [models.UniqueConstraint(fields=["provider", "assertion_id"], name="assertion_used_once")]
        indexes = [models.Index(fields=["expires_at"], name="used_assertion_expiry")]

    def __str__(self) -> str:
        return f"{self.provider} {self.assertion_id}"


class KeptPost(models.Model):
    """What a signed-in person posted to a page that first wanted a stronger or newer sign-in (kept.py)."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="Konto")
    browser_hash = models.CharField(max_length=64, editable=False)
    path = models.CharField(max_length=2000)
    sealed = models.BinaryField(editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = "aufgehobene Eingabe"
        verbose_name_plural = "aufgehobene Eingaben"
        indexes = [models.Index(fields=["expires_at"], name="kept_post_expiry")]

    def __str__(self) -> str:
        return self.path


class AccountMerge(models.Model):
    """Two accounts of one person became one, by that person, with sign-ins to both. What moved is written down, so that
    it can go back for UNDO; then the account that was left is deleted (portal.home.account.merge).

    `moved`: {"identities": [id, ...], "drafts": [public id, ...]}.
    """

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    kept = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="merges", verbose_name="Konto")
    left = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="anderes Konto")
    moved = models.JSONField("was umzog", default=dict)
    at = models.DateTimeField("zusammengelegt am", default=clock.now)
    undone_at = models.DateTimeField("rückgängig gemacht am", null=True, blank=True)
    finished_at = models.DateTimeField("anderes Konto gelöscht am", null=True, blank=True)

    class Meta:
        verbose_name = "Zusammenlegung"
        verbose_name_plural = "Zusammenlegungen"
        constraints = [
            models.UniqueConstraint(
                fields=["left"], condition=Q(undone_at=None, finished_at=None), name="account_merge_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(kept=F("left")), name="account_merge_needs_two"),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(finished_at=None), name="account_merge_undone_or_finished"
            ),
        ]

    def __str__(self) -> str:
        return f"merge:{self.public_id}"

    @property
    def undo_until(self) -> dt.datetime:
        return self.at + UNDO
