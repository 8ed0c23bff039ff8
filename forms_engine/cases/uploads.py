"""Files handed in on a case page: judged by their bytes, all stored or none."""

from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from forms_engine.cases.forms import HandInForm
from forms_engine.submissions import filenames, filetypes
from portal.documents import store
from portal.documents.models import StoredFile

ALLOWED = (filetypes.PDF, filetypes.JPEG, filetypes.PNG)


def accept(form: HandInForm) -> list[tuple[StoredFile, str]] | None:
    """The stored files with clean names, or None with a sentence for each bad file on the form."""
    if not form.is_valid():
        return None
    judged: list[tuple[UploadedFile, str, str]] = []
    for file in form.cleaned_data["unterlagen"]:
        name = filenames.clean(file.name or "")
        try:
            judged.append((file, name, _media_type(file)))
        except filetypes.Refused as refused:
            form.add_error("unterlagen", f"„{name}“: {refused.sentence}")
    if form.errors:
        return None
    return [(store.put(cast(Any, file.file), media_type=kind), name) for file, name, kind in judged]


def _media_type(file: UploadedFile) -> str:
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1_000_000
        raise filetypes.Refused(f"Die Datei muss kleiner als {limit} MB sein.")
    return filetypes.examine(cast(Any, file.file), ALLOWED)
