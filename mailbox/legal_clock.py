"""The arithmetic of announcement and appeal: calendar days in Munich, values in, values out.

Days, never hours: a period of days does not know summer time. The day of the event is not counted (§ 187 (1) BGB); a
month or a year ends on the day with the same number, or on the last of a shorter month (§ 188 (2), (3)); an end on a
Saturday, a Sunday or a public holiday moves to the next working day (§ 193 BGB, § 222 (2) ZPO with § 57 (2) VwGO).
"""

import calendar
import dataclasses
import datetime as dt

from mailbox.rules import Rule
from portal.directory import public_holidays

_WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")


@dataclasses.dataclass(frozen=True)
class Reckoning:
    """A day and how it came about, in German sentences that a court can follow."""

    day: dt.date
    steps: tuple[str, ...]


def day_off(day: dt.date) -> str:
    """Why nothing can end on this day: the weekend or a holiday in Munich (so with 15 August). "" on a working day."""
    holiday = public_holidays.of_year(day.year).get(day, "")
    return holiday or (_WEEKDAYS[day.weekday()] if day.weekday() >= calendar.SATURDAY else "")


def announced(rule: Rule, trigger_on: dt.date) -> Reckoning:
    """The day on which a decision counts as announced, for the Munich day of the rule's trigger."""
    day = trigger_on + dt.timedelta(days=rule.longest)
    steps = [f"{rule.basis}: {_written(trigger_on)} und {_days(rule.longest)} ergibt {_written(day)}."]
    if rule.other_days is not None and rule.other_days != rule.days:
        earlier = trigger_on + dt.timedelta(days=min(rule.days, rule.other_days))
        steps.append(f"Nach anderer Lesart wäre es der {_written(earlier)}. Der spätere Tag zählt.")
    return _moved(day, steps) if rule.weekend_shift else Reckoning(day, tuple(steps))


def lapses(rule: Rule, noticed_on: dt.date) -> dt.date | None:
    """The first day on which a provision that nobody opened has ended; None if it never does."""
    return None if rule.expiry_days is None else noticed_on + dt.timedelta(days=rule.expiry_days + 1)


def appeal(announced_on: dt.date, *, instructed: bool) -> Reckoning:
    """The last day of the period for a court action: one month (§ 74 VwGO), or one year without an instruction on
    legal remedies (§ 58 (2) VwGO)."""
    day = _month_later(announced_on) if instructed else _year_later(announced_on)
    span = "ein Monat (§ 74 VwGO)" if instructed else "ein Jahr, weil die Belehrung fehlt (§ 58 Abs. 2 VwGO)"
    return _moved(day, [f"{_written(announced_on)} und {span} ergibt {_written(day)} (§§ 187, 188 BGB)."])


def _month_later(day: dt.date) -> dt.date:
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _year_later(day: dt.date) -> dt.date:
    year = day.year + 1
    return dt.date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))


def _moved(day: dt.date, steps: list[str]) -> Reckoning:
    while reason := day_off(day):
        following = day + dt.timedelta(days=1)
        steps.append(f"{_written(day)} ist kein Werktag ({reason}): weiter zum {_written(following)} (§ 193 BGB).")
        day = following
    return Reckoning(day, tuple(steps))


def _written(day: dt.date) -> str:
    return f"{_WEEKDAYS[day.weekday()]}, {day:%d.%m.%Y}"


def _days(count: int) -> str:
    return "ein Tag" if count == 1 else f"{count} Tage"
