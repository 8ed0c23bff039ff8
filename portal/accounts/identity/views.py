"""Ask a provider who somebody is, show more, link and part. What is not believed gets one neutral page (status 400).

What follows in the browser that asked is in arrivals.py.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.access import citizen, signed_in
from portal.accounts.identity import actions, oidc, providers, saml, sessions, stepup
from portal.accounts.identity.models import AccountMerge, Purpose
from portal.accounts.identity.pages import not_believed, too_many
from portal.accounts.identity.providers import BadMetadata, OidcProvider, Provider, SamlProvider
from portal.accounts.identity.refusal import Refused
from portal.accounts.levels import TrustLevel

ANSWER_LIMIT = 400_000  # bytes of a posted form


@require_POST
@never_cache
def sign_in(request: HttpRequest, provider: str) -> HttpResponseBase:
    return _ask(request, _provider(provider), Purpose.SIGN_IN, TrustLevel.BASIC, _next(request))


@csrf_exempt  # posted by the provider's page: proves itself by signatures, and is taken only by the browser that asked
@require_POST
@never_cache
def answer(request: HttpRequest, provider: str) -> HttpResponse:
    """SAML's AssertionConsumerService. Posts of other sites bring no session (SameSite): it is asked next door."""
    asked = _provider(provider)
    if not isinstance(asked, SamlProvider):
        raise Http404
    if response := too_many(request):
        return response
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or len(length) > 9 or int(length) > ANSWER_LIMIT:
        return not_believed(request, asked.key, "too_large")
    try:
        key = actions.answer(asked, request.POST.get("SAMLResponse", ""), request.POST.get("RelayState", ""))
    except Refused as refusal:
        return not_believed(request, asked.key, refusal.reason)
    except BadMetadata:
        return not_believed(request, asked.key, "metadata")
    return redirect(f"{reverse('identity:finish')}?{urlencode({'abholung': key})}")


@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    """Our description for SAML providers."""
    urls = [provider.answer_url for provider in providers.offered() if isinstance(provider, SamlProvider)]
    if not urls:
        raise Http404
    if response := too_many(request):
        return response
    try:
        return HttpResponse(saml.metadata(urls), content_type="application/samlmetadata+xml")
    except BadMetadata:  # our own keys; the check before the start names what is wrong
        raise Http404 from None


@require_safe
@never_cache
@signed_in
def step_up(request: HttpRequest) -> HttpResponse:
    """Ways to show more, for the page that asked for it."""
    wanted = stepup.Demand.of(request)
    if wanted is None:
        return redirect(settings.LOGIN_REDIRECT_URL)
    if wanted.is_met(request):
        return redirect(wanted.next)
    password, linked, linkable = stepup.ways(citizen(request), wanted.level)
    held = max((known.level for known in sessions.sign_ins(request)), default=TrustLevel.NONE)
    context = {
        "wanted": wanted,
        "only_age": held >= wanted.level,
        "password_url": f"{reverse('account_reauthenticate')}?{urlencode({REDIRECT_FIELD_NAME: wanted.next})}",
        "password": password,
        "linked": linked,
        "linkable": linkable,
    }
    return render(request, "identity/step_up.html", context)


@require_POST
@never_cache
@signed_in
def prove(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Show more, or again, with a linked provider."""
    asked, wanted = _provider(provider), stepup.Demand.of(request)
    if wanted is None or not citizen(request).identities.filter(provider=asked.key).exists():
        return redirect("identity:step_up")
    return _ask(request, asked, Purpose.STEP_UP, max(wanted.level, TrustLevel.BASIC), wanted.next)


@require_safe
@never_cache
@signed_in
def identities(request: HttpRequest) -> HttpResponse:
    """Which providers open this account."""
    linked = {identity.provider: identity for identity in citizen(request).identities.all()}
    known = {provider.key: provider.name for provider in providers.offered()}
    rows = [
        {
            "key": key,
            "name": known.get(key) or providers.name(key),
            "identity": linked.get(key),
            "offered": key in known,
        }
        for key in [*known, *(key for key in linked if key not in known)]
    ]
    merges = AccountMerge.objects.filter(kept=citizen(request), undone_at=None, finished_at=None)
    return render(request, "identity/identities.html", {"rows": rows, "merges": merges})


@require_POST
@never_cache
@signed_in
def link(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Another key to this account: with a new sign-in here as strong as any before, and a new one there."""
    asked, user = _provider(provider), citizen(request)
    if response := stepup.demand(request, actions.standing(user), actions.LINK_AGE):
        return response
    if user.is_staff or user.identities.filter(provider=asked.key).exists():
        messages.error(request, _("Dieses Konto lässt sich nicht mit der %(name)s verknüpfen.") % {"name": asked.name})
        return redirect("identity:identities")
    wanted = stepup.Demand.of(request)
    back = wanted.next if wanted and request.POST.get("nachweis") else reverse("identity:identities")
    level = wanted.level if wanted and request.POST.get("nachweis") else TrustLevel.BASIC
    return _ask(request, asked, Purpose.LINK, max(level, TrustLevel.BASIC), back)


@require_POST
@never_cache
@signed_in
def unlink(request: HttpRequest, provider: str) -> HttpResponse:
    user = citizen(request)
    if response := stepup.demand(request, TrustLevel.BASIC, actions.LINK_AGE):
        return response
    if actions.unlink(user, provider):
        sessions.forget(request, provider)
        messages.success(
            request, _("Die Verknüpfung mit der %(provider)s ist gelöst.") % {"provider": providers.name(provider)}
        )
    else:
        messages.error(request, _("Legen Sie zuerst ein Passwort fest. Sonst könnten Sie sich nicht mehr anmelden."))
    return redirect("identity:identities")


def _ask(request: HttpRequest, provider: Provider, purpose: Purpose, level: TrustLevel, back: str) -> HttpResponseBase:
    if response := too_many(request):
        return response
    pending, relay = actions.begin(request, provider.key, purpose, level, back)
    # At a terminal, somebody who sat here before may still be signed in there.
    anew = purpose != Purpose.SIGN_IN or hasattr(request, "terminal")
    if isinstance(provider, OidcProvider):
        return oidc.ask(request, provider, pending, anew=anew)
    try:
        sending = saml.ask(provider, pending.request_id, relay, level, pending.asked_at, anew=anew)
    except BadMetadata:
        return not_believed(request, provider.key, "metadata")
    if not sending.fields:
        return redirect(sending.url)
    return render(request, "identity/continue.html", {"sending": sending, "name": provider.name})


def _provider(key: str) -> Provider:
    found = providers.get(key)
    if found is None:
        raise Http404
    return found


def _next(request: HttpRequest) -> str:
    """Where to go after the sign-in; only pages of ours."""
    back = request.POST.get(REDIRECT_FIELD_NAME, "")
    allowed = url_has_allowed_host_and_scheme(back, allowed_hosts=None, require_https=settings.HTTPS)
    return back if allowed and back.startswith("/") and back.isprintable() and len(back) <= 2000 else ""
