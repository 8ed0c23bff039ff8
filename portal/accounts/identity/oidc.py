"""OpenID Connect by allauth: it speaks the protocol (state, PKCE, issuer, audience), and we judge what comes back.

The level comes from the claim `acr` by configuration; an acr that is not in it, or none, is refused. Accounts, links
and sessions are those of every other provider (actions.py): allauth's own tables stay empty.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from requests import RequestException

from portal.accounts.identity import actions, providers, sessions
from portal.accounts.identity.assertions import SKEW, Identity
from portal.accounts.identity.models import PendingSignIn, Purpose
from portal.accounts.identity.pages import not_believed
from portal.accounts.identity.providers import OIDC, OidcProvider
from portal.accounts.identity.refusal import Refused
from portal.accounts.levels import TrustLevel
from portal.common import clock

LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)  # a sign-in of unknown age is never new enough
WITH_TIME = str(12 * 3600)  # asking for any age makes a provider say when the sign-in was (OpenID Connect Core 3.1.2.1)
CLAIMS = ("given_name", "family_name", "email")


def ask(request: HttpRequest, provider: OidcProvider, pending: PendingSignIn, *, anew: bool) -> HttpResponseBase:
    """To the provider's page. `anew`: although the person is signed in there already."""
    wanted = [acr for acr, level in provider.levels.items() if level >= pending.level]
    extra = {"acr_values": " ".join(wanted), "nonce": pending.request_id, "max_age": WITH_TIME}
    if anew:
        extra |= {"prompt": "login", "max_age": "0"}
    try:
        response: HttpResponseBase = (
            get_adapter()
            .get_provider(request, OIDC)
            .redirect(request, "login", data={"pending": pending.pk}, auth_params=extra)
        )
    except (RequestException, KeyError):  # not reachable, or its description is not one
        return not_believed(request, OIDC, "provider_unreachable")
    return response


def read(pending: PendingSignIn, claims: Mapping[str, Any], user_info: Mapping[str, Any], now: dt.datetime) -> Identity:
    """What the ID token says (OpenID Connect Core 2, 3.1.3.7); issuer and audience were checked. Raises Refused."""
    provider = providers.get(OIDC)
    subject = claims.get("sub")
    if not isinstance(provider, OidcProvider) or not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise Refused("subject")
    if user_info.get("sub", subject) != subject:
        raise Refused("subject")
    if claims.get("nonce") != pending.request_id:
        raise Refused("nonce")
    acr = claims.get("acr")
    level = provider.levels.get(acr) if isinstance(acr, str) else None
    if level is None:
        raise Refused("level_unknown" if acr else "level_missing")
    if level < pending.level:
        raise Refused("level_too_low")
    at = _moment(claims.get("auth_time"))
    if at > now + SKEW:
        raise Refused("not_yet")
    if pending.purpose != Purpose.SIGN_IN and at < pending.asked_at - SKEW:
        raise Refused("sign_in_too_old")
    said = {name: user_info.get(name) or claims.get(name) for name in CLAIMS}
    attributes = {name: (value, TrustLevel.NONE) for name, value in said.items() if isinstance(value, str)}
    return Identity(subject, level, min(at, now), attributes, pending.request_id, pending.expires_at)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Every way through allauth's flow ends here, before it would make accounts of its own."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> NoReturn:
        told = sociallogin.account.extra_data
        data = sociallogin.state.get("data") or {}
        try:
            pending = PendingSignIn.objects.filter(pk=data.get("pending", 0), provider=OIDC).first()
            if pending is None or pending.browser_hash != sessions.browser(request):
                raise Refused("unsolicited")
            key = actions.believe(
                pending, read(pending, told.get("id_token") or {}, told.get("userinfo") or {}, clock.now())
            )
        except Refused as refusal:
            raise ImmediateHttpResponse(not_believed(request, OIDC, refusal.reason)) from None
        raise ImmediateHttpResponse(redirect(f"{reverse('identity:finish')}?{urlencode({'abholung': key})}"))

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> NoReturn:
        raise ImmediateHttpResponse(not_believed(request, OIDC, f"protocol:{error}"))


def _moment(seconds: object) -> dt.datetime:
    if seconds is None:
        return LONG_AGO
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e11:
        raise Refused("moment")
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
