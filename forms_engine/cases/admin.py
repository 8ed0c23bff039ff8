"""Cases as rows for clerks (their teams' only), what the workers owe for operators, and the teams themselves.

Never a case's content: that is in the workplace, behind access.py. The daily work happens there, too.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from forms_engine.cases import access, flow, papers
from forms_engine.cases.models import Case, Decision, Paper
from forms_engine.definitions.models import Form
from portal.accounts.access import citizen, has_role
from portal.accounts.models import Role, User
from portal.audit import actions as audit
from portal.audit.watched import Watched
from portal.common.house_admin import HouseAdmin, ReadOnlyAdmin
from portal.directory.teams.models import Team, TeamForm, TeamMember


class WatchedCase(Watched):
    watched_action = "case.facts_read"

    def watched_subject(self, row: Any) -> str:
        return f"case:{(row if isinstance(row, Case) else row.case).public_id}"


@admin.register(Case)
class CaseAdmin(WatchedCase, ReadOnlyAdmin[Case]):
    list_display = ("number", "status", "office", "assigned_to", "received_at", "due_on", "closed_at")
    list_filter = ("status", ("office", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("assigned_to", "office")
    search_fields = ("number",)
    fields = ("number", "status", "office", "assigned_to", "received_at", "changed_at", "due_on", "closed_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return super().get_queryset(request).filter(pk__in=access.desk(request.user).values("pk"))


@admin.register(Decision)
class DecisionAdmin(WatchedCase, ReadOnlyAdmin[Decision]):
    list_display = ("case", "revision", "kind", "author", "signed_at", "issued_at")
    list_filter = ("kind",)
    list_select_related = ("case", "author")
    fields = ("case", "revision", "kind", "author", "approver", "signed_at", "valid_from", "valid_until", "issued_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        return super().get_queryset(request).filter(case__in=access.desk(request.user))


@admin.register(Paper)
class PaperAdmin(WatchedCase, ReadOnlyAdmin[Paper]):
    """What the workers owe: all of it for operators, who may start parked papers again; their own cases' for clerks."""

    list_display = ("case", "kind", "state", "attempts", "due_at", "issued_at", "last_error")
    list_filter = ("state", "kind")
    list_select_related = ("case",)
    fields = ("case", "kind", "state", "attempts", "due_at", "lease_until", "fence", "issued_at", "last_error")
    actions = ("start_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Paper]:
        found = super().get_queryset(request).defer("payload_sealed")
        if request.user.is_superuser or has_role(request.user, Role.OPERATOR):
            return found
        return found.filter(case__in=access.desk(request.user))

    @admin.action(description="Angehaltene Schriftstücke erneut versuchen", permissions=["view"])
    def start_again(self, request: HttpRequest, queryset: QuerySet[Paper]) -> None:
        started = sum(papers.retry(paper_id) for paper_id in queryset.values_list("id", flat=True))
        messages.success(request, f"{started} Schriftstücke werden erneut versucht.")


class FormChoice(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The forms that there are, by title."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = [("", "Bitte wählen"), *Form.objects.order_by("title").values_list("slug", "title")]
        self.fields["slug"] = forms.ChoiceField(label="Formular", choices=choices)


class FormInline(admin.StackedInline[TeamForm, Team]):
    model = TeamForm
    form = FormChoice
    extra = 0


class MemberForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    user = forms.ModelChoiceField(
        User.objects.filter(is_active=True, roles__role__in=[Role.CLERK, Role.TEAM_LEAD]).distinct(),
        label="Konto",
        help_text="Zur Wahl stehen Konten mit der Rolle Sachbearbeitung oder Teamleitung.",
    )


class MemberFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]  # not generic at run time
    acting: User  # who edits the team; set by MemberInline

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            row = getattr(form, "cleaned_data", {})
            if form.has_changed() and row.get("user") == self.acting and not row.get("DELETE"):
                raise forms.ValidationError("In ein Team trägt Sie nur jemand anderes vom Betrieb ein.")


class MemberInline(admin.StackedInline[TeamMember, Team]):
    model = TeamMember
    form = MemberForm
    formset = MemberFormSet
    extra = 0

    def get_formset(self, request: HttpRequest, obj: Team | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        return type("MemberFormSetOf", (formset,), {"acting": citizen(request)})


@admin.register(Team)
class TeamAdmin(HouseAdmin[Team]):
    """Who leaves a team, or a team that loses a form, gives open cases back. Nobody puts themselves into a team."""

    list_display = ("name", "office", "is_active")
    list_filter = ("is_active", ("office", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("office",)
    search_fields = ("name",)
    fields = ("name", "office", "is_active")
    inlines = (FormInline, MemberInline)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        before = set(form.instance.members.values_list("user", "leads"))
        with transaction.atomic():
            super().save_related(request, form, formsets, change)
            self._settle(form.instance, before, request)

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        before = set(obj.members.values_list("user", "leads"))
        super().delete_model(request, obj)
        self._settle(obj, before, request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Team]) -> None:
        for team in queryset:
            self.delete_model(request, team)

    def _settle(self, team: Team, before: set[tuple[int, bool]], request: HttpRequest) -> None:
        now = set(team.members.values_list("user", "leads")) if team.pk else set()
        people = {user.pk: user for user in User.objects.filter(pk__in={pk for pk, _ in before | now})}
        by = str(citizen(request).public_id)
        for word, rows in (("team.joined", now - before), ("team.left", before - now)):
            for pk, leads in rows:
                audit.record(word, f"user:{people[pk].public_id}", by, team=team.name, leads=leads)
        for person in people.values():
            flow.off_duty(person)
