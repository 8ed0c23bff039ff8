"""One mail of an issue, personal in its links and nothing else: MIME, list headers, return path, signature.

Standards: RFC 5322 and 2046 (form), 2369 and 2919 (List-*), 8058 (one click), 3834 (Auto-Submitted), 6376 (DKIM). No
picture, no counted link: nobody learns who opened what.
"""

import binascii
import dataclasses
import functools
import re
from collections.abc import Sequence
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core import mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.safestring import SafeString, mark_safe

from mailbox import texts
from mailbox.topics import dkim, writing
from mailbox.topics.models import Issue, Topic
from portal.common import clock, languages, tickets

_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")
_RETURN = re.compile(r"(?P<dispatch>[0-9a-f]{32})\.(?P<mac>[0-9a-f]{12})")


TOKEN = "0" * 43  # as long as a secret; none is only zeros
# Stand for the personal links until they are known: no text can contain them (texts.many_lines takes controls away).
END, CHOOSE = "\x01end\x01", "\x01choose\x01"


class BadHeader(ValueError):
    """A value that would end its field."""


class Ready(mail.EmailMessage):
    """For Django's mail backends: bytes that are sent as they are, whatever signature they carry."""

    def __init__(self, raw: bytes, *, sender: str, address: str):
        super().__init__(subject="", body="", from_email=sender, to=[address])
        self.raw = raw

    def message(self, *args: Any, **kwargs: Any) -> Any:
        return _Bytes(self.raw)


class _Bytes:
    def __init__(self, raw: bytes):
        self._raw = raw

    def as_bytes(self, unixfrom: bool = False, linesep: str = "\n") -> bytes:
        return self._raw if linesep == "\r\n" else self._raw.replace(b"\r\n", linesep.encode())

    def get_charset(self) -> None:
        return None


@dataclasses.dataclass(frozen=True)
class Links:
    """Of one subscription, in full."""

    end: str
    choose: str
    token: str  # of the first, for the written way

    @classmethod
    def of(cls, subscription_token: str, reader_token: str) -> "Links":
        end, choose = (_pattern(name, settings.PUBLIC_URL) for name in ("topics:end", "topics:choose"))
        return cls(end.replace(TOKEN, subscription_token), choose.replace(TOKEN, reader_token), subscription_token)


@functools.cache
def _pattern(name: str, base: str) -> str:
    """The address with TOKEN in place of the secret: looked up once, not for every mail."""
    return address(name, TOKEN)


def address(name: str, *args: object) -> str:
    """In full, of the German page: what is in a mail is the same for all."""
    with translation.override(languages.GERMAN):
        return settings.PUBLIC_URL + reverse(name, args=args)


@dataclasses.dataclass(frozen=True)
class Sheet:
    """What all mails of an issue have in common."""

    topic: Topic
    title: str
    line: str  # "Nr. 242/2026, 23. November 2026"
    written: writing.Written
    online: str

    @classmethod
    def of(cls, issue: Issue) -> "Sheet":
        where = ("topics:issue", issue.topic.slug, issue.year, issue.number) if issue.number else ("topics:index",)
        written = writing.read(issue.body, base=settings.PUBLIC_URL)
        return cls(issue.topic, texts.one_line(issue.title), line_of(issue), written, address(*where))

    @property
    def html(self) -> SafeString:
        """writing.py escapes everything but its own few tags."""
        return mark_safe(self.written.html)  # noqa: S308 - see above

    @property
    def subject(self) -> str:
        return f"{self.topic.title}: {self.title}"

    @functools.cached_property
    def headers(self) -> Sequence[tuple[str, str]]:
        """No Precedence: RFC 3834 has taken its place."""
        display = f"{self.topic.title} – {settings.CITY['name']}"
        fields = [
            ("From", formataddr((_encoded("From", display), sender()))),
            ("Subject", _encoded("Subject", self.subject)),
            ("Auto-Submitted", "auto-generated"),
            ("List-Id", f"{_encoded('List-Id', self.topic.title)} <{self.topic.slug}.newsletter.{_domain()}>"),
            ("List-Archive", f"<{address('topics:topic', self.topic.slug)}>"),
            ("List-Help", f"<{address('topics:index')}>"),
            ("List-Post", "NO"),
        ]
        return _sound(fields)

    @functools.cached_property
    def forms(self) -> tuple["Form", "Form"]:
        """Text and HTML for everybody; END and CHOOSE stand where the links come."""
        text, html = self.parts(Links(END, CHOOSE, ""))
        return Form(text), Form(html)

    @functools.cached_property
    def trial(self) -> tuple["Form", "Form"]:
        text, html = self.parts(None)
        return Form(text), Form(html)

    def parts(self, links: Links | None) -> tuple[str, str]:
        """The text and the HTML. None: a look at it before anybody reads it."""
        context = {"sheet": self, "links": links, "city": settings.CITY, "contact": address("home:contact")}
        with translation.override(languages.GERMAN):
            return (
                render_to_string("mail/newsletter.txt", context),
                render_to_string("mail/newsletter.html", context),
            )


