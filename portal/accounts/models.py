"""People who sign in: citizens, clerks, team leads, operators, editors."""

import datetime
import uuid as uuids
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from portal.accounts import devices
from portal.accounts.levels import TrustLevel
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


class AccountKind(models.TextChoices):
    """Only people sign in. For the others somebody acts by mandate (portal.accounts.parties)."""

    PERSON = "person", "Person"
    COMPANY = "company", "Unternehmen"
    WARD = "ward", "Person ohne eigene Anmeldung"


class User(AbstractBaseUser, PermissionsMixin):
    kind = models.CharField("Art", max_length=10, choices=AccountKind.choices, default=AccountKind.PERSON)
    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
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
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
            models.CheckConstraint(condition=models.Q(kind__in=AccountKind.values), name="user_kind_known"),
            models.CheckConstraint(
                # "!" is Django's sign of a password that nobody has.
                condition=models.Q(kind=AccountKind.PERSON)
                | models.Q(password__startswith="!", is_staff=False, is_superuser=False),  # noqa: S106 - a mark
                name="user_only_people_sign_in",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.mail_address or _("Ohne Namen")

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
    """One role of one person, given and taken by portal.accounts.roles. Teams narrow it (docs/adr/0010)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles", verbose_name="Konto")
    role = models.CharField("Rolle", max_length=20, choices=Role.choices)
    granted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="gegeben von"
    )
    granted_at = models.DateTimeField("gegeben am", default=clock.now)

    class Meta:
        verbose_name = "Rolle"
        verbose_name_plural = "Rollen"
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="role_once_per_user"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_known"),
            models.CheckConstraint(
                condition=models.Q(granted_by=None) | ~models.Q(granted_by=models.F("user")), name="role_never_own_gift"
            ),
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
    PASSWORD = "password", _lazy("Passwort")
    PASSKEY = "passkey", _lazy("Passkey")
    PROVIDER = "provider", _lazy("anderes Konto")
    OTHER = "other", _lazy("auf anderem Weg")


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
    seen_at = models.DateTimeField("zuletzt gesehen", default=clock.now)  # kept for staff only
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

    @property
    def device_in_words(self) -> str:
        return devices.in_words(self.device)


class PersonDatum(models.Model):
    """One thing known about a person, sealed under the person's key, with who said it and how sure it is.

    Place of the sealed value: "datum:<public id of the person>:<name>" (portal.accounts.profile).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="data", verbose_name="Konto")
    name = models.CharField("Angabe", max_length=40)
    sealed = models.BinaryField("Wert, verschlüsselt")
    source = models.CharField("Quelle", max_length=40)  # "own", or the provider's word: bayernid, bundid, ...
    level = models.PositiveSmallIntegerField("Vertrauensniveau", choices=TrustLevel.choices)
    recorded_at = models.DateTimeField("erfasst", default=clock.now)

    class Meta:
        verbose_name = "Profilangabe"
        verbose_name_plural = "Profilangaben"
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="person_datum_once"),
            models.CheckConstraint(condition=models.Q(level__in=TrustLevel.values), name="person_datum_level_known"),
            models.CheckConstraint(
                condition=~models.Q(source="own") | models.Q(level=0), name="person_datum_own_is_not_proven"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.source})"


class Language(models.TextChoices):
    GERMAN = "de", _lazy("Deutsch")
    EASY = "de-leicht", _lazy("Leichte Sprache")
    ENGLISH = "en", _lazy("Englisch")


class MailWhen(models.TextChoices):
    """When an e-mail says that there is something in the postbox."""

    NOW = "now", _lazy("sofort")
    DAILY = "daily", _lazy("einmal am Tag gesammelt")
    NONE = "none", _lazy("nie")


class Preferences(models.Model):
    """How a person wishes to be addressed. No row: the defaults."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="preferences", verbose_name="Konto")
    language = models.CharField("Sprache", max_length=10, choices=Language.choices, default=Language.GERMAN)
    large_print = models.BooleanField("Großdruck", default=False)
    sign_language = models.BooleanField("Gebärdensprache bei Terminen", default=False)
    tell_new_device = models.BooleanField("Hinweis bei neuem Gerät", default=True)
    # E-mails beside the postbox (notices.CHOICES). A decision's notice is not among them.
    mail_message = models.CharField(
        "E-Mail bei Nachrichten und Nachfragen", max_length=8, choices=MailWhen.choices, default=MailWhen.NOW
    )
    mail_status = models.CharField("E-Mail zum Stand", max_length=8, choices=MailWhen.choices, default=MailWhen.NOW)
    mail_payment = models.CharField("E-Mail zu Zahlungen", max_length=8, choices=MailWhen.choices, default=MailWhen.NOW)
    mail_appointment = models.CharField(
        "E-Mail zu Terminen", max_length=8, choices=MailWhen.choices, default=MailWhen.NOW
    )

    class Meta:
        verbose_name = "Wünsche"
        verbose_name_plural = "Wünsche"
        constraints = [
            models.CheckConstraint(condition=models.Q(language__in=Language.values), name="preferences_language_known"),
            *(
                models.CheckConstraint(
                    condition=models.Q((f"mail_{kind}__in", MailWhen.values)), name=f"preferences_mail_{kind}_known"
                )
                for kind in ("message", "status", "payment", "appointment")
            ),
        ]

    def __str__(self) -> str:
        return str(Language(self.language).label)


class Consent(models.Model):
    """One yes or no to one version of a text (portal.accounts.consents). Append-only (trigger); the latest counts."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="consents", verbose_name="Konto")
    subject = models.CharField("Worum es geht", max_length=40)
    version = models.PositiveSmallIntegerField("Fassung des Textes")
    given = models.BooleanField("erteilt")
    at = models.DateTimeField("Zeitpunkt", default=clock.now)

    class Meta:
        verbose_name = "Einwilligung"
        verbose_name_plural = "Einwilligungen"
        indexes = [models.Index(fields=["user", "subject", "-id"], name="consent_latest")]

    def __str__(self) -> str:
        return f"{self.subject} {self.version}: {'ja' if self.given else 'nein'}"


