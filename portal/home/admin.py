"""Questions for those who answer, reports of barriers for those who mend them, terminals for those who run them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.accounts.access import citizen
from portal.audit import actions as audit
from portal.common.crypto import KeyDestroyed
from portal.common.house_admin import HouseAdmin, ReadOnlyAdmin
from portal.home import actions
from portal.home.contact import actions as contact
from portal.home.models import BarrierReport, Question, Terminal

GONE = "gelöscht"


@admin.register(BarrierReport)
class BarrierReportAdmin(ReadOnlyAdmin[BarrierReport]):
    list_display = ("page", "created_at", "answer_by", "answered_at")
    list_filter = (("answered_at", admin.EmptyFieldListFilter),)
    fields = ("page", "text", "contact", "created_at", "answer_by", "answered_at", "disposed_at")
    readonly_fields = fields
    actions = ("close",)

    @admin.display(description="Meldung")
    def text(self, report: BarrierReport) -> str:
        return self._opened(report)[0]

    @admin.display(description="Antwort an")
    def contact(self, report: BarrierReport) -> str:
        return self._opened(report)[1] or "keine Antwort gewünscht"

    def _opened(self, report: BarrierReport) -> tuple[str, str]:
        try:
            return report.opened()
        except KeyDestroyed:
            return GONE, GONE

    @admin.action(description="Als erledigt vermerken", permissions=["view"])
    def close(self, request: HttpRequest, queryset: QuerySet[BarrierReport]) -> None:
        closed = sum(actions.close_report(report, by=citizen(request)) for report in queryset)
        messages.success(request, f"{closed} Meldungen sind erledigt.")


class AnswerForm(forms.ModelForm[Question]):
    """The only thing to write; everything else of a question is as the person wrote it."""

    answer = forms.CharField(
        label="Antwort",
        widget=forms.Textarea(attrs={"rows": 12}),
        max_length=10_000,
        help_text="Geht sofort in das Postfach oder an die bestätigte Adresse. Sie lässt sich nicht zurückholen.",
        error_messages={"required": "Schreiben Sie die Antwort."},
    )

    class Meta:
        model = Question
        fields: tuple[str, ...] = ()


@admin.register(Question)
class QuestionAdmin(HouseAdmin[Question]):
    """Questions of people, the one due first on top. Answering is the only change."""

    form = AnswerForm
    list_display = ("number", "service", "organisation", "created_at", "answer_by", "answered_at")
    list_filter = (("answered_at", admin.EmptyFieldListFilter), "organisation")
    list_select_related = ("service", "organisation")
    search_fields = ("number",)
    readonly_fields = (
        *("number", "service", "organisation", "language", "created_at", "answer_by", "text", "channel"),
        *("answered_at", "answered_by", "given"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        return super().get_queryset(request) & Question.objects.desk(citizen(request))

    def get_fields(self, request: HttpRequest, obj: Question | None = None) -> tuple[str, ...]:
        done = obj is not None and obj.answered_at is not None
        return (*self.readonly_fields[:8], *(("answered_at", "answered_by", "given") if done else ("answer",)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Question | None = None) -> bool:
        open_still = obj is None or (obj.answered_at is None and obj.disposed_at is None)
        return open_still and super().has_change_permission(request, obj)

    @admin.display(description="Frage")
    def text(self, question: Question) -> str:
        return self._opened(question, "text")

    @admin.display(description="Antwort geht an")
    def channel(self, question: Question) -> str:
        return "Postfach" if question.asked_by_id else "bestätigte E-Mail-Adresse"

    @admin.display(description="gegebene Antwort")
    def given(self, question: Question) -> str:
        return self._opened(question, "answer")

    def _opened(self, question: Question, part: str) -> str:
        try:
            return question.opened(part)
        except KeyDestroyed:
            return GONE

    def save_model(self, request: HttpRequest, obj: Question, form: Any, change: bool) -> None:
        try:
            contact.answer(obj, text=form.cleaned_data["answer"], by=citizen(request))
        except contact.AlreadyAnswered:
            messages.error(request, "Diese Frage ist schon beantwortet. Ihre Antwort wurde nicht verschickt.")


@admin.register(Terminal)
class TerminalAdmin(HouseAdmin[Terminal]):
    """A new terminal's key is shown once, right after saving. Figures without persons."""

    list_display = ("name", "office", "is_active", "idle_seconds", "ended_count", "created_at")
    list_filter = ("is_active",)
    list_select_related = ("office",)
    fields = ("name", "office", "is_active", "idle_seconds", "warn_seconds", "ended_count", "created_at")
    readonly_fields = ("ended_count", "created_at")

    def get_fields(self, request: HttpRequest, obj: Terminal | None = None) -> tuple[str, ...]:
        return self.fields if obj else ("name", "office")

    def save_model(self, request: HttpRequest, obj: Terminal, form: Any, change: bool) -> None:
        by = str(citizen(request).public_id)
        if change:
            with transaction.atomic():
                super().save_model(request, obj, form, change)
                audit.record("terminal.changed", f"terminal:{obj.pk}", by, active=obj.is_active)
            return
        key = actions.add_terminal(obj.name, obj.office, by=by)
        obj.pk = Terminal.objects.get(name=obj.name).pk
        messages.warning(request, f"Der Schlüssel steht nur jetzt hier: {key}. Geben Sie ihn am Terminal ein.")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
