"""Devices signed in now, sign-in history, and signing out elsewhere."""

import uuid

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.accounts import access, sign_ins
from portal.accounts.access import citizen, signed_in

HISTORY_SHOWN = 50


@signed_in
@require_GET
def security(request: HttpRequest) -> HttpResponseBase:
    user = citizen(request)
    context = {
        "devices": sign_ins.present(user),
        "history": sign_ins.history(user)[:HISTORY_SHOWN],
        "this_session": request.session.session_key,
        "factors": list(Authenticator.objects.filter(user=user).values_list("type", flat=True)),
    }
    return render(request, "home/account/security.html", context)


@signed_in
@require_POST
def end_one(request: HttpRequest, device: uuid.UUID) -> HttpResponseBase:
    sign_in = access.sign_in_of(citizen(request), device)
    own = sign_in.session_key == request.session.session_key
    if sign_ins.end(sign_in):
        messages.success(request, _("%(device)s ist abgemeldet.") % {"device": sign_in.device_in_words})
    if own:
        logout(request)
        return redirect("account_login")
    return redirect("account:security")


@signed_in
def end_all(request: HttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        return render(request, "home/account/end_all.html")
    sign_ins.end_all(citizen(request))
    logout(request)
    messages.success(request, _("Sie sind auf allen Geräten abgemeldet."))
    return redirect("account_login")
