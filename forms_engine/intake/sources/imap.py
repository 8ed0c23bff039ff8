"""A mailbox on a mail server, asked by IMAP (RFC 3501, 6851) over TLS.

A message is stored and committed first, then moved into another folder of the mailbox. Killed in between, it is found
again under the same UID and makes no second row. Read marks count for nothing: people look into mailboxes, too.
"""

import base64
import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator

from django.conf import settings

from forms_engine.intake.models import Source
from forms_engine.intake.receiving import KeyReused, TooLarge, receive
from forms_engine.intake.sources.base import Polled

SECONDS = 30
BATCH = 200
LABEL = "mail"


class Refused(Exception):
    """The server said no. The message is a German sentence without its words."""


def poll() -> Polled:
    """Take what lies in the folder. What goes wrong stays there and is told."""
    told = Polled(LABEL)
    try:
        with _signed_in() as line:
            validity, able = _select(line), _able(line)
            for uid in _uids(line):
                _take_over(line, validity, uid, able, told)
    except Refused as problem:
        told.problems.append(str(problem))
    except (imaplib.IMAP4.error, OSError) as error:
        told.problems.append(f"Der Mailserver ist nicht erreichbar oder antwortet falsch ({type(error).__name__}).")
    return told


@contextlib.contextmanager
def _signed_in() -> Iterator[imaplib.IMAP4]:
    host, port = settings.INTAKE_IMAP_HOST, settings.INTAKE_IMAP_PORT
    line: imaplib.IMAP4
    if host in ("127.0.0.1", "localhost", "::1"):  # the same machine needs no TLS
        line = imaplib.IMAP4(host, port, timeout=SECONDS)
    else:
        line = imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=SECONDS)
    with line:
        try:
            _sign_in(line)
        except imaplib.IMAP4.error:
            raise Refused("Der Mailserver nimmt Name oder Kennwort nicht an. Prüfen Sie PORTAL_INTAKE_IMAP_…") from None
        yield line


def _sign_in(line: imaplib.IMAP4) -> None:
    """By LOGIN where name and password are ASCII; it knows no other letters, SASL PLAIN (RFC 4616) does."""
    user, password = settings.INTAKE_IMAP_USER, settings.INTAKE_IMAP_PASSWORD
    if (user + password).isascii():
        line.login(user, password)
    else:
        line.authenticate("PLAIN", lambda _challenge: f"\0{user}\0{password}".encode())


def _select(line: imaplib.IMAP4) -> str:
    """Open the folder. Returns its UIDVALIDITY: with it a UID names one message for ever."""
    if line.select(_quoted(settings.INTAKE_IMAP_FOLDER))[0] != "OK":
        raise Refused("Das Postfach hat den Ordner aus PORTAL_INTAKE_IMAP_FOLDER nicht. Prüfen Sie den Namen.")
    line.create(_quoted(settings.INTAKE_IMAP_DONE))  # says no where it exists
    _kind, values = line.response("UIDVALIDITY")
    return values[0].decode() if values and values[0] else "0"


def _able(line: imaplib.IMAP4) -> set[str]:
    """What the server can do; many tell all of it only after the sign-in."""
    _kind, words = line.capability()
    return set((words[0] or b"").decode().upper().split())


def _uids(line: imaplib.IMAP4) -> list[str]:
    kind, found = line.uid("SEARCH", "UNDELETED")
    if kind != "OK":
        raise Refused("Der Mailserver sucht nicht. Prüfen Sie das Postfach.")
    return (found[0] or b"").decode().split()[:BATCH]


def _take_over(line: imaplib.IMAP4, validity: str, uid: str, able: set[str], told: Polled) -> None:
    if _take(line, validity, uid, told):
        _clear(line, uid, able)


def _take(line: imaplib.IMAP4, validity: str, uid: str, told: Polled) -> bool:
    """Whether the message is stored here, so that it may go there."""
    kind, sizes = line.uid("FETCH", uid, "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(part for part in sizes if isinstance(part, bytes)))
    if kind != "OK" or size is None:
        return False
    if int(size[1]) > settings.INTAKE_MAX_BYTES:
        told.problems.append(f"Die Nachricht {uid} ist zu groß und bleibt im Postfach.")
        return False
    kind, parts = line.uid("FETCH", uid, "(BODY.PEEK[])")
    data = next((part[1] for part in parts if isinstance(part, tuple)), b"")
    if kind != "OK" or not data:
        told.problems.append(f"Die Nachricht {uid} ließ sich nicht holen und bleibt im Postfach.")
        return False
    try:
        told.count(receive(Source.MAIL, data, name=f"imap:{validity}:{uid}").fresh)
    except (KeyReused, TooLarge):
        told.problems.append(f"Die Nachricht {uid} ist jetzt eine andere und bleibt im Postfach.")
        return False
    return True


def _clear(line: imaplib.IMAP4, uid: str, able: set[str]) -> None:
    """MOVE is RFC 6851; UID EXPUNGE (RFC 4315) leaves alone what others have marked."""
    done = _quoted(settings.INTAKE_IMAP_DONE)
    if "MOVE" in able:
        line.uid("MOVE", uid, done)
        return
    if line.uid("COPY", uid, done)[0] == "OK":
        line.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in able:
            line.uid("EXPUNGE", uid)
        else:
            line.expunge()


def _quoted(name: str) -> str:
    """The name of a folder: modified UTF-7 (RFC 3501, 5.1.3) within quotes."""
    parts = re.sub(r"[^ -~]+", lambda found: _shifted(found[0]), name.replace("&", "&-"))
    return '"' + parts.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shifted(letters: str) -> str:
    """Letters beyond ASCII between & and -: UTF-16 in Base64 with a comma for its slash, without padding."""
    coded = base64.b64encode(letters.encode("utf-16-be"), b"+,").decode()
    return f"&{coded.rstrip('=')}-"
