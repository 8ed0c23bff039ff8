"""A form asks for a level; whoever has not shown it neither reads nor writes a page, and loses nothing typed."""

import pytest
from django.urls import reverse

from forms_engine.definitions import actions as definitions
from forms_engine.submissions import access, actions
from forms_engine.submissions.models import Draft
from portal.accounts.identity.models import ExternalIdentity
from portal.accounts.levels import TrustLevel
from portal.common import clock
from tests.forms_engine.submissions.conftest import CATALOGUE, client_of
from tests.portal.accounts.identity.conftest import key_folder, providers_on  # noqa: F401 - fixtures


@pytest.fixture
def strict(alice, db, providers_on) -> Draft:  # noqa: F811 - the fixture
    """Alice's draft of the permit, as if it asked for the highest level; she has a BayernID."""
    source = (CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")
    source = source.replace("trust_level: basic", "trust_level: high")
    ExternalIdentity.objects.create(user=alice, provider="bayernid", subject="a", level=TrustLevel.HIGH)
    return actions.start_draft(alice, definitions.publish("bewohnerparkausweis", source, by=None))


def _url(draft: Draft) -> str:
    return reverse("submissions:page", args=[draft.public_id, draft.form_version.definition.pages[0].key])


@pytest.mark.parametrize("level", [None, TrustLevel.BASIC, TrustLevel.SUBSTANTIAL])
def test_with_too_little_no_page_opens_and_nothing_is_sent(strict, alice, level):
    client = client_of(alice, level)
    for address in (_url(strict), reverse("cases:check", args=[strict.public_id])):
        assert client.get(address)["Location"] == "/konto/identitaet/nachweis/"
        assert client.post(address)["Location"] == "/konto/identitaet/nachweis/"
    strict.refresh_from_db()
    assert strict.state == "open" and strict.page_versions == {}


def test_with_enough_the_page_opens(strict, alice):
    assert client_of(alice, TrustLevel.HIGH).get(_url(strict)).status_code == 200


def test_what_was_typed_waits(strict, alice):
    client = client_of(alice)
    client.post(_url(strict), {"vorhaben": "neu"})
    way = client.session["identity_demand"]["next"]
    session = client.session
    session["identity_sign_ins"] = [{"provider": "bayernid", "level": 3, "at": clock.now().isoformat()}]
    session.save()
    page = client.get(way).content.decode()
    assert 'name="vorhaben" value="neu"' in page and f'action="{_url(strict)}"' in page


def test_the_page_of_ways_offers_what_is_linked(strict, alice):
    page = client_of(alice).get(_url(strict), follow=True).content.decode()
    assert "Mit BayernID ausweisen" in page and "BundID verknüpfen" in page and "Passwort bestätigen" not in page


def test_an_unknown_word_is_refused(strict, alice, monkeypatch):
    monkeypatch.setattr(access, "TRUST", {})
    assert client_of(alice, TrustLevel.HIGH).get(_url(strict)).status_code == 403
