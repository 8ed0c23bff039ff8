from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from mailbox.texts import REPLY_LENGTH, many_lines
from portal.common import clock
from portal.documents.receiving import FilesForm, ManyFilesField

EMPTY = _lazy("Geben Sie Ihre Antwort ein.")


class TextField(forms.CharField):
    """Several lines, cleaned before they are counted: browsers send two characters for a line break."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return many_lines(super().to_python(value) or "")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > REPLY_LENGTH:
            over = f"{len(value) - REPLY_LENGTH:,}".replace(",", ".")
            raise ValidationError(
                _("Die Antwort darf höchstens 5.000 Zeichen haben. Kürzen Sie sie um %(over)s Zeichen.")
                % {"over": over}
            )


class ReplyForm(FilesForm):
    """The answer with its files, and a name for this form filled in, so that a second click sends nothing twice."""

    use_required_attribute = False

    body = TextField(
        label=_lazy("Ihre Antwort"),
        help_text=_lazy("Höchstens 5.000 Zeichen."),
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": EMPTY},
    )
    dateien = ManyFilesField(
        label=_lazy("Anlagen"),
        required=False,
        help_text=_lazy("Höchstens 5 Dateien: PDF, JPEG oder PNG, je höchstens 10 MB."),
    )
    once = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=clock.uuid)

    def clean_once(self) -> str | None:
        once = self.cleaned_data["once"]
        return str(once) if once else None
