"""The city that the page types look at: built once, through the house's own doors, by a thread of its own.

`names` are the ids that stand in braces in page_types.py; `people` is who can be signed in.
"""

import dataclasses
import datetime as dt
import re
import time
from collections.abc import Mapping

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from fido2 import cose
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from appointments import actions as appointments
from appointments import queries as slots
from forms_engine.cases import flow
from forms_engine.cases.models import Case
from forms_engine.cases.states import Status
from mailbox.models import Message
from payments.fakestripe.server import FakeStripe
from portal.accounts import mandates, profile
from portal.accounts.levels import TrustLevel
from portal.accounts.models import MandateKind, Scope, User
from portal.common import clock
from portal.directory.models import Office, Topic
from portal.home import actions as home
from portal.home import kiosk
from portal.home.models import Terminal
from tests import make
from tests.conftest import _person
from tests.forms_engine.submissions.walk import REBUILT, Walk
from tests.payments.conftest import owe, pay, started

PASSWORD = "ein gutes Kennwort"


@dataclasses.dataclass
class World:
    names: dict[str, str]
    people: Mapping[str, User]
    sessions: dict[str, dict[str, str]]  # who -> cookies


def build(fake: FakeStripe) -> World:
    make.catalogue()
    people = {name: _known(*words) for name, words in PEOPLE.items()}
    people["clara"] = _person("Clara", "Claußen", staff=True)
    people["fritz"].set_unusable_password()
    people["fritz"].save(update_fields=["password"])
    world = World({}, people, {})
    world.names["topic"] = Topic.objects.filled().first().slug
    world.names["office"] = Office.objects.first().slug
    for step in (_cases, _drafts, _payments, _appointments, _messages, _account, _sessions):
        step(world, fake)
    return world


# alice has everything, bob nothing, erna a second factor, fritz no password, gerda is about to sign in.
PEOPLE = {
    "alice": ("Alice", "Ammer"),
    "bob": ("Bob", "Brenner"),
    "erna": ("Erna", "Eder"),
    "fritz": ("Fritz", "Fuchs"),
}


def _known(given: str, family: str) -> User:
    user = _person(given, family)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def _cases(world: World, fake: FakeStripe) -> None:
    alice, clara = world.people["alice"], world.people["clara"]
    granted = make.paid(make.case(alice), fake)
    start = clock.today()
    span = {"valid_from": start, "valid_until": start + dt.timedelta(days=364)}
    flow.decide(granted, kind="granted", by=clara, area="Gärtnerplatz", **span)
    asked = make.paid(make.case(alice), fake)
    flow.request_documents(asked, text="Bitte laden Sie auch die Rückseite des Fahrzeugscheins hoch.", by=clara)
    withdrawn = make.case(alice)
    flow.withdraw(withdrawn, by=alice)
    waiting = make.case(alice)
    make.work()
    for name, case in {"granted": granted, "asked": asked, "withdrawn": withdrawn, "waiting": waiting}.items():
        world.names[name] = str(case.public_id)
    assert Case.objects.get(pk=granted.pk).status == Status.CLOSED
    world.names["waiting_fee"] = str(waiting.receivable.public_id)
    world.names["code"] = granted.papers.get(kind="decision").code
    world.names["sent_draft"] = str(waiting.submission.draft.public_id)


def _drafts(world: World, fake: FakeStripe) -> None:
    world.names["complete"] = str(make.draft(world.people["alice"]).public_id)
    version = make.current_version(make.FORM)
    refused = make.submissions.start_draft(world.people["erna"], version)
    pages = REBUILT | {"umbau": {"stellplatz_umbau": "nein"}}
    walk = Walk(None, refused)
    walk.fill("umbau-dauer", pages)
    world.names["refused"] = str(refused.public_id)
    world.names["begun"] = str(make.submissions.start_draft(world.people["fritz"], version).public_id)


def _payments(world: World, fake: FakeStripe) -> None:
    alice, clara = world.people["alice"], world.people["clara"]
    begun, paid, dropped, debit = owe(alice), owe(alice), owe(alice), owe(alice)
    started(begun)
    pay(fake, started(paid))
    make.payments.settle(paid.payments.get().pk)
    make.payments.cancel_receivable(dropped, by=clara)
    pay(fake, started(debit), "sepa_debit")
    make.drain()
    for name, row in {"fee_begun": begun, "fee_paid": paid, "fee_dropped": dropped, "fee_debit": debit}.items():
        world.names[name] = str(row.public_id)


def _appointments(world: World, fake: FakeStripe) -> None:
    alice = world.people["alice"]
    offering = appointments.seed_demo()
    free = slots.free_starts(offering, clock.today() + dt.timedelta(days=2), 20)
    case = Case.objects.get(public_id=world.names["asked"])
    booked = flow.book_appointment(case, offering=offering, start=free[3], by=alice, key="a")
    waiting = Case.objects.get(public_id=world.names["granted"])
    gone = appointments.book(
        offering=offering, start=free[9], holder=alice, subject=waiting.thread, idempotency_key="b"
    )
    appointments.cancel(gone, by=alice)
    make.drain()
    world.names |= {"booked": str(booked.public_id), "cancelled": str(gone.public_id)}


