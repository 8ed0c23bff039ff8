"""Which case something belongs to. Only a return code files by itself; a file number is a hint for a person.

Why: a file number stands on every letter and anybody may write one, so a wrong or false one would put a stranger's
paper into a case that its applicant reads. The code is known to whom we wrote (docs/adr/0035).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from forms_engine.cases import returning
from forms_engine.cases.models import Case, DocumentRequest
from mailbox.models import Channel, Dispatch
from portal.common import references

_NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z]{2,5}[-\s]?\d{4}[-\s]?\d{6,12}[-\s]?\d(?!\d)")
MOST = 50


@dataclass(frozen=True)
class Match:
    """`case` with `sure`: file it. `case` alone: propose it. `why` is the sentence for the clerk."""

    case: Case | None = None
    request: DocumentRequest | None = None
    sure: bool = False
    why: str = "Kein Rückgabecode und kein Aktenzeichen gefunden."


def match(texts: Iterable[str], *, said: str = "") -> Match:
    """Judge everything that was read: subject, text, addresses, barcodes, text of attachments.

    `said`: the file number that another system with a token of its own gave beside the bytes. That counts.
    """
    heard = list(texts)
    if said:
        case = Case.objects.filter(number=said, wrapped_key__isnull=False).first()
        return Match(case, None, True, said) if case else Match(why="Das andere System nennt keinen Vorgang von uns.")
    codes = dict.fromkeys(code for text in heard for code in returning.found_in(text))
    if len(codes) > 1:
        return Match(why="Es stehen mehrere Rückgabecodes darin.")
    for code in codes:
        request = returning.request_of(code)
        if request is not None and request.case.wrapped_key is not None:
            return Match(request.case, request, True, f"Rückgabecode {code}")
        return Match(why="Der Vorgang zum Rückgabecode ist schon vernichtet.")
    return _by_number(heard)


def court(texts: Iterable[str], *, reference: str, parcel: str) -> Match:
    """Court mail: the parcel of ours that it answers, the file number that it names as ours, then any in its text.

    Never sure: what lies in a case its applicant reads, and a court may write what is not for them.
    """
    sent = Dispatch.objects.filter(public_id=parcel, channel=Channel.BEBPO).first() if parcel else None
    if sent is not None and (answered := _of_thread(sent.thread)) is not None:
        return Match(answered, why="Das Gericht antwortet auf unsere Sendung in diesem Vorgang.")
    named = references.canonical_file_number(reference)
    case = Case.objects.filter(number=named, wrapped_key__isnull=False).first() if named else None
    if case is not None:
        return Match(case, why=f"Das Gericht nennt das Aktenzeichen {case.number}.")
    found = _by_number([reference, *texts])
    return found if found.case else Match(why="Das Gericht nennt keinen Vorgang von uns.")


def _of_thread(thread: str) -> Case | None:
    kind, _, public_id = thread.partition(":")
    rows = Case.objects.filter(wrapped_key__isnull=False)
    return rows.filter(public_id=public_id).first() if kind == "case" else None


def _by_number(texts: list[str]) -> Match:
    found = dict.fromkeys(number for text in texts for number in file_numbers(text))
    cases = list(Case.objects.filter(number__in=list(found)[:MOST], wrapped_key__isnull=False)[:2])
    if len(cases) == 1:
        return Match(cases[0], why=f"Das Aktenzeichen {cases[0].number} steht darin. Prüfen Sie, ob es stimmt.")
    return Match(why="Es stehen mehrere Aktenzeichen darin.") if cases else Match()


def file_numbers(text: str) -> list[str]:
    """Every file number with a right check digit, in canonical form."""
    found = (references.canonical_file_number(hit[0]) for hit in list(_NUMBER.finditer(text.upper()))[:MOST])
    return list(dict.fromkeys(number for number in found if number))
