"""People who sign in: citizens, clerks, team leads, operators, editors."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from portal.common import clock


class Role(models.TextChoices):
    """What a person may do in the house beyond being a citizen. A person may hold several."""

    CLERK = "clerk", "Sachbearbeitung"
    TEAM_LEAD = "team_lead", "Teamleitung"
    OPERATOR = "operator", "Betrieb"
    EDITOR = "editor", "Redaktion"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    email = models.EmailField(
        "E-Mail-Adresse",
        max_length=254,
        unique=True,
        error_messages={"unique": "Diese E-Mail-Adresse hat schon ein Konto."},
    )
    given_name = models.CharField("Vorname", max_length=120, blank=True)
    family_name = models.CharField("Familienname", max_length=120, blank=True)
    is_staff = models.BooleanField("darf in die Verwaltung", default=False)
    is_active = models.BooleanField("aktiv", default=True)
    created_at = models.DateTimeField("angelegt am", default=clock.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "Konto"
        verbose_name_plural = "Konten"
        constraints = [models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case")]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def get_full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    def get_short_name(self) -> str:
        return self.given_name


class RoleAssignment(models.Model):
    """One role of one person. Object rights (office, form, team) will narrow it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles", verbose_name="Konto")
    role = models.CharField("Rolle", max_length=20, choices=Role.choices)

    class Meta:
        verbose_name = "Rolle"
        verbose_name_plural = "Rollen"
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="role_once_per_user"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_known"),
        ]

    def __str__(self) -> str:
        return self.get_role_display()


class PersonKey(models.Model):
    """The data key of one person (portal.accounts.keys). Empty: destroyed with the account, never made again."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+", verbose_name="Konto")
    wrapped_key = models.BinaryField("Schlüssel", null=True)

    class Meta:
        verbose_name = "Personenschlüssel"
        verbose_name_plural = "Personenschlüssel"

    def __str__(self) -> str:
        return f"person:{self.user_id}"


class SignInAttempt(models.Model):
    """A guess at a password or code that has not succeeded. `key` is a keyed digest: it tells no address."""

    key = models.CharField("Kennung", max_length=64)
    at = models.DateTimeField("Zeitpunkt", default=clock.now)

    class Meta:
        verbose_name = "Anmeldeversuch"
        verbose_name_plural = "Anmeldeversuche"
        indexes = [models.Index(fields=["key", "at"], name="sign_in_attempt_recent")]

    def __str__(self) -> str:
        return f"{self.at:%d.%m.%Y %H:%M}"


class SignInMethod(models.TextChoices):
    PASSWORD = "password", "Passwort"
    PASSKEY = "passkey", "Passkey"
    PROVIDER = "provider", "anderes Konto"
    OTHER = "other", "auf anderem Weg"


class SignIn(models.Model):
    """One sign-in: the person's own history and the list of devices. Kept for 90 days, without any network address.

    `session_key` leads to the session as long as it may live; empty once it was ended.
    """

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins", verbose_name="Konto")
    at = models.DateTimeField("Zeitpunkt", default=clock.now)
    method = models.CharField("Art", max_length=10, choices=SignInMethod.choices)
    provider = models.CharField("Anbieter", max_length=80, blank=True)
    second_factor = models.BooleanField("mit zweitem Faktor", default=False)
    device = models.CharField("Gerät", max_length=80)
    session_key = models.CharField("Sitzung", max_length=40, blank=True)
    ended_at = models.DateTimeField("beendet", null=True, blank=True)
    notice_due_at = models.DateTimeField("Hinweis fällig", null=True, blank=True)
    notice_attempts = models.PositiveSmallIntegerField("Versuche des Hinweises", default=0)

    class Meta:
        verbose_name = "Anmeldung"
        verbose_name_plural = "Anmeldungen"
        indexes = [
            models.Index(fields=["user", "-at"], name="sign_in_history"),
            models.Index(fields=["session_key"], name="sign_in_session"),
            models.Index(fields=["at"], name="sign_in_age"),  # read by the sweep
            models.Index(
                fields=["notice_due_at"], name="sign_in_notice", condition=models.Q(notice_due_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(method__in=SignInMethod.values), name="sign_in_method_known"),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(session_key=""), name="sign_in_ended_has_no_session"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device}, {self.at:%d.%m.%Y %H:%M}"
