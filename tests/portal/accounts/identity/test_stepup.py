"""Session level x demanded level x age: allow, sign in, step up or refuse; and the way there and back."""

import datetime as dt
import itertools
import re
from html import unescape

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.identity import kept
from portal.accounts.identity.models import KeptPost, PendingSignIn
from portal.accounts.identity.sessions import SignIn
from portal.accounts.identity.stepup import Outcome, decide
from portal.accounts.levels import TrustLevel
from portal.common import clock
from tests.portal.accounts.identity import urls
from tests.portal.accounts.identity.peer import password_sign_in

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
LIMIT = dt.timedelta(minutes=10)
AGES = {"new": dt.timedelta(minutes=1), "at the limit": LIMIT, "old": dt.timedelta(hours=2), "unknown": None}
HELD = [None, TrustLevel.BASIC, TrustLevel.SUBSTANTIAL, TrustLevel.HIGH]
pytestmark = pytest.mark.urls("tests.portal.accounts.identity.urls")


@pytest.fixture(autouse=True)
def _nothing_received():
    urls.RECEIVED.clear()


def _sign_in(level, age) -> list[SignIn]:
    return [] if level is None else [SignIn("x", level, None if age is None else NOW - age)]


def _expected(held, needed, age, wants_new) -> Outcome:
    """The table, written down a second time and in other words."""
    if needed == TrustLevel.NONE:
        return Outcome.ALLOW
    if held is None:
        return Outcome.SIGN_IN
    too_old = wants_new and age in ("old", "unknown")
    return Outcome.STEP_UP if held < needed or too_old else Outcome.ALLOW


@pytest.mark.parametrize("wants_new", [False, True])
@pytest.mark.parametrize(("held", "needed", "age"), list(itertools.product(HELD, TrustLevel, AGES)))
@pytest.mark.sample(5)
def test_the_matrix(held, needed, age, wants_new):
    found = decide(_sign_in(held, AGES[age]), needed, LIMIT if wants_new else None, NOW, TrustLevel.HIGH)
    assert found is _expected(held, needed, age, wants_new)


@pytest.mark.parametrize(("held", "age"), list(itertools.product(HELD, AGES)))
@pytest.mark.sample(4)
def test_a_demand_that_nobody_knows_is_refused(held, age):
    assert decide(_sign_in(held, AGES[age]), None, None, NOW, TrustLevel.HIGH) is Outcome.REFUSE


@pytest.mark.parametrize("held", [None, TrustLevel.BASIC])
def test_a_demand_that_no_provider_can_meet_is_refused(held):
    assert decide(_sign_in(held, AGES["new"]), TrustLevel.HIGH, None, NOW, TrustLevel.SUBSTANTIAL) is Outcome.REFUSE


def test_an_old_strong_and_a_new_weak_sign_in_do_not_add_up():
    held = [*_sign_in(TrustLevel.HIGH, AGES["old"]), *_sign_in(TrustLevel.BASIC, AGES["new"])]
    assert decide(held, TrustLevel.HIGH, LIMIT, NOW, TrustLevel.HIGH) is Outcome.STEP_UP


def test_a_sign_in_from_the_future_is_not_new():
    assert (
        decide(_sign_in(TrustLevel.HIGH, -AGES["old"]), TrustLevel.HIGH, LIMIT, NOW, TrustLevel.HIGH) is Outcome.STEP_UP
    )


sign_ins = st.lists(
    st.builds(SignIn, st.just("x"), st.sampled_from(TrustLevel), st.none() | st.just(NOW) | st.just(NOW - AGES["old"]))
)


@given(sign_ins, sign_ins, st.sampled_from(TrustLevel), st.none() | st.just(LIMIT))
def test_one_more_proof_never_takes_anything_away(held, more, needed, max_age):
    if decide(held, needed, max_age, NOW, TrustLevel.HIGH) is Outcome.ALLOW:
        assert decide(held + more, needed, max_age, NOW, TrustLevel.HIGH) is Outcome.ALLOW


@given(sign_ins, st.sampled_from(TrustLevel), st.sampled_from(TrustLevel), st.none() | st.just(LIMIT))
def test_whoever_may_see_more_may_see_less(held, one, other, max_age):
    low, high = sorted([one, other])
    if decide(held, high, max_age, NOW, TrustLevel.HIGH) is Outcome.ALLOW:
        assert decide(held, low, max_age, NOW, TrustLevel.HIGH) is Outcome.ALLOW


# --- through the pages ------------------------------------------------------------------------------------------------


def _step_up(client, peer, way=2, person=0, **told):
    """From the page of ways to the provider and back."""
    question, relay = peer.ask(client, "/konto/identitaet/bayernid/nachweisen/")
    return peer.send(client, peer.signed(peer.told(question.request_id, person, way, **told)), relay)