def line_of(issue: Issue) -> str:
    """Number and day as the Rathausumschau counts them; what has not appeared yet has none."""
    if issue.published_at is None:
        return "noch nicht erschienen"
    day = clock.local(issue.published_at)
    return f"Nr. {issue.number}/{issue.year}, {day:%d.%m.%Y}"


def compose(sheet: Sheet, recipient: str, mail_id: str, links: Links | None) -> bytes:
    """The whole mail with CRLF. `links` None: a test mail, which nobody can be unsubscribed by. Raises BadHeader."""
    boundary = f"=_{clock.token(18)}"
    content = b"".join(
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
        + form.filled(links)
        + b"\r\n"
        for kind, form in zip(("plain", "html"), sheet.forms if links else sheet.trial, strict=True)
    )
    content += f"--{boundary}--\r\n".encode()
    headers = [
        *_headers(sheet, recipient, mail_id, links),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative;\r\n boundary="{boundary}"'),
    ]
    signature = dkim.sign(headers, content)
    lines = "".join(f"{name}: {value}\r\n" for name, value in ([signature, *headers] if signature else headers))
    return lines.encode("ascii") + b"\r\n" + content


class Form:
    """A part of the mail in quoted-printable (RFC 2045, 6.7). Its lines are independent of each other, so those without
    a personal link are encoded once for all readers."""

    def __init__(self, text: str) -> None:
        self._pieces: list[bytes | str] = []
        for line in text.replace("\r\n", "\n").split("\n"):
            if END in line or CHOOSE in line:
                self._pieces.append(line)
            elif self._pieces and isinstance(self._pieces[-1], bytes):
                self._pieces[-1] += _quoted(line)
            else:
                self._pieces.append(_quoted(line))

    def filled(self, links: Links | None) -> bytes:
        end, choose = (links.end, links.choose) if links else ("", "")
        return b"".join(
            piece if isinstance(piece, bytes) else _quoted(piece.replace(END, end).replace(CHOOSE, choose))
            for piece in self._pieces
        )


def _quoted(line: str) -> bytes:
    """One line with its CRLF; a dot or "From " at its beginning is nobody's business but the transport's."""
    return binascii.b2a_qp(line.encode(), quotetabs=False, istext=True).replace(b"\n", b"\r\n") + b"\r\n"


def _headers(sheet: Sheet, recipient: str, mail_id: str, links: Links | None) -> Sequence[tuple[str, str]]:
    own = [("To", recipient), ("Date", format_datetime(clock.now())), ("Message-ID", mail_id)]
    if links:
        written = f"mailto:{returning()}?subject=Abmelden%20{links.token}"
        own += [
            ("List-Unsubscribe", f"<{links.end}>,\r\n <{written}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    return [*sheet.headers, *_sound(own)]


def _sound(headers: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """As they are. Raises BadHeader."""
    for name, value in headers:
        if _UNSEEN.search(value.replace("\r\n ", "")) or not value.isascii():
            raise BadHeader(name)
    return headers


def _encoded(name: str, text: str) -> str:
    """RFC 2047 where it is needed, folded."""
    plain = texts.one_line(text)
    charset = "us-ascii" if plain.isascii() else "utf-8"
    return Header(plain, charset, header_name=name, maxlinelen=76).encode(linesep="\r\n")


def sender() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def returning() -> str:
    """Where mails come back to, and written unsubscriptions go."""
    return settings.NEWSLETTER_RETURN or sender()


def _domain() -> str:
    return sender().rpartition("@")[2] or "localhost"


def mail_id(dispatch: str) -> str:
    """The same at every try, and no way back to the row. `dispatch`: the 32 digits of its number."""
    return f"<{tickets.digest(dispatch)[:32]}@{_domain()}>"


def return_path(dispatch: str) -> str:
    """Where this one mail comes back to (VERP). Signed: who has seen a mail cannot invent a report about another."""
    local, _at, domain = returning().rpartition("@")
    return f"{local}+{dispatch}.{_mac(dispatch)}@{domain}"


def returned(address: str) -> str | None:
    """The 32 digits of the dispatch that a return path names; None if it is not one of ours."""
    found = _RETURN.fullmatch(address.rpartition("@")[0].rpartition("+")[2].lower())
    genuine = found and constant_time_compare(found["mac"], _mac(found["dispatch"]))
    return found["dispatch"] if found and genuine else None


def _mac(dispatch: str) -> str:
    return salted_hmac("topics.return", dispatch, algorithm="sha256").hexdigest()[:12]
