"""Takes the files of one posted page: judges each, stores the good ones at once, says for the others why not."""

from collections.abc import Iterator
from typing import BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from forms_engine.definitions.build import row_count
from forms_engine.definitions.language import fields as f
from forms_engine.submissions import actions
from forms_engine.submissions.completeness import Contents
from forms_engine.submissions.forms import limit_of
from forms_engine.submissions.models import Draft, Upload
from portal.common import sizes
from portal.documents import filenames, filetypes, quota

Sentences = dict[str, list[str]]
FileQuestion = tuple[str, f.FileField, int]  # name in the page, question, most rows of its group (0: in none)


def receive(request: HttpRequest, draft: Draft, contents: Contents, page_key: str) -> tuple[QueryDict, Sentences]:
    """Store what is acceptable. Returns the posted values, in rows with the ids of what has come, and per question one
    sentence for each file that is not taken. Raises NotOpen.
    """
    found: Sentences = {}
    posted = request.POST.copy()
    dropped = quota.dropped(request)
    for name, item, in_row in file_questions(contents, page_key, posted):
        sentences = [_take(draft, item, file, posted, name, in_row) for file in request.FILES.getlist(name)]
        for lost in dropped:
            if lost.field == name:
                sentence = too_big(limit_of(item)) if lost.cause == "size" else too_many(item)
                sentences.append(_about(lost.name, sentence))
        if any(sentences):
            found[name] = [sentence for sentence in sentences if sentence]
    return posted, found


def _take(draft: Draft, item: f.FileField, file: UploadedFile, posted: QueryDict, name: str, in_row: int) -> str:
    """The sentence why a file is not taken, "" if it is; in a row its id is added to the posted values."""
    try:
        if in_row and len(posted.getlist(name)) >= item.max_files:
            raise filetypes.Refused(too_many(item))
        upload = _store(draft, item, file, item.max_files * (in_row or 1))
    except filetypes.Refused as refused:
        return _about(file.name, refused.sentence)
    if in_row and str(upload.public_id) not in posted.getlist(name):
        posted.appendlist(name, str(upload.public_id))
    return ""


def file_questions(contents: Contents, page_key: str, posted: QueryDict | None) -> Iterator[FileQuestion]:
    """The file questions of a page, in as many rows as were posted; None: in every row there may be."""
    for item in contents.definition.page(page_key).questions:
        if item.name not in contents.evaluation.visible:
            continue
        if isinstance(item, f.FileField):
            yield item.name, item, 0
        elif isinstance(item, f.RepeatingField):
            members = [member for member in item.members if isinstance(member, f.FileField)]
            rows = item.maximum if posted is None else row_count(item, posted.get(f"{item.name}-rows"))
            for number in range(rows):
                yield from ((f"{item.name}-{number}-{member.name}", member, item.maximum) for member in members)


def _store(draft: Draft, item: f.FileField, file: UploadedFile, limit: int) -> Upload:
    if (file.size or 0) > limit_of(item):
        raise filetypes.Refused(too_big(limit_of(item)))
    source = cast(BinaryIO, file.file)
    media_type = filetypes.examine(source, item.media_types)
    name = filenames.clean(file.name or "")
    try:
        return actions.add_upload(draft, item.name, name, source, media_type=media_type, limit=limit)
    except actions.TooManyFiles:
        raise filetypes.Refused(too_many(item)) from None


def _about(name: str | None, sentence: str) -> str:
    return f"„{filenames.clean(name or '')}“: {sentence}"


def too_big(limit: int) -> str:
    return _("Die Datei muss kleiner als %(item)s sein.") % {"item": sizes.text(limit)}


def too_many(item: f.FileField) -> str:
    if item.max_files == 1:
        return _("Hier geht nur eine Datei. Entfernen Sie zuerst die vorhandene.")
    return _("Hier gehen höchstens %(max_files)s Dateien. Entfernen Sie zuerst eine.") % {"max_files": item.max_files}
