"""People who sign in: citizens, clerks, team leads, operators, editors."""

import uuid as uuids
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from portal.common import clock

NO_ADDRESS = "ohne-adresse.invalid"  # no mail can be sent to .invalid (RFC 2606)


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
        return self.get_full_name() or self.mail_address or "Ohne Namen"

    @staticmethod
    def unreachable_address(number: uuids.UUID) -> str:
        """Stands for an address where a person has given none: accounts opened by an identity provider."""
        return f"{number}@{NO_ADDRESS}"

    @property
    def mail_address(self) -> str:
        """Where mail reaches the person; "" if they have given no address."""
        return "" if self.email.endswith(f"@{NO_ADDRESS}") else self.email

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


import portal.accounts.identity.models  # noqa: E402, F401 - tables of this app; they point at User above
