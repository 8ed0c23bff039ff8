"""The return code: on what we ask for stands a code by which an answer on paper or by mail files itself.

"R17-K7QF-2MXH" = the number of the request and 38 bits that only we can compute, so there is nothing to store. Whoever
knows it may add something to the case and learns nothing from it; it is not the status code, nor the code that anybody
can read from a parking permit (documents.IssuedDocument).
"""

import re

from django.utils.crypto import constant_time_compare, salted_hmac

from forms_engine.cases.models import DocumentRequest

_LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"  # as in portal.common.references: none that looks like another
_CODE = re.compile(
    rf"(?<![A-Z0-9])R([1-9]\d{{0,11}})[-\s._]?([{_LETTERS}]{{4}})[-\s._]?([{_LETTERS}]{{4}})(?![A-Z0-9])"
)
MOST = 50  # codes looked at in one text


def code(request: DocumentRequest) -> str:
    """What stands on the request, e.g. R17-K7QF-2MXH."""
    return _code(request.pk)


def found_in(text: str) -> list[str]:
    """Every genuine code in a text, in the form in which we print it. A made up one counts for nothing."""
    seen = dict.fromkeys(match.groups() for match in list(_CODE.finditer(text.upper()))[:MOST])
    return [right for pk, *rest in seen if constant_time_compare(right := _code(int(pk)), f"R{pk}-{'-'.join(rest)}")]


def request_of(text: str) -> DocumentRequest | None:
    """The request that a genuine code names."""
    rows = DocumentRequest.objects.select_related("case__submission__form_version__form")
    return rows.filter(pk=int(text[1:].partition("-")[0])).first()


def _code(pk: int) -> str:
    number = int.from_bytes(salted_hmac("cases.return_code", str(pk), algorithm="sha256").digest()[:16])
    letters = ""
    for _ in range(8):
        number, index = divmod(number, len(_LETTERS))
        letters += _LETTERS[index]
    return f"R{pk}-{letters[:4]}-{letters[4:]}"
