"""The emergency look in the admin frame: for operators, who have no case and so no right to any content."""

import functools
import uuid
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mailbox import access, looks
from mailbox.letters import Opener
from portal.accounts.access import citizen, needs_role
from portal.accounts.models import Role
from portal.common.crypto import KeyDestroyed

P = ParamSpec("P")


def operators(view: Callable[Concatenate[HttpRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Inside the admin frame; everybody else sees a 404."""
    return functools.wraps(view)(never_cache(admin.site.admin_view(needs_role(Role.OPERATOR)(view))))


def _page(request: HttpRequest, template: str, title: str, status: int = 200, **context: object) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), "title": title, **context}, status=status)


@operators
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    opener = Opener()
    rows = [(look, looks.reason(look, opener)) for look in looks.waiting()]
    return _page(request, "mailbox/staff/looks.html", "Notzugriffe", rows=rows, me=citizen(request))


@operators
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Content is refused here, and the try recorded; what there is, is a form to ask."""
    found, by = access.message_for_staff(public_id), citizen(request)
    if request.method != "POST":
        looks.refused(found, by=by)
        return _page(request, "mailbox/staff/refused.html", "Inhalt gesperrt", 403, found=found)
    try:
        looks.ask(found, reason=request.POST.get("grund", ""), by=by)
    except looks.Refused as refused:
        return _page(request, "mailbox/staff/refused.html", "Inhalt gesperrt", 422, found=found, error=str(refused))
    except KeyDestroyed:
        messages.error(request, "Dieses Postfach ist gelöscht. Niemand kann es mehr lesen.")
    else:
        messages.success(request, "Beantragt. Eine zweite Person muss es erlauben.")
    return redirect("emergency:overview")


@operators
@require_POST
def answer(request: HttpRequest, look: uuid.UUID) -> HttpResponse:
    found, allowed = access.look_for_staff(look), "erlauben" in request.POST
    try:
        looks.answer(found, allowed=allowed, by=citizen(request))
    except looks.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Erlaubt, für eine Stunde." if allowed else "Abgelehnt.")
    return redirect("emergency:overview")


@operators
@require_POST
def read(request: HttpRequest, look: uuid.UUID) -> HttpResponse:
    """A POST: to read is to write into the owner's log."""
    found, by = access.look_for_staff(look), citizen(request)
    try:
        letter = looks.read(found, by=by)
    except looks.Refused as refused:
        looks.refused(found.message, by=by)
        messages.error(request, str(refused))
        return redirect("emergency:overview")
    return _page(request, "mailbox/staff/letter.html", "Notzugriff", letter=letter, look=found)