def _messages(world: World, fake: FakeStripe) -> None:
    alice = world.people["alice"]
    rows = Message.objects.of(alice)
    decision = rows.filter(attachments__isnull=False, thread=Case.objects.get(public_id=world.names["granted"]).thread)
    letter = decision.latest("created_at")
    reply = make.mailbox.reply(letter, body="Vielen Dank für den Ausweis.", by=alice, once="x")
    archived = rows.exclude(pk__in=[letter.pk, reply.pk]).earliest("created_at")
    make.mailbox.archive(archived, by=alice)
    make.work()
    rows = {"letter": letter, "archived": archived, "reply": reply}
    world.names |= {name: str(row.public_id) for name, row in rows.items()}


def _account(world: World, fake: FakeStripe) -> None:
    alice, bob, erna = (world.people[name] for name in ("alice", "bob", "erna"))
    said = {"birth_date": ("1985-04-03", TrustLevel.HIGH), "street": ("Fraunhoferstraße 12", TrustLevel.SUBSTANTIAL)}
    profile.record(alice, source="bundid", data=said)
    profile.record_own(alice, {"phone": "089 123456"})
    how = {"kind": MandateKind.PROXY, "scope": Scope.ALL, "starts": clock.today()}
    with transaction.atomic():
        given = mandates.invite(erna, alice.email, **how)
        mandates.accept(given, by=alice)
        offered = mandates.invite(alice, bob.email, **how)
    world.names |= {"mandate": str(given.public_id), "offered": str(offered.public_id)}
    world.names["invitation"] = mandates.ticket(offered)


def _sessions(world: World, fake: FakeStripe) -> None:
    """Cookies of each `who`, by way of the sign-in page: a session remembers when the password was given."""
    for name in ("alice", "bob"):
        world.sessions[name] = _cookies(_signed_in(world.people[name]))
    world.sessions["erna"] = _second_factor(world)
    half = Client()
    half.post("/konto/login/", {"login": world.people["erna"].email, "password": PASSWORD})
    world.sessions["erna, first step"] = _cookies(half)
    fritz = Client()
    fritz.force_login(world.people["fritz"], backend="django.contrib.auth.backends.ModelBackend")
    world.sessions["fritz"] = _cookies(fritz)
    for who, user in (("alice acting for erna", "alice"), ("alice just proven", "alice"), ("bob just proven", "bob")):
        client = _signed_in(world.people[user])
        if "acting" in who:
            client.post("/konto/vertretung/handeln/", {"vertretung": world.names["mandate"]})
        client.post("/konto/reauthenticate/", {"password": PASSWORD})
        world.sessions[who] = _cookies(client)
    new = Client()
    new.post("/konto/signup/", _SIGN_UP)
    world.sessions["somebody new"] = _cookies(new)
    terminal = home.add_terminal("Rathaus, Gerät 1")
    Terminal.objects.update(idle_seconds=600)
    world.sessions["terminal"] = {kiosk.COOKIE: terminal}
    world.sessions["alice at a terminal"] = {kiosk.COOKIE: terminal} | _cookies(_signed_in(world.people["alice"]))
    _steps_up(world)
    Session.objects.update(expire_date=clock.now() + dt.timedelta(days=1))  # looking at all pages may take hours
    reset = world.people["fritz"]
    world.names["reset"] = f"{user_pk_to_url_str(reset)}-{default_token_generator.make_token(reset)}"


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


def _second_factor(world: World) -> dict[str, str]:
    erna = world.people["erna"]
    client = _signed_in(erna)
    client.post("/konto/reauthenticate/", {"password": PASSWORD})
    page = client.get("/konto/2fa/totp/activate/").content.decode()
    secret = re.search(r"Schlüssel: <span[^>]*>([A-Z2-7 ]+)<", page)[1].replace(" ", "")
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30 - 1))
    answer = client.post("/konto/2fa/totp/activate/", {"code": code})
    assert answer.status_code == 302, answer.content.decode()
    data = {"name": "Mein Telefon", "credential": _passkey()}
    made = Authenticator.objects.create(user=erna, type=Authenticator.Type.WEBAUTHN, data=data)
    world.names["passkey"] = str(made.pk)
    return _cookies(client)


def _passkey() -> dict[str, object]:
    """What a browser answers when it has made a passkey (WebAuthn, section 5.2.1)."""
    key = cose.ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    held = AttestedCredentialData.create(bytes(16), b"passkey of erna.", key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    attested = AttestationObject.create("none", AuthenticatorData.create(bytes(32), flags, 0, held), {})
    asked = CollectedClientData.create(CollectedClientData.TYPE.CREATE, b"challenge", "http://localhost")
    answer = {"clientDataJSON": websafe_encode(asked), "attestationObject": websafe_encode(attested)}
    name = websafe_encode(held.credential_id)
    more = {"type": "public-key", "clientExtensionResults": {"credProps": {"rk": True}}}
    return {"id": name, "rawId": name, "response": answer} | more


def _steps_up(world: World) -> None:
    """A session of which a page has asked more than it has shown."""
    client = _signed_in(world.people["bob"])
    session = client.session
    session["identity_demand"] = {"next": "/konto/uebersicht/", "level": int(TrustLevel.SUBSTANTIAL), "seconds": None}
    session.save()
    world.sessions["bob, asked for more"] = _cookies(client)


def _cookies(client: Client) -> dict[str, str]:
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
