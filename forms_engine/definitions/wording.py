"""German forms of values that sentences and overviews need."""

import datetime as dt

MONTHS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)


def long_date(day: dt.date) -> str:
    """3. März 2026"""
    return f"{day.day}. {MONTHS[day.month - 1]} {day.year}"


def partial_date(value: str) -> str:
    """1985, März 1985 or 3. März 1985 from "1985", "1985-03" or "1985-03-03"."""
    year, month, day = [*value.split("-"), "", ""][:3]
    return " ".join(filter(None, [f"{int(day)}." if day else "", MONTHS[int(month) - 1] if month else "", year]))


def german_number(value: int | str) -> str:
    """1234567 as 1.234.567 and "1234.50" as 1.234,50; four digits stay together as in 1234."""
    whole, _, rest = str(value).partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    if len(digits) > 4:
        digits = f"{int(digits):,}".replace(",", ".")
    return sign + digits + (f",{rest}" if rest else "")
