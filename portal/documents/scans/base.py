"""The port to a virus scanner. Which one is used stands in settings.SCANNER, a dotted path."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


class Unavailable(Exception):
    """No answer that could be trusted: the file goes on waiting. The message holds no content."""


class TooLarge(Unavailable):
    """The scanner does not take a file of this size: an operator has to raise its limit."""


@dataclass(frozen=True)
class Verdict:
    """`found` is the name of what was found, "" for a clean file; `by` names the scanner and its signatures."""

    found: str
    by: str


class Scanner(Protocol):
    def scan(self, pieces: Iterator[bytes]) -> Verdict:
        """Judge one file, given in pieces. Raises Unavailable, TooLarge, and whatever the pieces raise."""

    def version(self) -> str:
        """Name and signatures of the scanner that answers now. Raises Unavailable."""


def scanner() -> Scanner:
    return cast(Scanner, import_string(settings.SCANNER)())
