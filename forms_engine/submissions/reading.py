"""A draft with all that a page of the wizard needs, in one statement that is written out.

An application asks for it more than twenty times, and building such a query costs many times what answering it does.
"""

import base64
import json
from typing import Any
from uuid import UUID

from forms_engine.definitions.models import Form, FormVersion
from forms_engine.submissions.models import Draft, Upload
from mailbox import queries as mailbox
from portal.accounts.models import User
from portal.common import clock
from portal.documents.models import StoredFile

_VERSION = ("id", "form_id", "number", "sha256")  # the text, 70 KB of it, is read once per process
_FORM = ("id", "slug", "title")
_UPLOAD = ("id", "public_id", "field", "sealed_name", "stored_id", "sha256", "size", "media_type")
_STATEMENT = f"""
select d.*,
  array[v.id::text, v.form_id::text, v.number::text, v.sha256] as version_read,
  array[f.id::text, f.slug, f.title] as form_read,
  f.titles::text as titles_read,
  (select max(p.ends_at) from definitions_pause p
    where p.form_id = f.id and p.starts_at <= %(now)s and p.ends_at > %(now)s) as paused_until,
  (select json_agg(json_build_array(u.id, u.public_id, u.field, encode(u.sealed_name, 'base64'), u.stored_id, u.sha256,
      u.size, u.media_type, s.scan) order by u.id)
    from submissions_upload u join documents_storedfile s on s.id = u.stored_id
    where u.draft_id = d.id and u.removed_at is null)::text as uploads_read,
  ({mailbox.UNREAD}) as unread
from submissions_draft d
join definitions_formversion v on v.id = d.form_version_id
join definitions_form f on f.id = v.form_id
where d.owner_id = %(owner)s and d.public_id = %(draft)s
"""  # noqa: S608 - put together from constants


def draft_of(owner: User, public_id: UUID) -> Draft | None:
    """The person's own row in any state, with its form's version, its files (`files_read`), the end of the form's
    maintenance (`paused_until`) and the number of the person's unread messages (`unread`).
    """
    told = {"owner": owner.pk, "draft": public_id, "now": clock.now()}
    draft = next(iter(Draft.objects.raw(_STATEMENT, told)), None)
    if draft is None:
        return None
    read: dict[str, Any] = draft.__dict__
    version = FormVersion.from_db(draft._state.db, _VERSION, _numbered(read.pop("version_read"), 3))
    form = Form.from_db(draft._state.db, _FORM, _numbered(read.pop("form_read"), 1))
    form.titles = json.loads(read.pop("titles_read"))
    version.form, draft.form_version, draft.owner = form, version, owner
    files: dict[str, list[Upload]] = {}
    for row in json.loads(read.pop("uploads_read") or "[]"):
        upload = _upload(draft, row)
        files.setdefault(upload.field, []).append(upload)
    draft.files_read = files
    return draft


def _numbered(texts: list[str], count: int) -> list[Any]:
    return [*map(int, texts[:count]), *texts[count:]]


def _upload(draft: Draft, row: list[Any]) -> Upload:
    *own, scan = row
    values = dict(zip(_UPLOAD, own, strict=True))
    values |= {"public_id": UUID(values["public_id"]), "sealed_name": base64.b64decode(values["sealed_name"])}
    upload = Upload.from_db(draft._state.db, _UPLOAD, list(values.values()))
    upload.draft = draft
    upload.stored = StoredFile.from_db(draft._state.db, ("id", "scan"), [upload.stored_id, scan])
    return upload
