"""The way back from a provider into the house: a session, a second step, a question for an address; and the way out."""

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.accounts import sign_ins
from portal.accounts.access import citizen, signed_in
from portal.accounts.adapter import AFTER_ADDRESS
from portal.accounts.identity import actions, providers, sessions
from portal.accounts.identity.models import Purpose
from portal.accounts.identity.pages import not_believed
from portal.accounts.identity.refusal import Refused


@require_safe
@never_cache
def finish(request: HttpRequest) -> HttpResponse:
    """The browser that asked takes the answer."""
    key = request.GET.get("abholung", "")
    if not key:
        return redirect(settings.LOGIN_REDIRECT_URL)
    try:
        done = actions.take(request, key)
    except Refused as refusal:
        return not_believed(request, "browser", refusal.reason)
    if done.purpose == Purpose.SIGN_IN and (waiting := sessions.waits_for_second_step(request)):
        back = reverse("identity:second_step")
        login = Login(user=waiting, email_verification=EmailVerificationMethod.NONE, redirect_url=back)
        response: HttpResponse = perform_login(request, login)
        return response
    if done.purpose == Purpose.LINK and sessions.merge_offer(request):
        return redirect("account:merge")
    if done.purpose == Purpose.LINK:
        messages.success(
            request,
            _("Ihr Konto ist jetzt mit der %(provider)s verknüpft.") % {"provider": providers.name(done.provider)},
        )
    back = done.next or resolve_url(settings.LOGIN_REDIRECT_URL)
    if done.purpose == Purpose.SIGN_IN and actions.is_new_without_address(citizen(request)):
        request.session[AFTER_ADDRESS] = back
        return redirect("identity:address")
    return redirect(back)


@require_safe
@never_cache
@signed_in
def second_step(request: HttpRequest) -> HttpResponse:
    """After the second factor of somebody whose provider alone was not strong enough for them."""
    provider, back = sessions.after_second_step(request)
    if provider:
        sign_ins.name_provider(request, provider)
    return redirect(back or settings.LOGIN_REDIRECT_URL)


@require_safe
@never_cache
@signed_in
def address(request: HttpRequest) -> HttpResponse:
    """After the first sign-in: whoever wants mail from us gives an address, whoever does not goes on."""
    back = request.session.get(AFTER_ADDRESS) or resolve_url(settings.LOGIN_REDIRECT_URL)
    if citizen(request).mail_address:
        return redirect(back)
    return render(request, "identity/address.html", {"back": back})


@require_safe
@never_cache
def signed_out(request: HttpRequest) -> HttpResponse:
    """After the end of a session here: the one at the provider goes on, and only the person can end it."""
    known = [provider for key in request.GET.getlist("bei")[:5] if (provider := providers.get(key))]
    return render(request, "identity/signed_out.html", {"providers": known})
