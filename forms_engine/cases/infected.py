"""What happens to a case when a scan finds something in one of its files: locked, told, asked for again."""

from django.db import transaction

from forms_engine.cases import events, post
from forms_engine.cases.models import Case
from forms_engine.submissions.models import SubmissionFile
from mailbox.letters import Opener
from mailbox.models import Attachment
from portal.common.crypto import KeyDestroyed
from portal.documents import filenames
from portal.documents.models import StoredFile


@transaction.atomic
def file_infected(stored: StoredFile) -> None:
    """The person reads which file it is and what to do, the clerks see that it is locked. Told once per file.

    A file of an open draft belongs to no case yet: its page says so itself.
    """
    found = _case_of(stored)
    if found is None or not stored.is_infected:
        return
    case, name = found
    key = f"infected:{stored.public_id}"
    first = not case.events.filter(kind="file_infected", data__file=str(stored.public_id)).exists()
    if first:
        events.note(case, "file_infected", "system:documents", file=str(stored.public_id))
    post.send(
        case,
        subject=f"Eine Datei müssen Sie neu einreichen: {case.title}",
        body=(
            f"In Ihrer Datei „{name}“ haben wir Schadsoftware gefunden. Wir haben die Datei gesperrt.\n\n"
            "Das können Sie tun:\n"
            "– Prüfen Sie Ihr Gerät mit einem Virenscanner.\n"
            "– Erstellen Sie die Datei neu, zum Beispiel mit einem Scan oder Foto.\n"
            "– Antworten Sie auf diese Nachricht. Wir fordern die Datei dann neu an.\n\n"
            "Ihr Antrag ist weiterhin bei uns eingegangen."
        ),
        dedupe_key=key,
    )


def _case_of(stored: StoredFile) -> tuple[Case, str] | None:
    """The case a file belongs to, and the name its person gave it."""
    sent = SubmissionFile.objects.select_related("submission").filter(stored=stored).first()
    cases = Case.objects.for_pages()
    if sent is not None:
        case = cases.filter(submission=sent.submission_id).first()
        return (case, _name(sent)) if case else None
    case = cases.filter(documents__stored=stored).first()
    if case is None:
        return _of_reply(stored)
    document = case.documents.get(stored=stored)
    opened = case.envelope.open(document.name_sealed, case.place(f"document:{document.public_id}"))
    return case, opened.decode()


def _name(file: SubmissionFile) -> str:
    try:
        return file.name
    except KeyDestroyed:
        return filenames.clean("")


def _of_reply(stored: StoredFile) -> tuple[Case, str] | None:
    """A file that came with an answer in the postbox."""
    found = Attachment.objects.select_related("message__mailbox").filter(stored=stored).first()
    kind, _, public_id = found.message.thread.partition(":") if found else ("", "", "")
    if found is None or kind != "case":
        return None
    return Case.objects.for_pages().get(public_id=public_id), Opener().name(found)
