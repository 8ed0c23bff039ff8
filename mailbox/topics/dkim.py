"""A DKIM signature (RFC 6376), rsa-sha256, relaxed in the headers and simple in the body: what is in quoted-printable
has no blanks that a server on the way would mend.

One-click unsubscription counts only under a signature over its two fields (RFC 8058, 4). Usually the city's mail
server signs; where it does not, the portal does.
"""

import base64
import functools
import hashlib
import pathlib
import re
from collections.abc import Sequence

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings

from portal.common import clock

SMALLEST = 2048  # bits; RFC 8301, 3.2 asks for 1024 and advises this
SIGNED = (
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive", "List-Help", "List-Post", "Reply-To"),
)
Header = tuple[str, str]
_BLANKS = re.compile("[ \t]+")


class BadKey(ValueError):
    """The file holds no RSA key that may sign; the sentence is German and fit for operators."""


def sign(headers: Sequence[Header], body: bytes) -> Header | None:
    """The field to put before the others; None if no key is configured. `headers` unfolded or folded, `body` as it
    goes over the wire, with CRLF."""
    if settings.DKIM_KEY_FILE is None:
        return None
    digest = base64.b64encode(hashlib.sha256(_simple_body(body)).digest()).decode()
    known = {name.lower(): value for name, value in headers}
    present = [name for name in SIGNED if name.lower() in known]
    # Named once more than they are there, so that nobody can add a second one (RFC 6376, 8.15).
    names = [*present, "From", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post"]
    tags = {
        "v": "1",
        "a": "rsa-sha256",
        "c": "relaxed/simple",
        "d": settings.DKIM_DOMAIN,
        "s": settings.DKIM_SELECTOR,
        "t": str(int(clock.now().timestamp())),
        "h": ":".join(names),
        "bh": digest,
        "b": "",
    }
    value = "; ".join(f"{tag}={text}" for tag, text in tags.items())
    lines = [_relaxed(name, known[name.lower()]) for name in present]
    signed = "".join(f"{line}\r\n" for line in lines) + _relaxed("DKIM-Signature", value)
    raw = key(settings.DKIM_KEY_FILE).sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return "DKIM-Signature", _folded(value) + "\r\n ".join(_pieces(base64.b64encode(raw).decode()))


@functools.lru_cache(maxsize=2)
def key(file: pathlib.Path) -> rsa.RSAPrivateKey:
    """Raises BadKey."""
    try:
        found = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BadKey(f"{file} lässt sich nicht als Schlüssel lesen ({type(error).__name__})") from None
    if not isinstance(found, rsa.RSAPrivateKey) or found.key_size < SMALLEST:
        raise BadKey(f"{file} ist kein RSA-Schlüssel mit mindestens {SMALLEST} Bit")
    return found


def _relaxed(name: str, value: str) -> str:
    """RFC 6376, 3.4.2."""
    unfolded = value.replace("\r\n", "")
    return f"{name.lower()}:{_BLANKS.sub(' ', unfolded).strip()}"


def _simple_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.3."""
    return body.rstrip(b"\r\n") + b"\r\n"


def _folded(value: str) -> str:
    """Broken between tags, where relaxed canonicalisation sees one space before and after."""
    return value.replace("; ", ";\r\n ")


def _pieces(text: str) -> list[str]:
    return [text[start : start + 72] for start in range(0, len(text), 72)]
