"""Money is an integer number of euro cents. Decimal only at the edges, never float."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils.translation import gettext as _

MAX_CENTS = 99_999_999_99


class BadAmount(ValueError):
    """Not an amount of money; the message is German and fit for the page."""


def from_decimal(euros: Decimal) -> int:
    """Cents from euros, commercial rounding (half up, away from zero)."""
    return int((euros * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_decimal(cents: int) -> Decimal:
    """Euros with exactly two places."""
    return Decimal(cents).scaleb(-2)


def parse_eur(text: str) -> int:
    """Cents from „1.234,50 €“, „30“, „30,5“. Raises BadAmount with a sentence for the page."""
    bare = re.sub(r"[\s€]|EUR$", "", text.strip())
    if not re.fullmatch(r"-?(\d{1,3}(\.\d{3})+|\d+)(,\d{1,2})?", bare):
        raise BadAmount(_("Geben Sie den Betrag in Euro ein, zum Beispiel 30,50."))
    try:
        cents = from_decimal(Decimal(bare.replace(".", "").replace(",", ".")))
    except InvalidOperation:
        raise BadAmount(_("Geben Sie den Betrag in Euro ein, zum Beispiel 30,50.")) from None
    if abs(cents) > MAX_CENTS:
        raise BadAmount(_("Der Betrag ist zu groß. Er darf höchstens 99.999.999,99 Euro sein."))
    return cents
