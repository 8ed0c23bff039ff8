"""Files handed in on a case page: judged by their bytes, all stored or none."""

from collections.abc import Sequence
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from forms_engine.cases import flow
from forms_engine.cases.forms import MAX_FILES, HandInForm
from forms_engine.cases.models import Case
from forms_engine.submissions import arrivals, filenames, filetypes, texts
from forms_engine.submissions.models import Arrival
from forms_engine.submissions.quota import Dropped
from portal.accounts.models import User
from portal.documents import store
from portal.documents.models import StoredFile

ALLOWED = (filetypes.PDF, filetypes.JPEG, filetypes.PNG)


def scope(case: Case, user: User) -> str:
    """Whose arriving files these are: one person's for one case."""
    return f"{case.thread}:{user.pk}"


def accept(form: HandInForm, dropped: Sequence[Dropped]) -> list[tuple[StoredFile, str]] | None:
    """The stored files with clean names, or None with a sentence for each bad file on the form.

    `dropped`: what the upload handler did not even keep (quota.dropped).
    """
    for lost in dropped:
        sentence = (
            _too_big()
            if lost.cause == "size"
            else _("Wählen Sie höchstens %(max_files)s Dateien auf einmal aus.") % {"max_files": MAX_FILES}
        )
        form.refuse_file(f"„{filenames.clean(lost.name)}“: {sentence}")
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
    return [(store.put(cast(Any, file.file), media_type=kind, foreign=True), name) for file, name, kind in judged]


def _media_type(file: UploadedFile) -> str:
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise filetypes.Refused(_too_big())
    return filetypes.examine(cast(Any, file.file), ALLOWED)


def _too_big() -> str:
    return _("Die Datei muss kleiner als %(upload_max_bytes)s sein.") % {
        "upload_max_bytes": texts.size(settings.UPLOAD_MAX_BYTES)
    }


def arrived(form: HandInForm, case: Case, user: User, ids: Sequence[str]) -> list[Arrival]:
    """The files that came before the form, as many as go; the form hears of them before it is judged."""
    found = arrivals.waiting(scope(case, user), ids)
    form.arrived = len(found)
    return found


@transaction.atomic
def hand_in(
    case: Case, arrived: Sequence[Arrival], accepted: Sequence[tuple[StoredFile, str]], *, text: str, by: User
) -> bool:
    """flow.hand_in() with what arrived before: the files change hands in one step, or stay where they are."""
    held = arrivals.claim(arrived)
    before = [(arrival.stored, arrival.name) for arrival in held if arrival.stored]
    if not flow.hand_in(case, files=[*before, *accepted], text=text, by=by):
        return False
    arrivals.taken(held)
    return True


def discard(files: Sequence[tuple[StoredFile, str]]) -> None:
    """Forget files that no case took."""
    for stored, _name in files:
        store.destroy(stored)
