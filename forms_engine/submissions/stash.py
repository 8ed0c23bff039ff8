"""Keeps what a person posted after the session or the cookies were gone, until the same person has signed in again.

The values are sealed under a key derived from a random token (portal.common.tickets) that only the person's address bar
knows; the row holds the token's hash and opens nothing by itself. It lives 24 hours, belongs to one draft and is used
up when its owner opens the page. Files are not kept.
"""

import datetime as dt
import json

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils.datastructures import MultiValueDict

from forms_engine.submissions import visitors
from forms_engine.submissions.models import Draft, PendingPost
from portal.accounts.models import User
from portal.common import clock, tickets
from portal.common.crypto import CannotOpen

LIFETIME = dt.timedelta(hours=24)
MAX_BYTES = 64 * 1024
MAX_ROWS = 20  # at once for one draft
PARAMETER = "wiederaufnahme"
_USE = "pending-post"
_NOT_INPUT = {"csrfmiddlewaretoken", "aktion", "entfernen", "gefragt", "sprache"}

Typed = dict[str, list[str]]


def typed(data: MultiValueDict[str, str]) -> Typed:
    """The text values of a posted page, without buttons and tokens."""
    return {name: list(values) for name, values in data.lists() if name not in _NOT_INPUT and not name.startswith("_")}


def keep(request: HttpRequest) -> str | None:
    """Seal the posted values of a wizard page. Returns where to send the person, None if there is nothing to keep.

    For somebody without a session that is the sign-in page, for the draft's owner (only the form's token was stale) the
    page itself. Nothing is kept for other people, other addresses, closed drafts or more than 64 KB.
    """
    target = _target(request)
    if target is None:
        return None
    draft, page = target
    plain = json.dumps(
        {"values": typed(request.POST), "files_lost": bool(request.FILES)}, ensure_ascii=False, separators=(",", ":")
    ).encode()
    if len(plain) > MAX_BYTES or PendingPost.objects.filter(draft=draft).count() >= MAX_ROWS:
        return None
    token = clock.token()
    PendingPost.objects.create(
        token_hash=tickets.digest(token),
        draft=draft,
        page=page,
        sealed=tickets.seal(plain, token, use=_USE, place=_place(draft, page)),
        expires_at=clock.now() + LIFETIME,
    )
    query = QueryDict(mutable=True)
    query.update({**request.GET.dict(), PARAMETER: token})
    here = f"{request.path}?{query.urlencode()}"
    return here if request.user.is_authenticated or draft.owner_id is None else redirect_to_login(here).url


def take(token: str, draft: Draft, page: str) -> bool:
    """Move kept values into the draft as unsaved input, once. False if there is nothing to be had under this token.

    The caller has made sure that the draft belongs to the person who asks.
    """
    with transaction.atomic():
        locked = Draft.objects.select_for_update().open().filter(pk=draft.pk).first()
        row = PendingPost.objects.filter(
            token_hash=tickets.digest(token), draft=draft, page=page, expires_at__gt=clock.now()
        ).first()
        if locked is None or row is None:
            return False
        try:
            kept = json.loads(tickets.unseal(row.sealed, token, use=_USE, place=_place(draft, page)))
        except CannotOpen:
            return False
        content = locked.open_sealed()
        content["unsaved"][page] = {**kept, "notice": True}
        locked.seal(content)
        locked.save(update_fields=["sealed"])
        row.delete()
    draft.sealed = locked.sealed
    return True


def forget_expired() -> int:
    """Delete what nobody came back for. Returns how many rows went."""
    return PendingPost.objects.filter(expires_at__lte=clock.now()).delete()[0]


def _target(request: HttpRequest) -> tuple[Draft, str] | None:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    if request.method != "POST" or match.view_name != "submissions:page":
        return None
    drafts, page = Draft.objects.open().select_related("form_version"), match.kwargs["page"]
    if isinstance(request.user, User):
        drafts = drafts.of(request.user)
    else:
        drafts = drafts.filter(Q(owner__isnull=False) | Q(visitor=visitors.known(request) or None))
    draft = drafts.filter(public_id=match.kwargs["draft"]).first()
    if draft is None or page not in [known.key for known in draft.form_version.definition.pages]:
        return None
    return draft, page


def _place(draft: Draft, page: str) -> str:
    return f"pending_post:{draft.public_id}:{page}"
