"""The events of each case are a chain: every hash covers its event and the hash before it.

The database writes the chain (trigger, migration 0008). It is checked here, by a second implementation.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db import connection

from forms_engine.cases.models import Case

GENESIS = b"\0" * 32
_EVENTS = """
select case_id, position, hash, (extract(epoch from at) * 1000000)::bigint, kind, actor, data::text
from cases_caseevent {where} order by case_id, position
"""
_Row = tuple[int, int, bytes, int, str, str, str]


@dataclass(frozen=True)
class Finding:
    """The first event of a case that does not hold; position counts from 1."""

    case_id: int
    position: int
    problem: str


def verify(case: Case | None = None) -> Iterator[Finding]:
    """The first break of each chain: of one case, or of all. Nothing when every link holds."""
    where, values = ("where case_id = %s", [case.pk]) if case else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS.format(where=where), values)
        for case_id, rows in groupby(iter(cursor.fetchone, None), key=lambda row: row[0]):
            if found := _first_break(case_id, rows):
                yield found


def _first_break(case_id: int, rows: Iterable[_Row]) -> Finding | None:
    previous = GENESIS
    for expected, (_case, position, given, *content) in enumerate(rows, start=1):
        if position != expected:
            return Finding(case_id, expected, "Ereignis fehlt")
        body = "\n".join(str(part) for part in (case_id, position, *content))
        previous = hashlib.sha256(previous + body.encode()).digest()
        if bytes(given) != previous:
            return Finding(case_id, expected, "Ereignis wurde verändert")
    return None
