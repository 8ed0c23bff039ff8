"""What the print shop says about letters: a CSV file, line by line, told to the delivery. The same file again changes
nothing.

Columns, separated by semicolons, UTF-8: `key` (as in our manifest), `status` (posted or returned), `date` (ISO 8601 or
DD.MM.YYYY: when the letter was posted or came back), `reference` (the shop's own number), `reason` (of a return).
"""

import csv
import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from django.db import transaction

from mailbox import deliveries, dispatches
from mailbox.models import Channel, Dispatch, DispatchState
from portal.common import clock

COLUMNS = ("key", "status", "date", "reference", "reason")
POSTED, RETURNED = "posted", "returned"


@dataclasses.dataclass
class Told:
    """What a file came to. `problems`: German sentences with the line's number; such lines changed nothing."""

    posted: int = 0
    returned: int = 0
    repeated: int = 0
    problems: list[str] = dataclasses.field(default_factory=list)


class _Wrong(ValueError):
    pass


@dataclasses.dataclass(frozen=True)
class _Line:
    key: uuid.UUID
    status: str
    day: dt.date
    reference: str
    reason: str


def reconcile(lines: Iterable[str], *, dry: bool = False) -> Told:
    """Take every line, each in a transaction of its own. `dry`: only say what would happen.

    Raises ValueError with a German sentence if the columns are not those above.
    """
    reader = csv.DictReader((line.lstrip("\ufeff") for line in lines), delimiter=";")
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise ValueError(f"Es fehlen die Spalten {', '.join(missing)}. Trennen Sie Spalten mit einem Semikolon.")
    told = Told()
    for number, row in enumerate(reader, start=2):
        try:
            _take(_line(row), told, dry=dry)
        except _Wrong as wrong:
            told.problems.append(f"Zeile {number}: {wrong}")
    return told


def _line(row: Mapping[str, str | None]) -> _Line:
    said = {column: (row.get(column) or "").strip() for column in COLUMNS}
    try:
        key = uuid.UUID(said["key"])
    except ValueError:
        raise _Wrong("Die Kennung ist keine von uns.") from None
    if said["status"] not in (POSTED, RETURNED):
        raise _Wrong(f"Den Status „{said['status'][:20]}“ kennen wir nicht. Erlaubt sind posted und returned.")
    day = _day(said["date"])
    if day > clock.today():
        raise _Wrong("Der Tag liegt in der Zukunft.")
    return _Line(key, said["status"], day, said["reference"][:60], said["reason"][:100])


def _day(text: str) -> dt.date:
    try:
        if "." in text:
            day, month, year = text.split(".")
            return dt.date(int(year), int(month), int(day))
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _Wrong(f"„{text[:20]}“ ist kein Tag. Schreiben Sie ihn als JJJJ-MM-TT.") from None


@transaction.atomic
def _take(line: _Line, told: Told, *, dry: bool) -> None:
    letter = Dispatch.objects.select_for_update(of=("self",)).select_related("delivery")
    found = letter.filter(public_id=line.key, channel=Channel.LETTER).first()
    if found is None or found.delivery is None:
        raise _Wrong("Diesen Brief haben wir nicht in Auftrag gegeben.")
    if found.state not in (DispatchState.HANDED, DispatchState.CONFIRMED, DispatchState.RETURNED):
        raise _Wrong(f"Dieser Brief ist nicht im Druck ({found.get_state_display()}).")
    if found.handed_at and line.day < clock.local(found.handed_at).date():
        raise _Wrong("Der Tag liegt vor der Übergabe an den Druck.")
    fresh = True if dry else _tell(found, line)
    if not fresh:
        told.repeated += 1
    elif line.status == POSTED:
        told.posted += 1
    else:
        told.returned += 1


def _tell(found: Dispatch, line: _Line) -> bool:
    once = f"{line.status}:{line.reference}"
    detail = {"day": line.day.isoformat(), "reference": line.reference, "reason": line.reason}
    if found.delivery is None:
        return False
    if line.status == POSTED:
        at = dt.datetime.combine(line.day, dt.time(12), tzinfo=clock.BERLIN)
        fresh = dispatches.confirm(found, at=at, once=once, detail=detail)
        return fresh and deliveries.letter_handed(found.delivery, posted_on=line.day, reference=line.reference)
    fresh = dispatches.returned(found, once=once, detail=detail)
    return fresh and deliveries.letter_returned(found.delivery, reason=line.reason, reference=line.reference)
