"""The texts of a letter as they are typed, judged against the form whose names they use."""

from typing import Any

from django import forms

from forms_engine.cases.forms import PlainForm
from forms_engine.cases.wording import texts
from forms_engine.cases.wording.engine import MAX_CHARACTERS
from forms_engine.definitions.language.form import FormDefinition


class TextsForm(PlainForm):
    """One field per block. `definition`: the form of the city whose names the texts may use."""

    def __init__(self, *args: Any, definition: FormDefinition, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.definition = definition
        for block, (label, hint) in texts.BLOCKS.items():
            rows = {"heading": 1, "opening": 10, "plain": 12}.get(block, 6)
            self.fields[block] = forms.CharField(
                label=label,
                help_text=hint,
                required=block in texts.NEEDED,
                strip=False,
                widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "true"}),
                max_length=MAX_CHARACTERS,
                error_messages={
                    "required": f"Schreiben Sie den Text „{label}“.",
                    "max_length": "Kürzen Sie den Text auf höchstens 20.000 Zeichen.",
                },
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for block, findings in texts.check(self.definition, data).items():
            for finding in findings[:10] if block not in self.errors else ():
                self.add_error(block, str(finding))
        return data
