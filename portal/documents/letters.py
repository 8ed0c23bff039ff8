"""What every letter is told: plain values, no database. documents/letter.html shows them in form B of DIN 5008.

Templates also take plain dicts of the same shape; these types are for callers who like to be checked.
"""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Sender:
    """Who writes. `department` may be empty."""

    name: str
    department: str
    street: str
    postcode: str
    place: str


@dataclass(frozen=True)
class Recipient:
    """The address window: name first, then at most five lines (DIN 5008: six in all), no empty ones."""

    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contact:
    """Who answers questions: a clerk or a team. Empty values are left out of the info block."""

    name: str
    phone: str = ""
    email: str = ""
    room: str = ""


@dataclass(frozen=True)
class Verification:
    """Where anyone can check the paper: the address stands in the QR code, the code beside it."""

    url: str
    code: str


def city_sender() -> Sender:
    """The city of this installation."""
    city = settings.CITY
    return Sender(city["name"], city["department"], city["street"], city["postcode"], city["place"])


def verification(code: str) -> Verification:
    """The check page of this installation for a code from actions.new_code()."""
    return Verification(f"{settings.PUBLIC_URL}/pruefen/{code}/", code)
