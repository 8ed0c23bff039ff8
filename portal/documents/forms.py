"""The two questions of the check page: which code, which file."""

import re

from django import forms
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler

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
        label="Prüfcode",
        help_text=f"Er steht neben dem QR-Code, zum Beispiel {EXAMPLE}",
        max_length=60,
        error_messages={
            "required": "Geben Sie den Prüfcode ein",
            "max_length": f"Der Prüfcode hat zwölf Zeichen, zum Beispiel {EXAMPLE}",
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters", "size": 20}
        ),
    )

    def clean_code(self) -> str:
        code = canonical(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError(
                f"Geben Sie den Prüfcode so ein, wie er auf dem Dokument steht, zum Beispiel {EXAMPLE}"
            )
        return code


class FileForm(forms.Form):
    use_required_attribute = False
    file = forms.FileField(
        label="PDF-Datei",
        help_text="Höchstens 10 MB. Wir speichern die Datei nicht.",
        error_messages={
            "required": "Wählen Sie die PDF-Datei aus",
            "missing": "Wählen Sie die PDF-Datei aus",
            "empty": "Die Datei ist leer. Wählen Sie eine andere aus",
            "invalid": "Die Datei kam nicht an. Wählen Sie sie noch einmal aus",
        },
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )

    def clean_file(self) -> bytes:
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > MAX_BYTES:
            raise forms.ValidationError("Die Datei muss kleiner als 10 MB sein")
        data: bytes = upload.read()
        if not data.startswith(b"%PDF-"):
            raise forms.ValidationError("Die Datei muss ein PDF sein. Wählen Sie eine andere aus")
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
