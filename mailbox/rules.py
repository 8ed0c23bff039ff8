"""When a decision counts as announced, as dated rows: pure values, no clock, no database.

A row says from when to when it holds. Which one is in force is asked on the day of its trigger, and the row is copied
into the delivery: a law that changes later changes nothing that is under way. The rows below are seeded by a migration;
operators add further ones to the table (AnnouncementRule), so that a new law needs no new program. The table comes
first; without a row there, those of the program hold.
"""

import dataclasses
import datetime as dt
import enum
import functools
from collections.abc import Iterable, Mapping
from typing import Any


class Trigger(enum.StrEnum):
    """The moment from which the days are counted."""

    NOTICE = "notice"  # the neutral e-mail went out
    PROVISION = "provision"  # the document lies in the postbox
    POSTING = "posting"  # the letter was handed to the post
    RETRIEVAL = "retrieval"  # the person opened the document


class NoRule(LookupError):
    """No row of this code holds on that day."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """One row. `days` after the trigger; `other_days`: a second reading of the same law, of which the later day counts.

    `weekend_shift`: the day moves off weekends and holidays (tax law only). `consent`: the kind of consent it needs,
    "" for none. `expiry_days`: not opened within so many days of the notice, the provision ends.
    """

    code: str
    basis: str
    trigger: Trigger
    days: int
    valid_from: dt.date
    source: str
    other_days: int | None = None
    weekend_shift: bool = False
    valid_to: dt.date | None = None
    consent: str = ""
    expiry_days: int | None = None

    @property
    def longest(self) -> int:
        """The days that count: where the law can be read in two ways, the reading that favours the citizen."""
        return max(self.days, self.other_days or 0)

    def holds_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def frozen(self) -> dict[str, Any]:
        """As JSON, for the delivery that keeps it."""
        return dict(_frozen(self))

    @classmethod
    def thawed(cls, kept: Mapping[str, Any]) -> "Rule":
        """The rule that frozen() wrote down."""
        until = kept["valid_to"]
        return cls(
            **{
                **kept,
                "trigger": Trigger(kept["trigger"]),
                "valid_from": dt.date.fromisoformat(kept["valid_from"]),
                "valid_to": dt.date.fromisoformat(until) if until else None,
            }
        )


@functools.lru_cache(maxsize=256)
def _frozen(rule: Rule) -> tuple[tuple[str, Any], ...]:
    kept = dataclasses.asdict(rule).items()
    return tuple((name, value.isoformat() if isinstance(value, dt.date) else value) for name, value in kept)


def in_force(rows: Iterable[Rule], code: str, on: dt.date) -> Rule:
    """The row of `code` that holds on that day. Raises NoRule."""
    for row in rows:
        if row.code == code and row.holds_on(on):
            return row
    raise NoRule(f"{code} on {on}")


ANNOUNCEMENT, SERVICE = "announcement", "service"  # the two kinds of consent (Art. 22, 24, 25 BayDiG)
PORTAL, PORTAL_SERVICE, RETRIEVED, LETTER, REGISTERED = "baydig24", "baydig25", "vwvfg41-2a", "vwvfg41-2", "vwzg4"

_OLD, _NEW = dt.date(2024, 12, 31), dt.date(2025, 1, 1)  # the postal reform act took effect between these two days
_BAYDIG, _OZG = dt.date(2022, 8, 1), dt.date(2024, 7, 24)
_LONG_AGO, _VWVFG_2A = dt.date(2010, 1, 1), dt.date(2017, 1, 1)
_POST_REFORM = "Postrechtsmodernisierungsgesetz, BGBl. 2024 I Nr. 236"
_BAVARIA = "GVBl. 2022 S. 374; seit 2025 ist offen, ob der dritte oder der vierte Tag gilt (GVBl. 2024 S. 599)"

ROWS: tuple[Rule, ...] = (
    Rule(PORTAL, "Art. 24 BayDiG", Trigger.NOTICE, 3, _BAYDIG, "GVBl. 2022 S. 374", None, False, _OLD, ANNOUNCEMENT),
    Rule(PORTAL, "Art. 24 BayDiG", Trigger.NOTICE, 3, _NEW, _BAVARIA, 4, consent=ANNOUNCEMENT),
    Rule(PORTAL_SERVICE, "Art. 25 BayDiG", Trigger.NOTICE, 3, _BAYDIG, "GVBl. 2022 S. 374", None, False, _OLD, SERVICE),
    Rule(PORTAL_SERVICE, "Art. 25 BayDiG", Trigger.NOTICE, 3, _NEW, _BAVARIA, 4, consent=SERVICE),
    Rule("ozg9", "§ 9 Abs. 1 OZG", Trigger.PROVISION, 3, _OZG, "BGBl. 2024 I Nr. 245", None, False, _OLD, ANNOUNCEMENT),
    Rule("ozg9", "§ 9 Abs. 1 OZG", Trigger.PROVISION, 3, _NEW, "BGBl. 2024 I Nr. 245", 4, consent=ANNOUNCEMENT),
    Rule(LETTER, "§ 41 Abs. 2 VwVfG", Trigger.POSTING, 3, _LONG_AGO, "§ 41 VwVfG a. F.", valid_to=_OLD),
    Rule(LETTER, "§ 41 Abs. 2 VwVfG", Trigger.POSTING, 4, _NEW, _POST_REFORM),
    Rule(RETRIEVED, "§ 41 Abs. 2a VwVfG", Trigger.RETRIEVAL, 1, _VWVFG_2A, "BGBl. 2016 I S. 1679", expiry_days=10),
    Rule(REGISTERED, "§ 4 Abs. 2 VwZG", Trigger.POSTING, 3, _LONG_AGO, "§ 4 VwZG a. F.", valid_to=_OLD),
    Rule(REGISTERED, "§ 4 Abs. 2 VwZG", Trigger.POSTING, 4, _NEW, _POST_REFORM),
    Rule("vwzg5-7", "§ 5 Abs. 7 VwZG", Trigger.NOTICE, 3, _LONG_AGO, "§ 5 VwZG a. F.", valid_to=_OLD),
    Rule("vwzg5-7", "§ 5 Abs. 7 VwZG", Trigger.NOTICE, 4, _NEW, _POST_REFORM),
    Rule("ao122a", "§ 122a Abs. 4 AO", Trigger.PROVISION, 3, _VWVFG_2A, "AO a. F.", None, True, _OLD, ANNOUNCEMENT),
    Rule("ao122a", "§ 122a Abs. 4 AO", Trigger.PROVISION, 4, _NEW, _POST_REFORM, None, True, consent=ANNOUNCEMENT),
)
