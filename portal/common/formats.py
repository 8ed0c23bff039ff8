"""Days, moments, numbers and amounts as people read them, in the language of the answer."""

import datetime as dt
from typing import cast

from django.utils import timezone
from django.utils.formats import date_format

from portal.common.languages import ENGLISH, current

# German, English
_DATES = {
    "day": ("j. F Y", "j F Y"),
    "month": ("F Y", "F Y"),
    "day_month": ("j. F", "j F"),
    "moment": ("j. F Y, H:i \\U\\h\\r", "j F Y, H:i"),
    "clock_time": ("H:i \\U\\h\\r", "H:i"),
    "hour": ("H:i", "H:i"),
    "weekday": ("l, j. F Y", "l, j F Y"),
    "weekday_short": ("l, j. F", "l, j F"),
    "weekday_start": ("l, j. F Y, H:i", "l, j F Y, H:i"),
    "weekday_moment": ("l, j. F Y, H:i \\U\\h\\r", "l, j F Y, H:i"),
}
DATE_FORMATS = frozenset(_DATES)


def in_words(value: dt.date | dt.time | None, kind: str) -> str:
    """A day, moment or time of day ("3. März 2026", "3 March 2026") by one of DATE_FORMATS; moments in local time."""
    if value is None:
        return ""
    local = timezone.localtime(value) if isinstance(value, dt.datetime) and timezone.is_aware(value) else value
    return date_format(cast(dt.date, local), _DATES[kind][current() == ENGLISH])


def number(value: int | str) -> str:
    """1234567 as 1.234.567 (in English 1,234,567) and "1234.50" as 1.234,50; four digits stay together as in 1234."""
    whole, _, rest = str(value).partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    if len(digits) > 4:
        digits = f"{int(digits):,}"
    text = sign + digits + (f".{rest}" if rest else "")
    return text if current() == ENGLISH else text.translate(_SWAP)


def eur(cents: int) -> str:
    """30,00 € with a no-break space, in English €30.00."""
    sign, whole, rest = "-" if cents < 0 else "", *divmod(abs(cents), 100)
    amount = f"{whole:,}.{rest:02d}"
    if current() == ENGLISH:
        return f"{sign}€{amount}"
    return f"{sign}{amount.translate(_SWAP)}\N{NO-BREAK SPACE}€"


_SWAP = str.maketrans(",.", ".,")
