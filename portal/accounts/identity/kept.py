"""A posted page waits until its person has shown more of who they are, and is then sent by them with one button.

The values are sealed under a ticket that stands in the address of the way back only (portal.common.tickets). The row
belongs to one person, one browser session and one page, opens once and lives an hour. Files are not kept.
"""

import datetime as dt
import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.accounts.identity import sessions
from portal.accounts.identity.models import KeptPost
from portal.accounts.models import User
from portal.common import clock, tickets
from portal.common.crypto import CannotOpen

LIFETIME = dt.timedelta(hours=1)
MAX_BYTES = 64 * 1024
MAX_ROWS = 20  # at once for one person
PARAMETER = "fortsetzen"
_USE = "kept-post"


def keep(request: HttpRequest) -> str | None:
    """Seal what was posted. Returns where the person finds it again; None if there is nothing (or too much) to keep."""
    if request.method != "POST" or not isinstance(request.user, User):
        return None
    values = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    plain = json.dumps({"values": values, "files_lost": bool(request.FILES)}, ensure_ascii=False).encode()
    if len(plain) > MAX_BYTES or KeptPost.objects.filter(user=request.user).count() >= MAX_ROWS:
        return None
    ticket = clock.token()
    KeptPost.objects.create(
        token_hash=tickets.digest(ticket),
        user=request.user,
        browser_hash=sessions.browser(request),
        path=_here(request),
        sealed=tickets.seal(plain, ticket, use=_USE, place=_here(request)),
        expires_at=clock.now() + LIFETIME,
    )
    query = request.GET.copy()
    query[PARAMETER] = ticket
    return f"{request.path}?{query.urlencode()}"


def resume(request: HttpRequest, template: str = "identity/resume.html") -> HttpResponse | None:
    """The page with the button that sends what was kept. None if this request brings no ticket that opens anything."""
    ticket = request.GET.get(PARAMETER, "")
    if request.method != "GET" or not ticket or not isinstance(request.user, User):
        return None
    row = KeptPost.objects.filter(
        token_hash=tickets.digest(ticket),
        user=request.user,
        browser_hash=sessions.browser(request),
        path=_here(request),
        expires_at__gt=clock.now(),
    ).first()
    if row is None:
        return None
    try:
        content = json.loads(tickets.unseal(row.sealed, ticket, use=_USE, place=row.path))
    except CannotOpen:
        return None
    row.delete()
    fields = [(name, value) for name, values in content["values"].items() for value in values]
    context = {"fields": fields, "target": row.path, "files_lost": content["files_lost"]}
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    return response


def forget_expired() -> int:
    """Delete what nobody came back for. Returns how many rows went."""
    return KeptPost.objects.filter(expires_at__lte=clock.now()).delete()[0]


def _here(request: HttpRequest) -> str:
    """The address of the page without our ticket."""
    query = request.GET.copy()
    query.pop(PARAMETER, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path
