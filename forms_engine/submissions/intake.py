"""Takes the files of one posted page: judges each, stores the good ones at once, says for the others why not."""

from typing import BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from forms_engine.definitions.language import fields as f
from forms_engine.submissions import actions, filenames, filetypes, quota, texts
from forms_engine.submissions.completeness import Contents
from forms_engine.submissions.forms import limit_of
from forms_engine.submissions.models import Draft

Sentences = dict[str, list[str]]


def receive(request: HttpRequest, draft: Draft, contents: Contents, page_key: str) -> Sentences:
    """Store what is acceptable; returns per question one sentence for each file that is not. Raises NotOpen."""
    found: Sentences = {}
    dropped = quota.dropped(request)
    for item in contents.definition.page(page_key).questions:
        if not isinstance(item, f.FileField) or item.name not in contents.evaluation.visible:
            continue
        for file in request.FILES.getlist(item.name):
            try:
                _store(draft, item, file)
            except filetypes.Refused as refused:
                found.setdefault(item.name, []).append(_about(file.name, refused.sentence))
        for lost in dropped:
            if lost.field == item.name:
                sentence = _too_big(item) if lost.cause == "size" else _too_many(item)
                found.setdefault(item.name, []).append(_about(lost.name, sentence))
    return found


def _store(draft: Draft, item: f.FileField, file: UploadedFile) -> None:
    if (file.size or 0) > limit_of(item):
        raise filetypes.Refused(_too_big(item))
    source = cast(BinaryIO, file.file)
    media_type = filetypes.examine(source, item.media_types)
    name = filenames.clean(file.name or "")
    try:
        actions.add_upload(draft, item.name, name, source, media_type=media_type, limit=item.max_files)
    except actions.TooManyFiles:
        raise filetypes.Refused(_too_many(item)) from None


def _about(name: str | None, sentence: str) -> str:
    return f"„{filenames.clean(name or '')}“: {sentence}"


def _too_big(item: f.FileField) -> str:
    return _("Die Datei muss kleiner als %(item)s sein.") % {"item": texts.size(limit_of(item))}


def _too_many(item: f.FileField) -> str:
    if item.max_files == 1:
        return _("Hier geht nur eine Datei. Entfernen Sie zuerst die vorhandene.")
    return _("Hier gehen höchstens %(max_files)s Dateien. Entfernen Sie zuerst eine.") % {"max_files": item.max_files}
