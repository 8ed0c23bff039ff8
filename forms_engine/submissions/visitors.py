"""Drafts without an account: each belongs to the browser session in which it was begun, and to no other.

The session holds a random token, the draft a keyed hash of it: neither row alone tells whose draft it is. Signing out
or a session that ran out loses the token, and with it the way to the draft; the sweep deletes it after a day. Only a
mailed link (links.py) leads back, and takes the draft over into the session in which it is used.
"""

import datetime as dt
import uuid

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from forms_engine.definitions import queries as definitions
from forms_engine.submissions.models import Draft
from portal.common import clock

KEPT = dt.timedelta(days=1)  # since the last page was saved
MOST_SURVEYS = 10  # that one session remembers
_KEY = "visitor"
_SURVEYS = "surveys"


def known(request: HttpRequest) -> str:
    """The hash that the drafts of this session carry; "" for a session that has begun none."""
    token = request.session.get(_KEY)
    return _digest(token) if token else ""


def begin(request: HttpRequest) -> str:
    """As known(), for a session that is going to begin one."""
    request.session.setdefault(_KEY, clock.token())
    return known(request)


def draft(request: HttpRequest, public_id: uuid.UUID) -> Draft | None:
    """A draft of this session, in any state. None for everybody else's."""
    visitor = known(request)
    if not visitor:
        return None
    rows = Draft.objects.filter(owner=None, visitor=visitor, public_id=public_id).with_has_uploads()
    rows = rows.annotate(paused_until=definitions.paused_until("form_version__form"))
    return rows.select_related("form_version__form").first()


def remember_survey(request: HttpRequest, survey: Draft) -> None:
    """So that this session knows later what became of a draft whose row is gone."""
    held = {**request.session.get(_SURVEYS, {}), str(survey.public_id): survey.form_version.form.slug}
    request.session[_SURVEYS] = dict(list(held.items())[-MOST_SURVEYS:])


def sent_survey(request: HttpRequest, public_id: uuid.UUID) -> str:
    """The form of a survey that this session has sent; "" if it has not. Nothing else takes the row of a draft away."""
    slug = str(request.session.get(_SURVEYS, {}).get(str(public_id), ""))
    return "" if slug and Draft.objects.filter(public_id=public_id).exists() else slug


def _digest(token: str) -> str:
    return salted_hmac("submissions.visitor", token, algorithm="sha256").hexdigest()