def _fields(page: str) -> dict[str, str]:
    """The hidden inputs of the form that goes on."""
    form = page[page.index("Sie haben sich ausgewiesen") :]
    return {unescape(n): unescape(v) for n, v in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form)}


@pytest.mark.parametrize(("path", "ways"), [("hoch", {2}), ("substanziell", {1, 2}), ("einfach", {0, 1, 2})])
@pytest.mark.parametrize("way", [0, 1, 2])
@pytest.mark.sample(9)
def test_a_page_opens_to_those_who_showed_enough(client, bayernid, path, ways, way):
    bayernid.sign_in(client, way=way)
    response = client.get(f"/probe/{path}/")
    assert response.status_code == (200 if way in ways else 302)
    assert way in ways or response["Location"] == "/konto/identitaet/nachweis/"


def test_a_stranger_signs_in_first(client, db):
    assert client.get("/probe/einfach/?a=1")["Location"] == "/konto/login/?next=/probe/einfach/%3Fa%3D1"
    assert client.get("/probe/offen/").status_code == 200


def test_without_a_provider_a_high_page_is_refused_with_a_sentence(client, alice):
    client.force_login(alice)
    response = client.get("/probe/hoch/")
    assert response.status_code == 403 and "115" in response.content.decode()


@pytest.mark.slow
def test_the_step_up_asks_for_the_level_and_for_a_new_sign_in(client, bayernid):
    bayernid.sign_in(client, way=0)
    client.get("/probe/hoch/")
    question, _ = bayernid.ask(client, "/konto/identitaet/bayernid/nachweisen/")
    assert (question.level, question.purpose, question.user.given_name) == (TrustLevel.HIGH, "step_up", "Alice")


@pytest.mark.slow
def test_after_the_step_up_the_same_page_is_there(client, bayernid):
    bayernid.sign_in(client, way=0)
    client.get("/probe/hoch/?a=1&b=zwei")
    response = _step_up(client, bayernid)
    assert response.redirect_chain[-1][0] == "/probe/hoch/?a=1&b=zwei"
    assert response.content.decode() == "Seite hoch"


@pytest.mark.slow
def test_an_answer_at_a_lower_level_is_refused(client, bayernid):
    bayernid.sign_in(client, way=0)
    client.get("/probe/hoch/")
    assert _step_up(client, bayernid, way=1).status_code == 400
    assert client.get("/probe/hoch/").status_code == 302


@pytest.mark.slow
def test_an_old_sign_in_at_the_provider_is_no_step_up(client, bayernid):
    bayernid.sign_in(client, way=0)
    client.get("/probe/hoch/")
    assert _step_up(client, bayernid, signed_in_at=clock.now() - dt.timedelta(minutes=5)).status_code == 400


@pytest.mark.slow
def test_another_person_coming_back_is_refused(client, bayernid):
    bayernid.sign_in(client, way=0)
    client.get("/probe/hoch/")
    assert _step_up(client, bayernid, person=1).status_code == 400
    assert client.get("/probe/hoch/").status_code == 302
    assert client.get("/probe/einfach/").status_code == 200


@pytest.mark.slow
def test_another_person_who_has_an_account_is_refused_as_well(client, bayernid):
    bayernid.sign_in(client, person=1)
    client.logout()
    bayernid.sign_in(client, way=0)
    client.get("/probe/hoch/")
    assert _step_up(client, bayernid, person=1).status_code == 400
    assert client.get("/probe/hoch/").status_code == 302


@pytest.mark.slow
def test_another_account_in_the_same_browser_cannot_take_the_answer(client, bayernid, bob):
    bayernid.sign_in(client, way=0)
    client.get("/probe/hoch/")
    question, relay = bayernid.ask(client, "/konto/identitaet/bayernid/nachweisen/")
    client.force_login(bob)
    assert bayernid.send(client, bayernid.signed(bayernid.told(question.request_id)), relay).status_code == 400


@pytest.mark.slow
def test_an_aged_sign_in_is_asked_again_and_a_new_one_counts(client, bayernid):
    with clock.frozen(clock.now() - dt.timedelta(minutes=6)):
        bayernid.sign_in(client)
    assert client.get("/probe/hoch/").status_code == 200
    assert client.get("/probe/frisch/").status_code == 302
    assert _step_up(client, bayernid).content.decode() == "Seite einfach"


def test_a_password_is_enough_for_the_lowest_level(client, bayernid, alice):
    password_sign_in(client, alice)
    with clock.frozen(clock.now() + dt.timedelta(minutes=6)):
        page = client.get("/probe/frisch/", follow=True).content.decode()
    assert "/konto/reauthenticate/?next=%2Fprobe%2Ffrisch%2F" in page