class MandateKind(models.TextChoices):
    GUARDIAN = "guardian", _lazy("Eltern oder rechtliche Betreuung")
    PROXY = "proxy", _lazy("Vollmacht")
    COMPANY = "company", _lazy("für ein Unternehmen")


class Scope(models.TextChoices):
    """What an agent may do in matters done in representation. Nothing of it reaches a person's other matters."""

    ALL = "all", _lazy("alles, was in Vertretung geht")
    APPLICATIONS = "applications", _lazy("Anträge stellen")
    MAILBOX = "mailbox", _lazy("Nachrichten lesen")


class CompanyRole(models.TextChoices):
    """Members act for the company, admins also invite and end, owners also give roles and close the account."""

    NONE = "", "keine"
    OWNER = "owner", "Inhaber*in"
    ADMIN = "admin", "Verwaltung"
    MEMBER = "member", "Mitglied"


class Evidence(models.TextChoices):
    """Why we believe that a mandate was given."""

    INVITED = "invited", "von der vertretenen Person erteilt"
    DECLARED = "declared", "eigene Angabe"
    CHECKED = "checked", "von der Stadt geprüft"


class MandateQuerySet(models.QuerySet["Mandate"]):
    def valid(self, day: datetime.date) -> "MandateQuerySet":
        """Those that hold on a day, between two accounts that still exist."""
        return self.filter(
            models.Q(ends=None) | models.Q(ends__gte=day),
            starts__lte=day,
            revoked_at=None,
            principal__is_active=True,
            agent__is_active=True,
        )


class Mandate(models.Model):
    """`principal` lets `agent` act for them, in a scope, from a day until a day or until one of them ends it.

    Begins as an invitation by e-mail, so that nobody learns who has an account: no agent until one with the invited
    address accepts. Place of the sealed address: "mandate:<public id>:address", under the principal's key.
    """

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    principal = models.ForeignKey(User, models.PROTECT, related_name="mandates_given", verbose_name="vertretene Person")
    agent = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="mandates_held", verbose_name="vertretende Person"
    )
    sealed_address = models.BinaryField("eingeladene Adresse, verschlüsselt", default=bytes)
    kind = models.CharField("Art", max_length=10, choices=MandateKind.choices)
    scope = models.CharField("Umfang", max_length=12, choices=Scope.choices)
    # Forms by their slugs; empty: every service that can be done in representation.
    services = ArrayField(models.CharField(max_length=80), verbose_name="Leistungen", default=list, blank=True)
    # § 14 (3) VwVfG: letters of the matter also go to the agent.
    takes_post = models.BooleanField("erhält auch die Post", default=True)
    role = models.CharField("Rolle im Unternehmen", max_length=10, choices=CompanyRole.choices, blank=True, default="")
    evidence = models.CharField("Nachweis", max_length=10, choices=Evidence.choices, default=Evidence.INVITED)
    starts = models.DateField("gilt ab")
    ends = models.DateField("gilt bis", null=True, blank=True)
    given_at = models.DateTimeField("erteilt", default=clock.now)
    accepted_at = models.DateTimeField("angenommen", null=True, blank=True)
    notice_due_at = models.DateTimeField("Einladung fällig", null=True, blank=True)
    notice_attempts = models.PositiveSmallIntegerField("Versuche der Einladung", default=0)
    revoked_at = models.DateTimeField("beendet", null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="beendet von"
    )

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = "Vertretung"
        verbose_name_plural = "Vertretungen"
        constraints = [
            models.CheckConstraint(condition=~models.Q(principal=models.F("agent")), name="mandate_needs_two"),
            models.CheckConstraint(condition=models.Q(kind__in=MandateKind.values), name="mandate_kind_known"),
            models.CheckConstraint(condition=models.Q(scope__in=Scope.values), name="mandate_scope_known"),
            models.CheckConstraint(
                condition=models.Q(agent=None, accepted_at=None)
                | models.Q(agent__isnull=False, accepted_at__isnull=False),
                name="mandate_accepted_by_its_agent",
            ),
            models.CheckConstraint(
                condition=models.Q(ends=None) | models.Q(ends__gte=models.F("starts")), name="mandate_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at=None, revoked_by=None)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="mandate_revoked_by_somebody",
            ),
            models.CheckConstraint(condition=models.Q(role__in=CompanyRole.values), name="mandate_role_known"),
            models.CheckConstraint(condition=models.Q(evidence__in=Evidence.values), name="mandate_evidence_known"),
            models.CheckConstraint(
                condition=models.Q(kind=MandateKind.COMPANY) & ~models.Q(role="")
                | ~models.Q(kind=MandateKind.COMPANY) & models.Q(role=""),
                name="mandate_role_iff_company",
            ),
            models.UniqueConstraint(
                fields=["principal", "agent"],
                condition=models.Q(kind=MandateKind.COMPANY, revoked_at=None),
                name="mandate_member_once",
            ),
        ]

    def __str__(self) -> str:
        return f"mandate:{self.public_id}"

    @property
    def holds(self) -> bool:
        """Whether it can be used today or later."""
        return self.revoked_at is None and (self.ends is None or self.ends >= clock.today())


import portal.accounts.identity.models  # noqa: E402 - tables of this app; they point at User above
import portal.accounts.parties.models  # noqa: E402, F401 - as above
