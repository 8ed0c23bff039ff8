"""The pages on which two accounts become one, and two again."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from forms_engine.submissions import queries as submissions
from portal.accounts.access import citizen, signed_in
from portal.accounts.identity import actions, sessions, stepup
from portal.accounts.identity.models import AccountMerge
from portal.home.account import merge as merges
from portal.home.account.farewell import Refused


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest) -> HttpResponseBase:
    """Only for ten minutes after a link that led to another account."""
    user, other = citizen(request), sessions.merge_offer(request)
    if other is None:
        return redirect("identity:identities")
    if request.method == "POST":
        try:
            merges.merge(user, other)
        except Refused as refused:
            return render(request, "home/account/merge.html", {"reasons": refused.reasons}, status=409)
        sessions.accept_merge(request)
        messages.success(request, _("Die Konten sind zusammengelegt."))
        return redirect("identity:identities")
    context = {
        "reasons": merges.obstacles(user, other),
        "drafts": submissions.open_drafts(other),
        "address": other.mail_address,
    }
    return render(request, "home/account/merge.html", context)


@signed_in
@never_cache
@require_POST
def undo(request: HttpRequest, merge: uuid.UUID) -> HttpResponseBase:
    user = citizen(request)
    made = get_object_or_404(AccountMerge, kept=user, public_id=merge)
    if response := stepup.demand(request, actions.standing(user), actions.LINK_AGE):
        return response
    try:
        merges.undo(made, by=user)
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
        return redirect("identity:identities")
    messages.success(request, _("Die Konten sind wieder getrennt."))
    return redirect("identity:identities")
