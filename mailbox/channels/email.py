"""The neutral notice by e-mail: no content, no subject, no service: social secrecy covers even the kind of matter."""

import contextlib
import dataclasses
import functools
import re
import smtplib
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from portal.common import clock

SUBJECT = "Neue Nachricht in Ihrem Postfach"
REMINDER = "Erinnerung: ungelesene Nachricht in Ihrem Postfach"


@dataclasses.dataclass(frozen=True)
class Refusal:
    """Why a notice did not go out. `error` is a class and a code, never the server's words: they quote the address."""

    permanent: bool
    error: str


@dataclasses.dataclass(frozen=True)
class Taken:
    """The mail server took responsibility. `reply`: its words to that, with the queue's id but without addresses."""

    reply: str


class _Listening(smtplib.SMTP):
    """Keeps what the server says when it takes a mail; the standard library drops it."""

    last_reply = b""

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, self.last_reply = super().data(msg)
        return code, self.last_reply


class _ListeningSSL(_Listening, smtplib.SMTP_SSL):
    pass


class _Backend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _ListeningSSL if self.use_ssl else _Listening


def _connection() -> BaseEmailBackend:
    """As configured; in place of Django's own SMTP one that hears the server's answer."""
    made: BaseEmailBackend = get_connection()
    return _Backend() if type(made) is smtp.EmailBackend else made


def _reply(connection: BaseEmailBackend) -> str:
    said = getattr(getattr(connection, "connection", None), "last_reply", b"")
    return re.sub(r"\S*@\S*", "…", " ".join(said.decode("ascii", "replace").split()))[:120]


def return_path(message_id: str) -> str:
    """Where reports about this very mail come back (VERP): the token of the Message-ID in the envelope's sender.

    Empty if no address for reports is configured; then they come back to the sender of the mail.
    """
    local, at, domain = settings.MAILBOX_RETURN_PATH.rpartition("@")
    return f"{local}+{message_id.strip('<>').partition('@')[0]}@{domain}" if at else ""


def new_message_id() -> str:
    """A Message-ID (RFC 5322, 3.6.4) that tells nothing; stored, so that each try carries the same."""
    return f"<{clock.uuid()}@{_domain(settings.DEFAULT_FROM_EMAIL)}>"


@functools.cache
def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


class Session:
    """One connection to the mail server for several notices, opened when the first one wants it. A context manager.

    After a refusal the next notice gets a fresh connection. A server that cannot be reached is not asked again for
    each of them: all the rest are refused as the first was.
    """

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self._unreachable: Refusal | None = None
        self._texts: dict[bool, str] = {}  # the same for everybody: it may tell nothing

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def send(self, address: str, message_id: str, *, reminder: bool = False) -> Taken | Refusal:
        """Hand one notice to the mail server. Taken: the server took responsibility for it (RFC 5321, 6.1).

        Blocks for network time-outs (EMAIL_TIMEOUT each): never call it inside a transaction.
        """
        if self._unreachable:
            return self._unreachable
        if self._connection is None:
            self._connection = _connection()
            try:
                self._connection.open()
            except (smtplib.SMTPException, OSError) as error:
                self._unreachable = _refusal(error)
                return self._unreachable
        try:
            self._connection.send_messages([_mail(address, message_id, reminder, self._text(reminder))])
            return Taken(_reply(self._connection))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._close()
            return _refusal(error)

    def _text(self, reminder: bool) -> str:
        if reminder not in self._texts:
            context = {"url": settings.PUBLIC_URL, "city": settings.CITY, "reminder": reminder}
            self._texts[reminder] = render_to_string("mail/notice.txt", context)
        return self._texts[reminder]

    def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):  # it has answered already
                self._connection.close()
        self._connection = None


def _mail(address: str, message_id: str, reminder: bool, text: str) -> EmailMessage:
    return EmailMessage(
        subject=REMINDER if reminder else SUBJECT,
        body=text,
        to=[address],
        from_email=return_path(message_id) or None,
        # Auto-Submitted keeps out-of-office answers and mail loops away (RFC 3834, 5).
        headers={"From": settings.DEFAULT_FROM_EMAIL, "Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )


def _refusal(error: Exception) -> Refusal:
    """5xx about this recipient or this mail is final. All else may pass: what the server thinks of *us* is our fault.

    So a wrong password (535) or an unwelcome sender address (SMTPSenderRefused) does not fail every notice for good.
    """
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            codes = [code for code, _ in refused.values()]
            return Refusal(
                bool(codes) and min(codes) >= 500, f"SMTPRecipientsRefused {codes[0] if codes else ''}".strip()
            )
        case smtplib.SMTPDataError(smtp_code=code):
            return Refusal(code >= 500, f"SMTPDataError {code}")
        case smtplib.SMTPResponseException(smtp_code=code):
            return Refusal(False, f"{type(error).__name__} {code}")
        case ValueError():  # an address that cannot be written into a header, e.g. with a line break
            return Refusal(True, type(error).__name__)
    return Refusal(False, type(error).__name__)
