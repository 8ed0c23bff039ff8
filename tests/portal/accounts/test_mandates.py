"""Acting for somebody: by invitation, in a scope, until it ends; the database holds the rules too."""

import datetime as dt
import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from portal.accounts import mandates
from portal.accounts.models import Evidence, Mandate, MandateKind, Scope
from portal.common import clock


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def given(principal, agent, scope=Scope.ALL, ends=None) -> Mandate:
    made = mandates.invite(principal, agent.email, mandates.Terms(MandateKind.PROXY, scope), ends=ends)
    assert mandates.accept(made, by=agent)
    return Mandate.objects.get(pk=made.pk)


FORM = {"address": "bob@stadt.invalid", "scope": "applications", "ends": ""}


def test_from_invitation_to_acting_and_back(alice, bob, mailoutbox):
    hers, his = signed_in(alice), signed_in(bob)
    hers.post("/konto/vertretung/neu/", FORM)
    assert mandates.sweep_invitations() == 1
    [mail] = mailoutbox
    assert mail.to == ["bob@stadt.invalid"] and "Alice" not in mail.body
    link = re.search(r"/konto/vertretung/annehmen/\S+", mail.body)[0]
    assert "Möchten Sie für Alice Ammer handeln?" in his.get(link).content.decode()
    his.post(link, {"antwort": "ja"})
    assert mandates.may_act(bob, alice, Scope.APPLICATIONS)
    made = Mandate.objects.get()
    page = his.post("/konto/vertretung/handeln/", {"vertretung": made.public_id}, follow=True).content.decode()
    assert "Sie handeln für <strong>Alice Ammer</strong>" in page
    assert "Sie handeln für" in his.get("/kontakt/").content.decode()
    assert "Sie handeln für" not in his.post("/konto/vertretung/handeln/", follow=True).content.decode()


def test_an_unknown_address_gets_the_same_answer_and_the_same_mail(alice, mailoutbox):
    client = signed_in(alice)
    known = client.post("/konto/vertretung/neu/", FORM, follow=True).content.decode()
    unknown = client.post("/konto/vertretung/neu/", {**FORM, "address": "x@y.de"}, follow=True).content.decode()
    assert "Die Einladung ist unterwegs" in known and "Die Einladung ist unterwegs" in unknown
    assert unknown.count("noch nicht angenommen") == 2
    assert mandates.sweep_invitations() == 2


def test_only_the_invited_address_opens_the_link(alice, bob, clara):
    made = mandates.invite(alice, bob.email, mandates.Terms(MandateKind.PROXY, Scope.ALL))
    path = f"/konto/vertretung/annehmen/{mandates.ticket(made)}/"
    assert signed_in(clara).get(path).status_code == 404
    assert signed_in(clara).post(path, {"antwort": "ja"}).status_code == 404
    assert signed_in(bob).get(path[:-3] + "xx/").status_code == 404
    assert Mandate.objects.get().agent is None


def test_either_side_ends_it_at_once_also_in_a_session_that_is_acting(alice, bob):
    made, his = given(alice, bob), signed_in(bob)
    his.post("/konto/vertretung/handeln/", {"vertretung": made.public_id})
    path = f"/konto/vertretung/{made.public_id}/beenden/"
    assert "Möchten Sie die Vertretung beenden?" in signed_in(alice).get(path).content.decode()
    signed_in(alice).post(path)
    assert "Sie handeln für" not in his.get("/konto/uebersicht/").content.decode()
    assert not mandates.may_act(bob, alice, Scope.ALL)
    assert "beendet am" in his.get("/konto/vertretung/").content.decode()


def test_strangers_can_neither_see_nor_end_nor_use_it(alice, bob, clara):
    made, stranger = given(alice, bob), signed_in(clara)
    assert stranger.post(f"/konto/vertretung/{made.public_id}/beenden/").status_code == 404
    assert stranger.post("/konto/vertretung/handeln/", {"vertretung": made.public_id}).status_code == 404
    assert "Alice" not in stranger.get("/konto/vertretung/").content.decode()
    assert mandates.may_act(bob, alice, Scope.ALL)


def test_the_scope_and_the_last_day_count(alice, bob):
    today = clock.today()
    given(alice, bob, Scope.MAILBOX, ends=today)
    assert mandates.may_act(bob, alice, Scope.MAILBOX)
    assert not mandates.may_act(bob, alice, Scope.APPLICATIONS)
    with clock.frozen(clock.now() + dt.timedelta(days=1)):
        assert not mandates.may_act(bob, alice, Scope.MAILBOX)


def test_everybody_acts_for_themselves_unless_the_account_is_closed(alice):
    assert mandates.may_act(alice, alice, Scope.ALL)
    alice.is_active = False
    assert not mandates.may_act(alice, alice, Scope.ALL)


def test_nobody_represents_themselves_and_the_end_follows_the_beginning(alice):
    page = signed_in(alice).post("/konto/vertretung/neu/", {**FORM, "address": alice.email}).content.decode()
    assert "Geben Sie die Adresse einer anderen Person ein" in page
    page = signed_in(alice).post("/konto/vertretung/neu/", {**FORM, "ends": "1.1.2001"}).content.decode()
    assert "Das Ende muss nach dem Beginn liegen" in page
    assert not Mandate.objects.exists()


def test_citizens_cannot_make_themselves_guardians(alice):
    signed_in(alice).post("/konto/vertretung/neu/", {**FORM, "kind": "guardian", "evidence": "checked"})
    made = Mandate.objects.get()
    assert (made.kind, made.principal, made.evidence) == (MandateKind.PROXY, alice, Evidence.INVITED)


WRONG = [
    {"agent": "alice", "accepted_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
    {"agent": "bob"},
    {"kind": "king"},
    {"scope": "everything"},
    {"ends": dt.date(2000, 1, 1)},
    {"revoked_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
    {"role": "owner"},
    {"kind": "company"},
    {"evidence": "hearsay"},
    {"kind": "company", "role": "king"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda w: ",".join(w))
def test_the_database_refuses_impossible_mandates(alice, bob, wrong):
    people = {"alice": alice, "bob": bob}
    row = {"kind": "proxy", "scope": "all", "starts": dt.date(2026, 1, 1), **wrong}
    row["agent"] = people.get(wrong.get("agent"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.create(principal=alice, **row)
