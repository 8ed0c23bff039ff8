"""The two questions of the check page: which code, which file."""

import re

from django import forms
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

MAX_BYTES = 10_000_000
EXAMPLE = "K7QF-2MXH-94TB"
_CODE = re.compile(r"[2-9B-DF-HJ-NP-TV-XZ]{12}")


def canonical(text: str) -> str | None:
    """A code as we print it from what a person typed: small letters, spaces, other dashes. None if it is none."""
    bare = re.sub(r"[\W_]", "", text).upper()
    if not _CODE.fullmatch(bare):
        return None
    return "-".join(bare[i : i + 4] for i in range(0, 12, 4))


class CodeForm(forms.Form):
    use_required_attribute = False
    code = forms.CharField(
        label=_lazy("Prüfcode"),
        help_text=format_lazy(_lazy("Er steht neben dem QR-Code, zum Beispiel {example}"), example=EXAMPLE),
        max_length=60,
        error_messages={
            "required": _lazy("Geben Sie den Prüfcode ein"),
            "max_length": format_lazy(_lazy("Der Prüfcode hat zwölf Zeichen, zum Beispiel {example}"), example=EXAMPLE),
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters", "size": 20}
        ),
    )

    def clean_code(self) -> str:
        code = canonical(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError(
                _("Geben Sie den Prüfcode so ein, wie er auf dem Dokument steht, zum Beispiel %(example)s")
                % {"example": EXAMPLE}
            )
        return code


class FileForm(forms.Form):
    use_required_attribute = False
    file = forms.FileField(
        label=_lazy("PDF-Datei"),
        help_text=_lazy("Höchstens 10 MB. Wir speichern die Datei nicht."),
        error_messages={
            "required": _lazy("Wählen Sie die PDF-Datei aus"),
            "missing": _lazy("Wählen Sie die PDF-Datei aus"),
            "empty": _lazy("Die Datei ist leer. Wählen Sie eine andere aus"),
            "invalid": _lazy("Die Datei kam nicht an. Wählen Sie sie noch einmal aus"),
        },
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )

    def clean_file(self) -> bytes:
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > MAX_BYTES:
            raise forms.ValidationError(_("Die Datei muss kleiner als 10 MB sein"))
        data: bytes = upload.read()
        if not data.startswith(b"%PDF-"):
            raise forms.ValidationError(_("Die Datei muss ein PDF sein. Wählen Sie eine andere aus"))
        return data


class NeverOnDisk(MemoryFileUploadHandler):
    """Keeps an upload in memory up to the limit and lets the rest pass by: not even a temporary file is written.

    The size counts everything, so the form can refuse what was too big.
    """

    def handle_raw_input(self, *args: object, **kwargs: object) -> None:
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start <= MAX_BYTES:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.file.seek(0)
        return InMemoryUploadedFile(
            self.file, self.field_name, self.file_name, self.content_type, file_size, self.charset
        )
