"""The level a case was opened with is asked for at each page of it, and at each letter; what was posted waits."""

import datetime as dt
import itertools

import pytest
from django.test import Client

from forms_engine.cases import post
from forms_engine.cases.models import Case
from forms_engine.definitions import actions as definitions
from forms_engine.definitions.models import FormVersion
from mailbox.models import Message
from portal.accounts.identity.models import ExternalIdentity
from portal.accounts.identity.stepup import MAX_AGE
from portal.accounts.levels import TrustLevel
from portal.audit.models import AuditEntry
from portal.common import clock
from tests import make
from tests.forms_engine.submissions.conftest import CATALOGUE
from tests.portal.accounts.identity.conftest import key_folder, providers_on  # noqa: F401 - fixtures

STEP_UP = "/konto/identitaet/nachweis/"
AGES = [dt.timedelta(minutes=1), max(MAX_AGE.values()) + dt.timedelta(minutes=1)]


@pytest.fixture
def strict(alice, providers_on, settings, tmp_path) -> Case:  # noqa: F811 - the fixture
    """Alice's case of a form that asks for the highest level; she has a BayernID."""
    settings.FILE_STORE = tmp_path / "files"
    source = (CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")
    definitions.publish("bewohnerparkausweis", source.replace("trust_level: basic", "trust_level: high"), by=None)
    ExternalIdentity.objects.create(user=alice, provider="bayernid", subject="a", level=TrustLevel.HIGH)
    case = make.case(alice)
    make.work()
    return case


def client_of(user, level: TrustLevel | None, age: dt.timedelta = AGES[0]) -> Client:
    client = Client()
    client.force_login(user)
    if level is not None:
        session, at = client.session, clock.now() - age
        session["identity_sign_ins"] = [{"provider": "bayernid", "level": level, "at": at.isoformat()}]
        session.save()
    return client


def addresses(case: Case) -> list[str]:
    base, letter = f"/vorgaenge/{case.public_id}/", Message.objects.get(thread=case.thread)
    file = case.submission.files.get().public_id
    parts = ("", "eingang/", "zurueckziehen/", "schriftstueck/antragsbestaetigung/", f"anlage/{file}/")
    return [
        *(base + part for part in parts),
        f"/postfach/{letter.public_id}/",
        f"/postfach/{letter.public_id}/anlage/1/",
    ]


@pytest.mark.parametrize(("level", "age"), list(itertools.product([None, *TrustLevel], AGES)))
@pytest.mark.slow
def test_only_a_strong_and_new_proof_opens_case_and_letters(strict, alice, level, age):
    client = client_of(alice, level, age)
    opened = level == TrustLevel.HIGH and age <= MAX_AGE[TrustLevel.HIGH]
    for address in addresses(strict):
        answer = client.get(address)
        assert (answer.status_code == 200) == opened, address
        assert opened or answer["Location"] == STEP_UP
    assert (Message.objects.get(thread=strict.thread).first_read_at is not None) == opened


@pytest.mark.slow
def test_what_was_posted_waits(strict, alice):
    client = client_of(alice, None)
    client.post(f"/vorgaenge/{strict.public_id}/zurueckziehen/", {"ja": "1"})
    way = client.session["identity_demand"]["next"]
    session = client.session
    session["identity_sign_ins"] = [{"provider": "bayernid", "level": 3, "at": clock.now().isoformat()}]
    session.save()
    assert f'action="/vorgaenge/{strict.public_id}/zurueckziehen/"' in client.get(way).content.decode()
    assert Case.objects.get().status == "awaiting_payment"


def test_a_level_nobody_knows_asks_for_the_most(strict, monkeypatch):
    monkeypatch.setattr(post.drafts, "trust_needed", lambda version: None)
    assert post.level(strict) == TrustLevel.HIGH


def test_the_demonstration_asks_for_no_more_than_an_account(alice, settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"
    case = make.case(alice)
    assert FormVersion.objects.get().definition.start.trust_level == "basic"
    assert client_of(alice, None).get(f"/vorgaenge/{case.public_id}/").status_code == 200
    assert not AuditEntry.objects.filter(action="case.agent_read").exists()
