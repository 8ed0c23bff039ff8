"""The neutral notice by e-mail: no content, no subject, no service: social secrecy covers even the kind of matter."""

import dataclasses
import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from portal.common import clock

SUBJECT = "Neue Nachricht in Ihrem Postfach"


@dataclasses.dataclass(frozen=True)
class Refusal:
    """Why a notice did not go out. `error` is a class and a code, never the server's words: they quote the address."""

    permanent: bool
    error: str


def new_message_id() -> str:
    """A Message-ID (RFC 5322, 3.6.4) that tells nothing; stored, so that each try carries the same."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{clock.uuid()}@{domain}>"


def send(address: str, message_id: str) -> Refusal | None:
    """Hand one notice to the mail server. None: the server took responsibility for it (RFC 5321, 6.1).

    Blocks for network time-outs (EMAIL_TIMEOUT each): never call it inside a transaction.
    """
    context = {"url": settings.PUBLIC_URL, "city": settings.CITY}
    mail = EmailMessage(
        subject=SUBJECT,
        body=render_to_string("mail/notice.txt", context),
        to=[address],
        # Auto-Submitted keeps out-of-office answers and mail loops away (RFC 3834, 5).
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return _refusal(error)
    return None


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
