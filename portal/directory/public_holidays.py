"""Public holidays in Munich by calculation: no rows to maintain, no year to forget."""

import datetime as dt
import functools

import holidays

# Mariä Himmelfahrt is a holiday only where Catholics are the majority (BayFTG Art. 1): in Munich it is.
_CATEGORIES = ("public", "catholic")


@functools.lru_cache(maxsize=16)
def of_year(year: int) -> dict[dt.date, str]:
    """Day -> German name. The language is fixed: without it the names depend on the machine."""
    return dict(holidays.country_holidays("DE", subdiv="BY", categories=_CATEGORIES, years=year, language="de"))


def between(first: dt.date, last: dt.date) -> dict[dt.date, str]:
    """The holidays from first to last, both included, in order."""
    years = range(first.year, last.year + 1)
    return {day: name for year in years for day, name in sorted(of_year(year).items()) if first <= day <= last}
