"""Data and consents: who saw what, all of it to take away, and the end of the account."""

import uuid

from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from forms_engine.cases import readings as log
from portal.accounts import consents, profile
from portal.accounts.access import citizen, signed_in
from portal.accounts.identity.stepup import proven_again
from portal.audit import actions as audit
from portal.common import clock
from portal.home.account import dossier, farewell


@signed_in
@require_GET
def privacy(request: HttpRequest) -> HttpResponseBase:
    return render(request, "home/account/privacy.html", {"consents": consents.of(citizen(request))})


@signed_in
@require_GET
def readings(request: HttpRequest) -> HttpResponseBase:
    before = request.GET.get("vor", "")
    key = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    return render(
        request, "home/account/readings.html", {"page": log.page(citizen(request), key), "first": key is None}
    )


@signed_in
@proven_again  # first: whoever comes back from a provider comes with a GET
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """All that we hold, as a ZIP that is made while it is sent; only right after the password was asked."""
    user = citizen(request)
    audit.record("account.exported", f"user:{user.public_id}", str(user.public_id))
    response = StreamingHttpResponse(dossier.stream(user), content_type="application/zip")
    name = dossier.file_name(clock.now())
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


@signed_in
@require_POST
def consent(request: HttpRequest, subject: str) -> HttpResponseBase:
    if subject not in consents.TEXTS:
        raise Http404
    given = request.POST.get("antwort") == "ja"
    held = consents.standing(citizen(request), subject).given
    with transaction.atomic():
        consents.answer(citizen(request), subject, given=given)
        if subject == consents.IDENTITY_DATA and not given:
            profile.forget_others(citizen(request))
    withdrawn = _("Ihre Einwilligung ist widerrufen.") if held else _("Ihr Nein ist gespeichert.")
    messages.success(request, _("Ihre Einwilligung ist erteilt.") if given else withdrawn)
    return _back(request.POST.get("vorgang", ""))


def _back(case: str) -> HttpResponseRedirect:
    """To the confirmation of an application where that asked; whether it is the person's own is looked at there."""
    try:
        return redirect("cases:received", uuid.UUID(case))
    except ValueError:
        return redirect("account:privacy")


@signed_in
@proven_again
def delete(request: HttpRequest) -> HttpResponseBase:
    user = citizen(request)
    if request.method != "POST":
        return render(request, "home/account/delete.html", {"reasons": farewell.obstacles(user)})
    try:
        farewell.delete(user, by=str(user.public_id))
    except farewell.Refused as refused:
        return render(request, "home/account/delete.html", {"reasons": refused.reasons}, status=409)
    logout(request)
    return redirect("account:deleted")


@require_GET
def deleted(request: HttpRequest) -> HttpResponseBase:
    return render(request, "home/account/deleted.html")
