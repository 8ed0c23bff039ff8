"""What exists only in the demonstration: invented people to sign in as, and the mails that were not sent."""

import dataclasses
import datetime
import email.policy
import pathlib
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

SEPARATOR = b"\n" + b"-" * 79 + b"\n"  # between mails in a file of django.core.mail.backends.filebased
LIMIT = 50


@dataclasses.dataclass(frozen=True)
class DemoLogin:
    name: str
    role: str
    next: str = ""  # where the sign-in leads; "" for the page that asked for it
    password: str = "ein gutes Kennwort"  # noqa: S105 - shown on the demo's sign-in page

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@stadt.invalid"


DEMO_LOGINS = (
    DemoLogin("Alice", "Bürgerin, stellt Anträge"),
    DemoLogin("Bob", "Bürger"),
    DemoLogin("Clara", "Sachbearbeitung", "/verwaltung/"),
    DemoLogin("Theo", "Teamleitung", "/verwaltung/"),
    DemoLogin("Otto", "Betrieb", "/verwaltung/"),
    DemoLogin("Edda", "Redaktion", "/verwaltung/"),
)


@dataclasses.dataclass(frozen=True)
class DemoMail:
    sent_at: datetime.datetime | None
    to: str
    subject: str
    text: str


def demo_mails(folder: pathlib.Path) -> list[DemoMail]:
    """The newest mails of the folder, newest first. Reads nothing but plain *.log files lying directly in it."""
    files = [path for path in folder.glob("*.log") if path.is_file() and not path.is_symlink()]
    mails: list[DemoMail] = []
    for path in sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True):
        parts = path.read_bytes().split(SEPARATOR)
        mails += [_read(part) for part in reversed(parts) if part.strip()]
        if len(mails) >= LIMIT:
            break
    return mails[:LIMIT]


def _read(raw: bytes) -> DemoMail:
    message = email.message_from_bytes(raw.lstrip(), _class=EmailMessage, policy=email.policy.default)
    body = message.get_body(("plain",))
    return DemoMail(
        sent_at=_moment(message["Date"]),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=body.get_content().strip() if isinstance(body, EmailMessage) else "",
    )


def _moment(header: str | None) -> datetime.datetime | None:
    """Django writes the date in UTC with the zone "-0000", which Python reads as no zone at all."""
    moment = parsedate_to_datetime(header) if header else None
    return moment.replace(tzinfo=datetime.UTC) if moment and moment.tzinfo is None else moment