@pytest.mark.slow
def test_an_unknown_level_in_the_session_counts_for_nothing(client, bayernid):
    bayernid.sign_in(client)
    session = client.session
    session["identity_sign_ins"] = [{"provider": "bayernid", "level": 9, "at": clock.now().isoformat()}]
    session.save()
    assert client.get("/probe/hoch/").status_code == 302


# --- what was posted --------------------------------------------------------------------------------------------------

POSTED = {"text": 'Grüße\nmit <b> & "Anführung"', "aktion": "senden"}


def _post_and_prove(client, bayernid, **told):
    bayernid.sign_in(client, way=0)
    client.post("/probe/hoch/?a=1", POSTED)
    assert urls.RECEIVED == []
    return _step_up(client, bayernid, **told)


@pytest.mark.slow
def test_what_was_posted_survives_the_way_and_is_sent_with_one_button(client, bayernid):
    page = _post_and_prove(client, bayernid).content.decode()
    fields = _fields(page)
    assert 'action="/probe/hoch/?a=1"' in page and fields.pop("csrfmiddlewaretoken")
    client.post("/probe/hoch/?a=1", fields)
    assert [(posted, query) for _, posted, query in urls.RECEIVED] == [(POSTED, {"a": "1"})]
    assert not KeptPost.objects.exists()


@pytest.mark.slow
def test_several_values_of_one_name_survive(client, bayernid):
    bayernid.sign_in(client, way=0)
    client.post("/probe/hoch/", {"wahl": ["a", "b"]})
    assert _step_up(client, bayernid).content.decode().count('name="wahl"') == 2


@pytest.mark.slow
def test_the_kept_row_opens_nothing_by_itself(client, bayernid):
    bayernid.sign_in(client, way=0)
    client.post("/probe/hoch/", POSTED)
    assert b"Gr" not in bytes(KeptPost.objects.get().sealed)


@pytest.mark.sample(2)
@pytest.mark.parametrize("thief", ["another person", "the same person in another browser"])
def test_nobody_else_opens_what_was_posted(client, bayernid, bob, thief):
    with clock.frozen(clock.now() - dt.timedelta(minutes=6)):
        bayernid.sign_in(client)
    client.post("/probe/frisch/", POSTED)
    way, other = client.session["identity_demand"]["next"], Client()
    if thief == "another person":
        password_sign_in(other, bob)
    else:
        bayernid.sign_in(other)
    assert other.get(way).content.decode() == "Seite einfach"
    assert KeptPost.objects.count() == 1


@pytest.mark.slow
def test_whoever_signs_in_anew_in_the_same_browser_finds_it(client, bayernid):
    with clock.frozen(clock.now() - dt.timedelta(minutes=6)):
        bayernid.sign_in(client)
    client.post("/probe/frisch/", POSTED)
    way = client.session["identity_demand"]["next"]
    bayernid.sign_in(client)
    assert "Ihre Eingaben sind noch da" in client.get(way).content.decode()


@pytest.mark.slow
def test_the_ticket_opens_only_its_own_page(client, bayernid):
    bayernid.sign_in(client, way=0)
    client.post("/probe/hoch/", POSTED)
    way = client.session["identity_demand"]["next"]
    assert client.get(way.replace("hoch", "einfach")).content.decode() == "Seite einfach"


@pytest.mark.slow
def test_the_ticket_opens_once(client, bayernid):
    way = _post_and_prove(client, bayernid).redirect_chain[-1][0]
    assert client.get(way).content.decode() == "Seite hoch"


@pytest.mark.slow
def test_what_was_posted_is_forgotten_after_an_hour(client, bayernid):
    bayernid.sign_in(client, way=0)
    client.post("/probe/hoch/", POSTED)
    with clock.frozen(clock.now() + dt.timedelta(hours=1, seconds=1)):
        assert kept.forget_expired() == 1


@pytest.mark.slow
def test_too_much_is_not_kept_and_the_page_is_still_the_way_back(client, bayernid):
    bayernid.sign_in(client, way=0)
    client.post("/probe/hoch/", {"text": "x" * 70_000})
    assert not KeptPost.objects.exists()
    assert client.session["identity_demand"]["next"] == "/probe/hoch/"


def test_without_a_demand_there_is_nothing_to_prove(client, bayernid):
    bayernid.sign_in(client)
    before = PendingSignIn.objects.count()
    assert client.get("/konto/identitaet/nachweis/")["Location"] == "/konto/uebersicht/"
    assert client.post("/konto/identitaet/bayernid/nachweisen/")["Location"] == "/konto/identitaet/nachweis/"
    assert PendingSignIn.objects.count() == before
