"""A mail, taken apart with limits (RFC 5322, 2045 to 2049, 2231). Pure: bytes in, values out, or a reason.

HTML is never shown as such: its text is taken out, without scripts, styles, pictures and addresses.
"""

import email.policy
import html.parser
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import parseaddr

from mailbox.texts import many_lines, one_line
from portal.documents import filenames

MAX_DEPTH, MAX_PARTS, MAX_HEADERS = 10, 200, 1000
MAX_TEXT = 100_000
_MAIL = re.compile(rb"^[!-9;-~]{1,80}[ \t]*:", re.ASCII)


class Unreadable(Exception):
    """The bytes stay as they are, and a person looks at them. The message is a German sentence."""


@dataclass(frozen=True)
class Attachment:
    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """What a mail says. `addresses` are all to which it was sent, `answerable` says whether a machine may answer."""

    subject: str = ""
    sender: str = ""  # the whole From line
    address: str = ""  # where an acknowledgement goes; "" if nowhere
    message_id: str = ""
    addresses: tuple[str, ...] = ()
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    answerable: bool = False
    problem: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def is_mail(head: bytes) -> bool:
    """Whether bytes begin like a mail: with a header line, or the envelope line of a mailbox file."""
    first = head.lstrip(b"\r\n").split(b"\n", 1)[0]
    return first.startswith(b"From ") or bool(_MAIL.match(first))


def read(data: bytes) -> Letter:
    """Take a mail apart. Raises Unreadable; what is merely odd is kept with a `problem`."""
    _count(data)
    try:
        message = BytesParser(policy=email.policy.default).parsebytes(data)
        found = list(_leaves(message))
        texts, attachments, odd = _sorted(found)
        return _letter(message, texts, attachments, odd)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, IndexError, RecursionError):
        # The standard library's reader of headers raises any of these on nonsense (its issue list is long).
        raise Unreadable("Die E-Mail ist beschädigt und lässt sich nicht zerlegen.") from None


def _count(data: bytes) -> None:
    """Refuse before the parser builds a tree of a million parts."""
    if not data.strip():
        raise Unreadable("Die E-Mail ist leer.")
    if data.lower().count(b"content-type:") > 2 * MAX_PARTS or data.count(b"\n--") > 20 * MAX_PARTS:
        raise Unreadable(f"Die E-Mail hat mehr als {MAX_PARTS} Teile.")
    head = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0]
    if head.count(b"\n") > MAX_HEADERS:
        raise Unreadable(f"Die E-Mail hat mehr als {MAX_HEADERS} Kopfzeilen.")


def _leaves(message: Message, depth: int = 0) -> Iterator[EmailMessage]:
    if depth > MAX_DEPTH:
        raise Unreadable(f"Die E-Mail ist tiefer als {MAX_DEPTH} Ebenen geschachtelt.")
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            yield from _leaves(part, depth + 1)  # type: ignore[arg-type]  # a multipart holds messages
    else:
        yield message  # type: ignore[misc]  # policy.default makes EmailMessage


def _sorted(leaves: list[EmailMessage]) -> tuple[str, tuple[Attachment, ...], str]:
    """The words (plain before HTML), the attachments, and what was odd."""
    if len(leaves) > MAX_PARTS:
        raise Unreadable(f"Die E-Mail hat mehr als {MAX_PARTS} Teile.")
    plain: list[str] = []
    rich: list[str] = []
    files: list[Attachment] = []
    odd = ""
    for number, part in enumerate(leaves, 1):
        kind, name = part.get_content_type(), part.get_filename()
        if kind in ("text/plain", "text/html") and not name and part.get_content_disposition() != "attachment":
            (plain if kind == "text/plain" else rich).append(_text(part))
            continue
        data = _bytes(part)
        if any(type(defect).__name__.startswith("InvalidBase64") for defect in part.defects):
            odd = "Eine Anlage ist beschädigt übertragen. Vergleichen Sie sie mit dem Original."
        files.append(Attachment(filenames.clean(name or f"Anlage-{number}{_ending(kind)}"), kind, data))
    words = plain if any(text.strip() for text in plain) else [plain_text(text) for text in rich]
    return many_lines("\n\n".join(words))[:MAX_TEXT], tuple(files), odd


def _letter(message: Message, text: str, files: tuple[Attachment, ...], odd: str) -> Letter:
    sender = _header(message, "From")
    address = parseaddr(_header(message, "Reply-To") or sender)[1]
    to = [_header(message, name) for name in ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")]
    return Letter(
        subject=_header(message, "Subject"),
        sender=sender,
        address=address if re.fullmatch(r"[^\s@<>,;:\"]{1,64}@[A-Za-z0-9.-]{1,250}", address) else "",
        message_id=_header(message, "Message-ID"),
        addresses=tuple(re.findall(r"[^\s@<>,;:\"]{1,100}@[A-Za-z0-9.-]{1,250}", " ".join(to))),
        text=text,
        attachments=files,
        answerable=_answerable(message),
        problem=odd,
    )


def _answerable(message: Message) -> bool:
    """Only what a person wrote gets an answer from a machine (RFC 3834, section 2)."""
    automatic = _header(message, "Auto-Submitted").lower() not in ("", "no")
    bulk = _header(message, "Precedence").lower() in ("bulk", "list", "junk", "auto_reply")
    lists = any(message.get(name) for name in ("List-Id", "List-Unsubscribe", "X-Auto-Response-Suppress", "X-Loop"))
    bounced = _header(message, "Return-Path") == "<>" or message.get_content_type() == "multipart/report"
    local = parseaddr(_header(message, "From"))[1].partition("@")[0].lower()
    machine = re.fullmatch(r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([+._-].*)?", local)
    return not (automatic or bulk or lists or bounced or machine)


def _header(message: Message, name: str) -> str:
    return one_line(str(message.get(name) or ""), 500)


def _text(part: EmailMessage) -> str:
    data = _bytes(part)[: 4 * MAX_TEXT]
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return data.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("cp1252", "replace")  # what is wrongly called something else is mostly this


def _bytes(part: EmailMessage) -> bytes:
    if part.get_content_maintype() == "message":  # a mail inside a mail is an attachment like any other
        inner = part.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and inner else b""  # type: ignore[union-attr]  # Message
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


_ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "message/rfc822": ".eml"}


def _ending(kind: str) -> str:
    return _ENDINGS.get(kind, ".bin")


class _Words(html.parser.HTMLParser):
    _SILENT = frozenset({"script", "style", "head", "title", "template", "noscript"})
    _BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table", "blockquote"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent += tag in self._SILENT
        if tag in self._BREAKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in self._SILENT))
        if tag in self._BREAKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(" ".join(data.split()) + (" " if data[-1:].isspace() else ""))


def plain_text(markup: str) -> str:
    """The words of a piece of HTML, one line per block."""
    reader = _Words()
    reader.feed(markup[: 4 * MAX_TEXT])
    reader.close()
    return re.sub(r"\n\s*\n+", "\n\n", "".join(reader.found)).strip()
