"""One appointment as a calendar file (RFC 5545). Pure: the same values give the same bytes."""

import datetime as dt
from dataclasses import dataclass

PRODUCT = "-//Serviceportal//Termine//DE"
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True)
class Entry:
    """`uid` stays the same for the life of an appointment, `sequence` grows with each change (RFC 5546, 2.1.4)."""

    uid: str
    sequence: int
    changed_at: dt.datetime
    starts: dt.datetime
    ends: dt.datetime
    summary: str
    location: str
    description: str
    url: str
    organizer: str  # mail address; required with a METHOD (RFC 5546, 3.2)
    organizer_name: str
    cancelled: bool


def render(entry: Entry) -> bytes:
    """The file: UTF-8, CRLF, times in UTC, so that no time zone table can be out of date.

    A cancelled appointment has METHOD:CANCEL and takes the entry out of the calendar.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        f"METHOD:{'CANCEL' if entry.cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTAMP:{_utc(entry.changed_at)}",
        f"DTSTART:{_utc(entry.starts)}",
        f"DTEND:{_utc(entry.ends)}",
        f"SUMMARY:{_text(entry.summary)}",
        f"LOCATION:{_text(entry.location)}",
        f"DESCRIPTION:{_text(entry.description)}",
        f"URL:{entry.url}",
        f'ORGANIZER;CN="{_parameter(entry.organizer_name)}":mailto:{entry.organizer}',
        f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_fold(line.encode()) + b"\r\n" for line in lines)


def _utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """RFC 5545, 3.3.11."""
    return text.translate(_ESCAPES)


def _parameter(text: str) -> str:
    """A quoted parameter value holds no quotes and no control characters (RFC 5545, 3.2)."""
    return "".join(letter for letter in text if letter != '"' and letter >= " ")


def _fold(line: bytes, limit: int = 75) -> bytes:
    """At most 75 octets a line, continued with a space, no character cut in two (RFC 5545, 3.1)."""
    parts = []
    while len(line) > limit:
        cut = limit
        while line[cut] & 0xC0 == 0x80:  # inside a UTF-8 character
            cut -= 1
        parts.append(line[:cut])
        line, limit = line[cut:], 74  # the space counts
    return b"\r\n ".join([*parts, line])
