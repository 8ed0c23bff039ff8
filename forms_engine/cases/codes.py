"""The status code: whoever has it and the file number reads where a case stands, without an account.

It is a secret of its own. The verification code of a receipt would not do: that lies behind a windscreen. The row keeps
a keyed hash only, so a stolen database tells no code. In the clear it is shown once, and sent once to the postbox.
"""

import base64
import datetime as dt
import re
import uuid

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from forms_engine.cases.models import Case
from portal.accounts import limits
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock, references

ANSWERS_AFTER_END = dt.timedelta(days=90)
PER_NUMBER, PER_ADDRESS = 30, 20  # guesses in five minutes; one address alone cannot lock a number for everybody
ACTOR = "public:status"
_NOBODY = "0" * 64
_SESSION, _STRANGERS = "status_code", "status_codes"
MOST_KEPT = 10


def new(case: Case) -> str:
    """A fresh code. Its hash is put on the case; the caller saves it."""
    code = references.readable_code()
    case.status_code_hash = _digest(str(case.public_id), code)
    return code


@transaction.atomic
def renew(case: Case, *, by: User) -> None:
    """A code in place of the old one, which is worth nothing from now on. It stands on the object as fresh_code."""
    case.fresh_code = new(case)
    Case.objects.filter(pk=case.pk).update(status_code_hash=case.status_code_hash)
    audit.record("case.status_code_renewed", f"case:{case.public_id}", str(by.public_id))


def look_up(number: str, code: str, *, address: str) -> Case | None:
    """The case of a file number and its code, both in canonical form. `address`: from where it is asked.

    Unknown number and wrong code get the same work: one read, one hash, one comparison, one entry. Counted in rows
    before anything is looked at. Raises limits.TooMany.
    """
    guesses = [
        limits.attempt("status-address", address, limit=PER_ADDRESS),
        limits.attempt("status-number", number, limit=PER_NUMBER),
    ]
    alive = Q(closed_at=None) | Q(closed_at__gt=clock.now() - ANSWERS_AFTER_END)
    case = Case.objects.for_pages().filter(alive, number=number).first()
    expected, whose = (case.status_code_hash or _NOBODY, str(case.public_id)) if case else (_NOBODY, str(clock.uuid()))
    right = constant_time_compare(_digest(whose, code), expected)
    audit.record("case.status_read" if right else "case.status_refused", f"case:{whose}", ACTOR)
    if case is None or not right:
        return None
    for guess in guesses:
        limits.forgive(guess)
    return case


def canonical(text: str) -> str | None:
    """A code as we print it from what a person typed: small letters, spaces, other dashes. None if it is none."""
    bare = re.sub(r"[\W_]", "", text).upper()
    return "-".join(bare[i : i + 4] for i in range(0, 12, 4)) if len(bare) == 12 and bare.isascii() else None


def _digest(public_id: str, code: str) -> str:
    return salted_hmac("cases.status_code", f"{public_id}:{code}", algorithm="sha256").hexdigest()


def hand_over(request: HttpRequest, case: Case) -> None:
    """Keep a fresh code for the next page, sealed: the session is a row, too."""
    if case.fresh_code:
        sealed = case.envelope.seal(case.fresh_code.encode(), case.place("session_code"))
        kept = {"case": str(case.public_id), "sealed": base64.b64encode(sealed).decode()}
        if case.applicant_id is None:  # the only paper that a person without an account has is this page
            request.session[_STRANGERS] = [kept, *request.session.get(_STRANGERS, [])][:MOST_KEPT]
        else:
            request.session[_SESSION] = kept


def held(request: HttpRequest, case: uuid.UUID) -> Case | None:
    """A case that was sent without an account in this very browser session, with its code. None for all others."""
    for kept in request.session.get(_STRANGERS, []):
        if kept["case"] == str(case):
            found = Case.objects.for_pages().get(applicant=None, public_id=case)
            sealed = base64.b64decode(kept["sealed"])
            found.fresh_code = found.envelope.open(sealed, found.place("session_code")).decode()
            return found
    return None


def shown_once(request: HttpRequest, case: Case) -> str:
    """The fresh code of this case, the first time it is asked for. "" ever after."""
    kept = request.session.get(_SESSION)
    if not kept or kept["case"] != str(case.public_id):
        return ""
    del request.session[_SESSION]
    return case.envelope.open(base64.b64decode(kept["sealed"]), case.place("session_code")).decode()
