"""What lies in an archive of a mailbox: one mail file a message, a print of them, a list with checksums."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from email import headerregistry, message, policy, utils
from typing import Any, cast

from django.conf import settings
from django.db.models import Prefetch
from django.utils.text import slugify

from mailbox import texts
from mailbox.letters import Letter, Opener
from mailbox.models import Attachment, Export, Message
from portal.common import clock
from portal.common.crypto import KeyDestroyed
from portal.common.pieces import Pipe
from portal.documents import render, store
from portal.documents.models import StoredFile

MOST_PRINTED, ON_ONE_PRINT = 500, 50  # messages
CHUNK = 200


def pieces(export: Export) -> Iterator[bytes]:
    """The ZIP, piece by piece. Files lie in it as they are: most are packed already."""
    pipe, listed = Pipe(), list[dict[str, Any]]()
    with zipfile.ZipFile(cast(Any, pipe), "w", zipfile.ZIP_DEFLATED) as archive:
        for number, letter in enumerate(_letters(export), start=1):
            name = f"nachrichten/{number:05d}-{_stem(letter)}.eml"
            listed.append(_add(archive, name, _mail(export, letter), letter))
            yield pipe.take()
        printed = list(export.chosen)[-MOST_PRINTED:]
        for number, part in enumerate(_parts(printed, ON_ONE_PRINT), start=1):
            listed.append(_add(archive, f"druck/{number:03d}.pdf", _print(export, part)))
            yield pipe.take()
        archive.writestr("manifest.json", _manifest(export, listed))
    yield pipe.take()


def _letters(export: Export, keys: Sequence[int] | None = None) -> Iterator[Letter]:
    opener = Opener()
    for part in _parts(export.chosen if keys is None else keys, CHUNK):
        rows = Message.objects.filter(mailbox=export.mailbox, pk__in=part, withdrawn_at=None).order_by("id")
        rows = rows.select_related("mailbox__user", "author")
        with_files = Prefetch("attachments", Attachment.objects.select_related("stored", "message__mailbox"))
        for row in rows.prefetch_related(with_files, "replies"):
            yield opener.letter(row)


def _parts(keys: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


def _stem(letter: Letter) -> str:
    return f"{clock.local(letter.at):%Y-%m-%d}-{slugify(letter.subject)[:40] or 'nachricht'}"


def _mail(export: Export, letter: Letter) -> bytes:
    """The message as a file for mail programs (RFC 5322). Headers cannot be broken: all of them are single lines."""
    domain = utils.parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    owner = headerregistry.Address(
        texts.one_line(str(export.mailbox.user)), f"postfach-{export.mailbox.number}", domain
    )
    city = letter.sender if letter.received else str(settings.CITY["name"])
    office = headerregistry.Address(texts.one_line(city), "stadt", domain)
    mail = message.EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"] = (office, owner) if letter.received else (owner, office)
    mail["Date"] = letter.at
    mail["Subject"] = letter.subject
    mail["Message-ID"] = f"<{letter.public_id}@{domain}>"
    mail.set_content(letter.body or " ")
    for file in letter.attachments:
        kind, _, sub = file.media_type.partition("/")
        mail.add_attachment(_bytes(file.stored), maintype=kind, subtype=sub or "octet-stream", filename=file.name)
    return mail.as_bytes()


def _bytes(stored: StoredFile) -> bytes:
    if not stored.can_open:
        return "Diese Datei ist noch nicht geprüft oder gesperrt.".encode()
    try:
        return store.read(stored)
    except KeyDestroyed:
        return "Diese Datei wurde gelöscht.".encode()


def _print(export: Export, keys: Sequence[int]) -> bytes:
    """Letters of some messages as one PDF."""
    context = {"letters": list(_letters(export, keys)), "owner": export.mailbox.user, "number": export.mailbox.number}
    return render.render_pdf("mailbox/print.html", context, title="Nachrichten", created=export.asked_at)


def _add(archive: zipfile.ZipFile, name: str, data: bytes, letter: Letter | None = None) -> dict[str, Any]:
    archive.writestr(name, data)
    facts: dict[str, Any] = {"datei": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    if letter is not None:
        facts |= {"nachricht": str(letter.public_id), "vom": letter.at.isoformat(), "von": letter.sender}
    return facts


def _manifest(export: Export, listed: list[dict[str, Any]]) -> str:
    facts = {"postfach": export.mailbox.number, "erstellt": export.asked_at.isoformat(), "dateien": listed}
    return json.dumps(facts, ensure_ascii=False, indent=1)
