"""Who looks: the cookies of each person of the city, in every state of signing in. Not by force: through the pages."""

import datetime as dt
import re
import time
from collections.abc import Mapping

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from forms_engine.submissions import links
from forms_engine.submissions.models import Draft
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.common import clock
from portal.common.crypto import Envelope
from portal.home import actions as home
from portal.home import kiosk
from portal.home.models import Terminal
from tests.browser.pages import exchange, passkey
from tests.forms_engine.cases import catalogue

PASSWORD = "ein gutes Kennwort"


Names = dict[str, str]
Cookies = dict[str, str]


def begin(names: Names, people: Mapping[str, User]) -> dict[str, Cookies]:
    """Cookies of each `who`, by way of the sign-in page: a session remembers when the password was given."""
    made = {name: _cookies(_signed_in(people[name])) for name in ("alice", "bob")}
    made["erna"] = _second_factor(people["erna"], names)
    half, new = Client(), Client()
    half.post("/konto/login/", {"login": people["erna"].email, "password": PASSWORD})
    made["erna, first step"] = _cookies(half)
    made["fritz"] = _cookies(_by_force(people["fritz"]))
    new.post("/konto/signup/", _SIGN_UP)
    made["somebody new"] = _cookies(new)
    for name in ("alice", "bob"):
        made[f"{name} just proven"] = _cookies(_proven(people[name]))
    acting = _signed_in(people["alice"])
    acting.post("/konto/vertretung/handeln/", {"vertretung": names["mandate"]})
    made["alice acting for erna"] = _cookies(acting)
    made["terminal"] = {kiosk.COOKIE: home.add_terminal("Rathaus, Gerät 1")}
    Terminal.objects.update(idle_seconds=600)
    made["alice at a terminal"] = made["terminal"] | _cookies(_signed_in(people["alice"]))
    made["hanna"] = _cookies(_by_force(people["hanna"]))
    made["bob, two accounts"] = _two_accounts(people["bob"], people["fritz"])
    made["bob, asked for more"] = _asked_for_more(people["bob"])
    made |= {who: _cookies(client) for who, client in exchange.visitors(names, people, _signed_in).items()}
    made["somebody in a survey"] = _cookies(_in_a_survey(names))
    made["somebody reporting"] = _cookies(_reporting(names))
    Session.objects.update(expire_date=clock.now() + dt.timedelta(days=1))  # looking at all pages may take hours
    fritz = people["fritz"]
    names["reset"] = f"{user_pk_to_url_str(fritz)}-{default_token_generator.make_token(fritz)}"
    return made


_SIGN_UP = {
    "email": "neu@stadt.invalid",
    "password1": "drei nasse Wörter",
    "given_name": "Nina",
    "family_name": "Neu",
}


def _signed_in(user: User) -> Client:
    cache.clear()  # attempts are counted there
    client = Client()
    answer = client.post("/konto/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, user
    return client


def _by_force(user: User) -> Client:
    """For those who have no password."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _proven(user: User) -> Client:
    client = _signed_in(user)
    client.post("/konto/reauthenticate/", {"password": PASSWORD})
    return client


def _second_factor(erna: User, names: Names) -> Cookies:
    client = _proven(erna)
    page = client.get("/konto/2fa/totp/activate/").content.decode()
    secret = re.search(r"Schlüssel: <span[^>]*>([A-Z2-7 ]+)<", page)[1].replace(" ", "")
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30 - 1))
    answer = client.post("/konto/2fa/totp/activate/", {"code": code})
    assert answer.status_code == 302, answer.content.decode()
    data = {"name": "Mein Telefon", "credential": passkey.answer()}
    made = Authenticator.objects.create(user=erna, type=Authenticator.Type.WEBAUTHN, data=data)
    names["passkey"] = str(made.pk)
    return _cookies(client)


def _two_accounts(user: User, other: User) -> Cookies:
    """A session that has just shown that another account is its person's, too; for as long as the tests last."""
    client, at = _signed_in(user), (clock.now() + dt.timedelta(days=1)).isoformat()
    session = client.session
    shown = {"provider": "bayernid", "level": int(TrustLevel.SUBSTANTIAL), "at": at}
    session["identity_merge"] = {"user": user.pk, "other": other.pk, "at": at, "shown": shown}
    session.save()
    return _cookies(client)


def _asked_for_more(user: User) -> Cookies:
    """A session of which a page has asked more than it has shown."""
    client = _signed_in(user)
    session = client.session
    session["identity_demand"] = {"next": "/konto/uebersicht/", "level": int(TrustLevel.SUBSTANTIAL), "seconds": None}
    session.save()
    return _cookies(client)


def _in_a_survey(names: Names) -> Client:
    """A stranger who has answered everything and not yet sent it."""
    slug, client = "umfrage-buergerbuero", Client()
    version = catalogue.publish(slug)
    client.post(f"/antrag/{slug}/")
    draft = catalogue.fill(Draft.objects.get(form_version=version), catalogue.sample(slug))
    names["survey"] = str(draft.public_id)
    return client


def _reporting(names: Names) -> Client:
    """A stranger who has begun a report, and asked for a link to go on elsewhere."""
    slug, client = "maengelmeldung", Client()
    version = catalogue.publish(slug)
    client.post(f"/antrag/{slug}/")
    draft = Draft.objects.get(form_version=version)
    held = links.order(draft, "fremd@stadt.invalid")
    names["report"] = str(draft.public_id)
    names["report_link"] = Envelope(draft.wrapped_key).open_json(held.sealed, held.place)["token"]
    return client


def _cookies(client: Client) -> Cookies:
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
