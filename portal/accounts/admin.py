"""Accounts for operators: who they are, which roles they have, where they are signed in. Nothing a person stored.

Roles are given and taken here, never one's own; accounts are stopped and sessions ended. All of it stands in the audit.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Case, Exists, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.http import HttpRequest

from portal.accounts import operators, roles, second_factor, sign_ins
from portal.accounts.access import citizen
from portal.accounts.models import Role, RoleAssignment, SignIn, User
from portal.common.house_admin import HouseAdmin, ReadOnly, ReadOnlyAdmin

# `manage.py roles_seed` keeps the groups, a person's groups follow the roles. What allauth keeps about people
# (addresses, other accounts, second factors) is theirs: operators reset it, and never read it.
for _model in (Group, EmailAddress, EmailConfirmation, SocialAccount, SocialApp, SocialToken, Authenticator):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)

OWN = "Das eigene Konto ändert nur jemand anderes vom Betrieb."


class RoleInline(ReadOnly, admin.StackedInline[RoleAssignment, User]):
    model = RoleAssignment
    fk_name = "user"
    extra = 0
    fields = readonly_fields = ("role", "granted_by", "granted_at")


class StaffFilter(admin.SimpleListFilter):
    title = "Art"
    parameter_name = "art"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("personal", "Personal"), *((role.value, role.label) for role in Role)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() == "personal":
            return queryset.filter(is_staff=True)
        return queryset.filter(roles__role=self.value()) if self.value() else queryset


@admin.register(User)
class UserAdmin(ReadOnlyAdmin[User]):
    list_display = ("email", "given_name", "family_name", "role_names", "has_factor", "is_active", "created_at")
    list_filter = (StaffFilter, "is_active")
    search_fields = ("email", "family_name", "=public_id")
    search_help_text = "E-Mail-Adresse, Familienname oder Kennung"
    ordering = ("family_name", "given_name", "id")
    fields = (
        *("email", "given_name", "family_name", "public_id", "has_factor"),
        *("is_staff", "is_superuser", "is_active", "created_at", "last_login"),
    )
    readonly_fields = fields
    inlines = (RoleInline,)
    actions = ("deactivate", "activate", "end_sessions", "reset_second_factor")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        held = Prefetch("roles", RoleAssignment.objects.order_by("role"))
        factors = second_factor.any_factors().filter(user=OuterRef("pk"))
        found: QuerySet[User] = super().get_queryset(request).prefetch_related(held).annotate(factor=Exists(factors))
        return found

    @admin.display(description="Rollen")
    def role_names(self, user: User) -> str:
        return ", ".join(str(row) for row in user.roles.all()) or "keine"

    @admin.display(description="zweiter Faktor", boolean=True)
    def has_factor(self, user: Any) -> bool:
        return bool(user.factor)

    @admin.action(description="Konten sperren und abmelden", permissions=["run"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, operators.deactivate, "gesperrt")

    @admin.action(description="Gesperrte Konten wieder öffnen", permissions=["run"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, operators.activate, "geöffnet")

    @admin.action(description="Überall abmelden", permissions=["run"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, operators.end_sessions, "abgemeldet")

    @admin.action(description="Zweiten Faktor zurücksetzen", permissions=["run"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, operators.reset_second_factor, "zurückgesetzt")

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.add_roleassignment")

    def _each(self, request: HttpRequest, queryset: QuerySet[User], act: Callable[..., int | bool], done: str) -> None:
        changed = 0
        for user in queryset:
            try:
                changed += bool(act(user, by=citizen(request)))
            except operators.OwnAccount:
                messages.warning(request, OWN)
        messages.success(request, f"Konten {done}: {changed}.")


class RoleForm(forms.ModelForm[RoleAssignment]):
    acting: User  # who gives the role; set by RoleAdmin.get_form
    email = forms.EmailField(
        label="E-Mail-Adresse des Kontos",
        error_messages={
            "required": "Geben Sie die E-Mail-Adresse des Kontos ein",
            "invalid": "Geben Sie eine E-Mail-Adresse wie name@beispiel.de ein",
        },
    )

    class Meta:
        model = RoleAssignment
        fields = ("role",)
        error_messages = {"role": {"required": "Wählen Sie eine Rolle"}}

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"]).lower()
        user = User.objects.filter(email=address, is_active=True).first()
        if user is None:
            raise ValidationError("Geben Sie die Adresse eines Kontos ein, das es gibt und das nicht gesperrt ist")
        if user.pk == self.acting.pk:
            raise ValidationError("Die eigene Rolle gibt nur jemand anderes. Bitten Sie eine*n Kolleg*in vom Betrieb")
        self.instance.user = user
        return address


@admin.register(RoleAssignment)
class RoleAdmin(HouseAdmin[RoleAssignment]):
    """Giving is adding, taking is deleting; a role is never changed into another."""

    form = RoleForm
    list_display = ("user", "role", "granted_by", "granted_at")
    list_filter = ("role",)
    list_select_related = ("user", "granted_by")
    search_fields = ("user__email", "user__family_name")
    ordering = ("user__family_name", "user__given_name", "role")

    def get_fields(self, request: HttpRequest, obj: RoleAssignment | None = None) -> tuple[str, ...]:
        return ("user", "role", "granted_by", "granted_at") if obj else ("email", "role")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("RoleFormOf", (form,), {"acting": citizen(request)})

    def has_change_permission(self, request: HttpRequest, obj: RoleAssignment | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: RoleAssignment, form: Any, change: bool) -> None:
        roles.grant(obj.user, Role(obj.role), by=citizen(request))
        obj.pk = RoleAssignment.objects.get(user=obj.user, role=obj.role).pk

    def delete_model(self, request: HttpRequest, obj: RoleAssignment) -> None:
        roles.revoke(obj.user, Role(obj.role), by=citizen(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RoleAssignment]) -> None:
        for row in queryset.select_related("user"):
            self.delete_model(request, row)


class PresentFilter(admin.SimpleListFilter):
    title = "Sitzung"
    parameter_name = "sitzung"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("offen", "angemeldet"), ("zu", "beendet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "offen":
                return queryset.filter(present=True)
            case "zu":
                return queryset.filter(present=False)
        return queryset


@admin.register(SignIn)
class SignInAdmin(ReadOnlyAdmin[SignIn]):
    """Sessions of staff, and of staff only: how citizens sign in is theirs alone."""

    list_display = ("user", "at", "seen_at", "device", "method", "second_factor", "is_present")
    list_filter = (PresentFilter, "method")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__family_name")
    ordering = ("-seen_at", "-id")
    fields = ("user", "at", "seen_at", "device", "method", "second_factor", "is_present", "ended_at")
    readonly_fields = fields
    actions = ("end",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignIn]:
        found: QuerySet[SignIn] = super().get_queryset(request).filter(Q(user__is_staff=True))
        present = Case(When(sign_ins.is_present(), then=Value(True)), default=Value(False), output_field=BooleanField())
        annotated: QuerySet[SignIn] = found.annotate(present=present)
        return annotated

    @admin.display(description="angemeldet", boolean=True)
    def is_present(self, row: Any) -> bool:
        return bool(row.present)

    @admin.action(description="Sitzungen beenden", permissions=["run"])
    def end(self, request: HttpRequest, queryset: QuerySet[SignIn]) -> None:
        ended = sum(operators.end_session(row, by=citizen(request)) for row in queryset)
        messages.success(request, f"Sitzungen beendet: {ended}.")

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.add_roleassignment")
