"""What a team lead says about decisions for many cases."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from forms_engine.cases import runs
from forms_engine.cases.decision_form import day_field
from forms_engine.cases.forms import MAX_TEXT, PlainForm
from forms_engine.cases.models import DecisionKind, DecisionRun
from forms_engine.cases.wording import access, texts
from forms_engine.definitions.models import Form
from portal.accounts.models import User
from portal.directory.teams import queries as teams
from portal.directory.teams.models import TeamForm

NAMES = {DecisionKind.FEE_NOTICE: "Gebührenbescheid", DecisionKind.CERTIFICATE: "Bescheinigung"}


class RunForm(PlainForm):
    of = forms.ModelChoiceField(
        Form.objects.none(),
        label="Formular",
        to_field_name="slug",
        empty_label="Bitte auswählen",
        error_messages={"required": "Wählen Sie ein Formular.", "invalid_choice": "Wählen Sie ein Formular."},
    )
    kind = forms.ChoiceField(
        label="Art des Schreibens",
        choices=[
            (kind.value, {"fee_notice": "Gebührenbescheid"}.get(kind.value, "Bescheinigung")) for kind in runs.KINDS
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Wählen Sie die Art des Schreibens."},
    )
    title = forms.CharField(
        label="Anlass",
        max_length=120,
        help_text="Zum Beispiel: Jahresgebühr 2027",
        error_messages={
            "required": "Geben Sie den Anlass ein.",
            "max_length": "Kürzen Sie den Anlass auf 120 Zeichen.",
        },
    )
    decided_from = day_field("Entschieden ab", "Geben Sie den ersten Tag ein.")
    decided_until = day_field("Entschieden bis", "Geben Sie den letzten Tag ein.")
    valid_on = day_field("Gültig am", "Geben Sie den Tag ein, an dem der Bescheid gilt.")
    fee = forms.DecimalField(
        label="Gebühr in Euro (beim Gebührenbescheid)",
        required=False,
        localize=True,
        max_digits=10,
        decimal_places=2,
        error_messages={"invalid": "Geben Sie die Gebühr als Betrag ein, zum Beispiel 45,00."},
    )
    explanation = forms.CharField(
        label="Begründung",
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": "Kürzen Sie die Begründung auf höchstens 5.000 Zeichen."},
    )

    def __init__(self, *args: Any, lead: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.lead = lead
        self.fields["of"].queryset = led_by(lead)  # type: ignore[attr-defined]  # a ModelChoiceField, see above

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last, fee = (data.get(name) for name in ("decided_from", "decided_until", "fee"))
        if first and last and last < first:
            self.add_error("decided_until", "Der letzte Tag muss nach dem ersten liegen.")
        if data.get("kind") == DecisionKind.FEE_NOTICE and "fee" not in self.errors and not (fee and fee > 0):
            self.add_error("fee", "Geben Sie die Gebühr ein, zum Beispiel 45,00.")
        if (of := data.get("of")) and data.get("kind"):
            _form, definition = access.form_for(self.lead, of.slug)
            if data["kind"] not in texts.kinds(definition):
                self.add_error("kind", "Dieses Formular kennt kein solches Schreiben. Wählen Sie die andere Art.")
        return data

    def run(self) -> DecisionRun:
        """Unsaved."""
        data = self.cleaned_data
        cents = int(data["fee"] * 100) if data["kind"] == DecisionKind.FEE_NOTICE else None
        return DecisionRun(
            form=data["of"],
            kind=data["kind"],
            title=data["title"].strip(),
            explanation=data["explanation"].strip(),
            fee_cents=cents,
        )

    def query(self) -> runs.Query:
        return runs.Query(*(self.cleaned_data[name] for name in ("decided_from", "decided_until", "valid_on")))


def led_by(lead: User) -> QuerySet[Form]:
    """The forms of the teams that the person leads, by title."""
    mine = TeamForm.objects.filter(team__in=teams.led_by(lead)).values("slug")
    return Form.objects.filter(slug__in=mine).order_by("title")
