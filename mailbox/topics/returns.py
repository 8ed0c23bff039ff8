"""What arrives at the return address: reports about mails that came back (RFC 3464), and written unsubscriptions.

Somebody else's mail server drops .eml files into PORTAL_NEWSLETTER_MAIL_FOLDER. A file is moved into "erledigt" once it
has been acted upon, or into "unklar" for a human. Acting twice does no harm, so a crash between costs nothing.
"""

import email
import pathlib
import re
from email.message import Message
from email.utils import getaddresses

from django.conf import settings

from mailbox import bounces as reports
from mailbox.topics import actions, bounces, mails
from mailbox.topics.models import Ended, Subscription
from portal.common import tickets

BATCH = 100
LARGEST = 2_000_000  # bytes; a report quotes at most the mail that came back
DONE, UNCLEAR = "erledigt", "unklar"
_ASKED = re.compile(r"Abmelden\s+(?P<token>[\w-]{43})\b", re.ASCII | re.IGNORECASE)


def sweep_returns() -> int:
    """Read what lies in the folder. How many files were moved."""
    folder = settings.NEWSLETTER_MAIL_FOLDER
    if folder is None:
        return 0
    files = sorted(path for path in pathlib.Path(folder).glob("*.eml") if path.is_file() and not path.is_symlink())
    for path in files[:BATCH]:
        understood = path.stat().st_size <= LARGEST and receive(path.read_bytes())
        target = pathlib.Path(folder) / (DONE if understood else UNCLEAR)
        target.mkdir(exist_ok=True)
        path.replace(target / path.name)
    return len(files[:BATCH])


def receive(raw: bytes) -> bool:
    """Act upon one mail. False: nothing of it is meant for us, such as an out-of-office answer."""
    found = email.message_from_bytes(raw)  # the old policy: it takes any header as text and stumbles over none
    return _reported(found, reports.read(raw)) or _unsubscription(found)


def _reported(found: Message, report: reports.Report | None) -> bool:
    """The return path names the mail, the machine-readable part the reason. A report without one is a human's."""
    dispatch = next(filter(None, map(mails.returned, _recipients(found))), None)
    if dispatch is None or report is None or not (report.final and report.status):
        return False
    bounces.bounced(dispatch, report.status)
    return True


def _recipients(found: Message) -> list[str]:
    fields = [str(value) for name in ("To", "Delivered-To", "X-Original-To") for value in found.get_all(name, [])]
    return [address for _name, address in getaddresses(fields)]


def _unsubscription(found: Message) -> bool:
    """The secret in the subject is the proof, whoever sends it: readers forward their mail to other addresses."""
    asked = _ASKED.search(str(found.get("Subject", "")))
    row = asked and Subscription.objects.filter(token_hash=tickets.digest(asked["token"])).first()
    if not row:
        return False
    actions.end([row], Ended.ASKED)
    return True
