"""Court mail that the OSCI client has fetched: <spool>/bebpo/inbox/<message id>.zip (mailbox/channels/bebpo.py).

The client names the file by the id of the OSCI message. By it the same message is one item, however often it is laid
down; nobody opens the file for that. Making the folder turns the source on.
"""

from pathlib import Path

from django.conf import settings

from forms_engine.intake.models import Source
from forms_engine.intake.sources import folders
from forms_engine.intake.sources.base import Polled
from mailbox.channels import bebpo


def folder() -> Path | None:
    """None where no client lays anything down."""
    if settings.MAILBOX_SPOOL is None:
        return None
    found: Path = settings.MAILBOX_SPOOL / bebpo.FOLDER / bebpo.INBOX
    return found if found.is_dir() else None


def poll(inbox: Path) -> Polled:
    """Take everything that lies there."""
    return folders.poll(Source.COURT, inbox, "court", named=_message_id)


def _message_id(path: Path, data: bytes) -> str:
    return f"osci:{path.stem}"
