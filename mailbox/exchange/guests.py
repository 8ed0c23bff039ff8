"""The way in for guests: the link of the invitation, then the second proof. A GET, by whomever, uses nothing up."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mailbox.exchange import access, actions
from mailbox.exchange.forms import CodeForm
from mailbox.exchange.models import Factor, Invitation
from portal.accounts.models import User
from portal.common import limits

PER_MINUTE = 30  # links and codes that one address may try; what is tried has 256 bits, or five tries


@never_cache
@require_safe
def knock(request: HttpRequest, token: str) -> HttpResponse:
    """Away from the address with the secret at once: it shall stand in no history longer than needed, and in no log."""
    invitation = actions.by_token(token) if limits.allow(request, "exchange.knock", per_minute=PER_MINUTE) else None
    if invitation is None:
        raise Http404
    request.session[access.KNOCKED] = str(invitation.public_id)
    return redirect("exchange:door")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest) -> HttpResponse:
    """What to show before one may come in."""
    invitation = _knocked(request)
    if invitation is None or invitation.revoked_at or not invitation.room.is_open:
        return render(request, "exchange/closed.html", {"known": invitation is not None})
    if invitation.factor == Factor.ACCOUNT:
        return _by_account(request, invitation)
    return _by_code(request, invitation)


def _knocked(request: HttpRequest) -> Invitation | None:
    knocked = request.session.get(access.KNOCKED)
    rows = Invitation.objects.select_related("room__owner")
    return rows.filter(public_id=knocked).first() if knocked else None


def _by_account(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if not isinstance(request.user, User):
        return redirect_to_login(request.path)
    meant = access.is_meant(request.user, invitation)
    if request.method == "POST" and meant:
        actions.entered_by_account(invitation)
        return _enter(request, invitation)
    return render(request, "exchange/door_account.html", {"invitation": invitation, "meant": meant})


def _by_code(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        allowed = limits.allow(request, "exchange.code", per_minute=PER_MINUTE)
        if allowed and actions.redeem(invitation, form.cleaned_data["code"]):
            return _enter(request, invitation)
        form.add_error("code", _("Der Code stimmt nicht oder gilt nicht mehr. Fordern Sie einen neuen an."))
    context = {"invitation": invitation, "form": form, "sent": bool(invitation.code_sent_at)}
    return render(request, "exchange/door_code.html", context)


def _enter(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    access.enter(request, invitation)
    return redirect("exchange:room", invitation.room.public_id)


@never_cache
@require_POST
def ask_code(request: HttpRequest) -> HttpResponse:
    invitation = _knocked(request)
    if invitation is not None and not invitation.revoked_at and invitation.room.is_open:
        if actions.send_code(invitation):
            messages.success(request, _("Der Code ist unterwegs. Sehen Sie in Ihr E-Mail-Postfach."))
        else:
            messages.info(request, _("Ein Code ist schon unterwegs. Warten Sie eine Minute."))
    return redirect("exchange:door")


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    access.leave(request)
    messages.success(request, _("Sie haben den Raum verlassen."))
    return redirect("exchange:door")
