"""What a clerk may say about something that arrived."""

from typing import Any, cast

from django import forms

from forms_engine.intake.models import SetAsideReason
from portal.common import references
from portal.directory.teams.models import Team


class _PlainForm(forms.Form):
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class FileForm(_PlainForm):
    number = forms.CharField(
        label="Aktenzeichen",
        help_text="Zum Beispiel KVR-2026-000042-7",
        max_length=40,
        error_messages={"required": "Geben Sie das Aktenzeichen ein.", "max_length": "Geben Sie ein Aktenzeichen ein."},
    )

    def clean_number(self) -> str:
        number = references.canonical_file_number(self.cleaned_data["number"])
        if number is None:
            raise forms.ValidationError("Geben Sie ein gültiges Aktenzeichen ein. Die letzte Ziffer prüft die anderen.")
        return number


class SetAsideForm(_PlainForm):
    reason = forms.ChoiceField(
        label="Grund",
        choices=SetAsideReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Wählen Sie einen Grund aus.", "invalid_choice": "Wählen Sie einen Grund aus."},
    )


class HandOverForm(_PlainForm):
    team = forms.TypedChoiceField(
        label="Team",
        error_messages={"required": "Wählen Sie ein Team aus.", "invalid_choice": "Wählen Sie ein Team aus der Liste."},
    )

    def __init__(self, *args: Any, teams: list[Team], **kwargs: Any):
        super().__init__(*args, **kwargs)
        known = {str(team.pk): team for team in teams}
        field = cast(forms.TypedChoiceField, self.fields["team"])
        field.choices = [("", "Bitte wählen"), *((key, team.name) for key, team in known.items())]
        field.coerce = known.__getitem__
