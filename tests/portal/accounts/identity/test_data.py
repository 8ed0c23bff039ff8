"""The pseudonym is the key, and each datum counts as much as its provider says: not known is not believed."""

import pytest

from portal.accounts import profile
from portal.accounts.identity.assertions import BPK2, LEVEL
from portal.accounts.identity.models import ExternalIdentity
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.audit.models import AuditEntry

NAME, MAIL = "2.5.4.42", "0.9.2342.19200300.100.1.3"


def _arrive(client, peer, *rows):
    """A sign-in at the highest level that says only this: (OID, value, TrustLevel)."""
    question, relay = peer.ask(client)
    told = peer.told(question.request_id, attributes=rows)
    return peer.send(client, peer.signed(told), relay)


def _known() -> dict[str, tuple[str, TrustLevel]]:
    return {d.name: (d.value, d.level) for d in profile.of(User.objects.get()) if not d.own}


@pytest.mark.parametrize("trust", [None, "", "hoch", "HOCH ", "SEHR HOCH", "4", "NORMAL HOCH"])
@pytest.mark.sample(8)
def test_a_datum_with_a_missing_or_unknown_level_is_not_kept(client, bayernid, trust):
    _arrive(client, bayernid, (BPK2, "p1", "HOCH"), (NAME, "Alice", trust))
    assert _known() == {} and User.objects.get().given_name == ""


@pytest.mark.parametrize(("trust", "level"), [("UNTERGEORDNET", 0), ("NORMAL", 1), ("SUBSTANTIELL", 2), ("HOCH", 3)])
@pytest.mark.sample(6)
def test_a_high_sign_in_lifts_no_datum(client, bayernid, trust, level):
    _arrive(client, bayernid, (BPK2, "p1", "HOCH"), (NAME, "Alice", trust))
    assert _known() == {"given_name": ("Alice", TrustLevel(level))}


def test_an_address_said_by_the_person_there_is_not_our_address(client, bayernid):
    _arrive(client, bayernid, (BPK2, "p1", "HOCH"), (MAIL, "alice@post.invalid", "UNTERGEORDNET"))
    assert User.objects.get().mail_address == ""


@pytest.mark.sample(2)
@pytest.mark.parametrize("trust", ["SEHR HOCH", "hoch"])
def test_a_pseudonym_of_unknown_trust_opens_nothing(client, bayernid, trust):
    assert _arrive(client, bayernid, (BPK2, "p1", trust)).status_code == 400
    assert AuditEntry.objects.get().data == {"reason": "subject"}


@pytest.mark.parametrize("pseudonym", ["", " ", "x" * 256])
@pytest.mark.sample(3)
def test_a_pseudonym_that_is_none_opens_nothing(client, bayernid, pseudonym):
    assert _arrive(client, bayernid, (BPK2, pseudonym, "HOCH")).status_code == 400
    assert not User.objects.exists()


@pytest.mark.slow
def test_a_changed_pseudonym_is_a_new_person_whatever_else_is_the_same(client, bayernid):
    for pseudonym in ("p1", "p2"):
        _arrive(client, bayernid, (BPK2, pseudonym, "HOCH"), (NAME, "Alice", "HOCH"))
        client.logout()
    assert User.objects.count() == 2


@pytest.mark.slow
def test_pseudonyms_differ_by_every_letter(client, bayernid):
    for pseudonym in ("p1", "P1", "p１"):
        _arrive(client, bayernid, (BPK2, pseudonym, "HOCH"))
        client.logout()
    assert ExternalIdentity.objects.count() == 3


@pytest.mark.slow
def test_the_same_pseudonym_at_another_provider_is_somebody_else(client, bayernid, bundid):
    for peer in (bayernid, bundid):
        _arrive(client, peer, (BPK2, "p1", "HOCH"))
        client.logout()
    assert User.objects.count() == 2


@pytest.mark.slow
def test_a_level_datum_that_contradicts_the_sign_in_refuses_everything(client, bayernid):
    response = _arrive(client, bayernid, (BPK2, "p1", "HOCH"), (LEVEL, "STORK-QAA-Level-1", "HOCH"))
    assert response.status_code == 400 and not User.objects.exists()
