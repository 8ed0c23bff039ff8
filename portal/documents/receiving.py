"""Several files out of one plain input: judged by their bytes, stored encrypted, all of them or none."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from portal.common import sizes
from portal.documents import filenames, filetypes, store
from portal.documents.models import StoredFile
from portal.documents.quota import Dropped

ALLOWED = (filetypes.PDF, filetypes.JPEG, filetypes.PNG)
MAX_FILES = 5


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files in one plain input; the content is judged by the view (magic bytes)."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, (list, tuple)) else [data] if data else []
        if len(files) > MAX_FILES:
            raise ValidationError(
                _("Wählen Sie höchstens %(max_files)s Dateien auf einmal aus.") % {"max_files": MAX_FILES}
            )
        return list(files)


class FilesForm(forms.Form):
    """A form with one such field. What did not even arrive here is refused before the form is judged."""

    files_field = "dateien"

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._refused: list[str] = []

    def refuse_file(self, sentence: str) -> None:
        """A file that was sent but did not arrive here: the person reads why."""
        self._refused.append(sentence)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for sentence in self._refused:
            self.add_error(self.files_field, sentence)
        return data


def accept(form: FilesForm, dropped: Sequence[Dropped]) -> list[tuple[StoredFile, str]] | None:
    """The stored files with clean names, waiting for their scan, or None with a sentence for each bad file on the form.

    `dropped`: what the upload handler did not even keep (quota.dropped). Never inside a transaction: files are written.
    """
    for lost in dropped:
        sentence = too_big() if lost.cause == "size" else too_many()
        form.refuse_file(f"„{filenames.clean(lost.name)}“: {sentence}")
    if not form.is_valid():
        return None
    judged: list[tuple[UploadedFile, str, str]] = []
    for file in form.cleaned_data[form.files_field]:
        name = filenames.clean(file.name or "")
        try:
            judged.append((file, name, _media_type(file)))
        except filetypes.Refused as refused:
            form.add_error(form.files_field, f"„{name}“: {refused.sentence}")
    if form.errors:
        return None
    return [(store.put(cast(Any, file.file), media_type=kind, foreign=True), name) for file, name, kind in judged]


def discard(files: Sequence[tuple[StoredFile, str]]) -> None:
    """Forget files that nobody took."""
    for stored, _name in files:
        store.destroy(stored)


def _media_type(file: UploadedFile) -> str:
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise filetypes.Refused(too_big())
    return filetypes.examine(cast(Any, file.file), ALLOWED)


def too_big() -> str:
    return _("Die Datei muss kleiner als %(upload_max_bytes)s sein.") % {
        "upload_max_bytes": sizes.text(settings.UPLOAD_MAX_BYTES)
    }


def too_many() -> str:
    return _("Wählen Sie höchstens %(max_files)s Dateien auf einmal aus.") % {"max_files": MAX_FILES}
