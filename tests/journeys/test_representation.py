"""Bob acts for Alice: she sees all of it, he sees it as long and as far as she lets him, others see nothing."""

import re

import pytest
from django.test import Client

from forms_engine.cases import flow
from forms_engine.cases.models import Case
from forms_engine.submissions.models import Draft
from mailbox.models import Message, MessageEvent, Notice
from payments.models import Receivable
from portal.accounts import mandates
from portal.accounts.models import Evidence, Mandate, MandateKind, Scope
from portal.accounts.parties import wards
from portal.common import clock
from tests import make
from tests.journeys.story import decide, desk, grant
from tests.journeys.test_foreign_eyes import NO_SHELF, alices, rich_of
from tests.portal.accounts.test_mandates import signed_in

POST_ONLY = re.compile("/(neue-fassung|ankunft)/")
pytestmark = pytest.mark.django_db


def mandate(principal, agent, scope=Scope.ALL, services=(), takes_post=True) -> Mandate:
    terms = mandates.Terms(MandateKind.PROXY, scope, services, takes_post)
    return mandates.establish(principal, agent, terms, Evidence.INVITED)


def sent_for(principal, agent) -> Case:
    """The agent's application for the principal, sent."""
    draft = make.draft(agent)
    Draft.objects.filter(pk=draft.pk).update(acting_for=principal)
    return flow.submit(Draft.objects.get(pk=draft.pk), by=agent)


def statuses(user, paths: list[str]) -> dict[str, int]:
    client = signed_in(user)
    return {path: client.get(path).status_code for path in paths}


@pytest.fixture
def done(alice, bob, clerk, fake) -> tuple[Mandate, Case]:
    """Everything a case can have, done by Bob for Alice."""
    given = mandate(alice, bob)
    case = make.paid(sent_for(alice, bob), fake)
    return given, rich_of(case, signed_in(bob), clerk)


@pytest.mark.slow
def test_both_reach_every_address_and_after_the_end_only_she_does(done, alice, bob):
    given, case = done
    paths = alices(case)
    hers, his = statuses(alice, paths), statuses(bob, paths)
    drafts = {path for path in paths if path.startswith("/antrag/") and not POST_ONLY.search(path)}
    own_letter = {path for path in paths if path.endswith("/gesendet/") or NO_SHELF.match(path)}
    assert {path for path, status in hers.items() if status == 404} == drafts | own_letter
    assert {path for path, status in his.items() if status == 404} == own_letter | {p for p in drafts if "/datei/" in p}
    mandates.revoke(given, by=alice)
    assert set(statuses(bob, paths).values()) <= {404, 405}
    assert {path for path, status in statuses(alice, paths).items() if status == 404} == drafts | own_letter


@pytest.mark.parametrize(
    ("scope", "services"), [(Scope.ALL, ["anderes"]), (Scope.MAILBOX, ()), (Scope.APPLICATIONS, ())]
)
@pytest.mark.slow
def test_scope_and_services_bound_what_the_agent_reaches(done, bob, scope, services):
    given, case = done
    Mandate.objects.filter(pk=given.pk).update(scope=scope, services=list(services))
    seen = {path for path, status in statuses(bob, alices(case)).items() if status in (200, 302)}
    parts = {path.split("/")[1] for path in seen}
    assert (
        parts
        == {
            (Scope.ALL, 1): set(),
            (Scope.MAILBOX, 0): {"postfach"},
            (Scope.APPLICATIONS, 0): {"antrag", "vorgaenge", "zahlung", "termine"},
        }[scope, len(services)]
    )


@pytest.mark.slow
def test_her_other_matters_stay_hers(done, alice, bob):
    own = make.case(alice)
    make.work()
    letter = Message.objects.get(thread=own.thread)
    paths = [f"/vorgaenge/{own.public_id}/", f"/zahlung/{own.receivable.public_id}/", f"/postfach/{letter.public_id}/"]
    assert set(statuses(bob, paths).values()) == {404}


@pytest.mark.slow
def test_lists_follow_the_switch(done, alice, bob):
    given, case = done
    his, hers = signed_in(bob), signed_in(alice)
    lists = {  # on the overview not the case's id: Bob's copies of the letters name it, as they should
        "/vorgaenge/": case.public_id,
        "/termine/": case.appointment.public_id,
        "/zahlungen/": case.receivable.public_id,
        "/konto/uebersicht/": case.receivable.public_id,
    }

    def told(client) -> set[str]:
        return {path for path, mark in lists.items() if str(mark) in client.get(path).content.decode()}

    assert told(hers) == set(lists) and told(his) == set()
    his.post("/konto/vertretung/handeln/", {"vertretung": given.public_id})
    assert told(his) == set(lists)
    mandates.revoke(given, by=alice)
    assert told(his) == set()


@pytest.mark.slow
def test_the_decision_is_hers_and_the_agent_gets_a_copy_if_the_mandate_says_so(done, alice, bob):
    _, case = done
    letters = Message.objects.filter(thread=case.thread, kind="decision")
    assert {(m.mailbox.user, m.is_copy) for m in letters} == {(alice, False), (bob, True)}
    assert case.papers.get(kind="decision").message.mailbox.user == alice
    assert {n.address for n in Notice.objects.filter(message__in=letters)} == {alice.email, bob.email}


@pytest.mark.slow
def test_without_the_post_the_agent_gets_no_copy(alice, bob):
    mandate(alice, bob, takes_post=False)
    sent_for(alice, bob)
    make.work()
    assert {m.mailbox.user for m in Message.objects.all()} == {alice}


@pytest.mark.slow
def test_an_agents_look_leaves_her_letter_unread_and_a_trace(done, alice, bob):
    _, case = done
    letter = case.papers.get(kind="decision").message
    signed_in(bob).get(f"/postfach/{letter.public_id}/")
    letter.refresh_from_db()
    assert letter.first_read_at is None
    assert MessageEvent.objects.filter(message=letter, kind="seen", actor=str(bob.public_id)).exists()
    signed_in(alice).get(f"/postfach/{letter.public_id}/")
    letter.refresh_from_db()
    assert letter.first_read_at is not None


@pytest.mark.slow
def test_who_acted_stands_in_the_file(done, alice, bob, clerk):
    _, case = done
    actors = set(case.events.filter(kind__in=["submitted", "documents_handed_in"]).values_list("actor", flat=True))
    assert actors == {str(bob.public_id)}
    assert "Alice Ammer, vertreten durch Bob Brenner" in clerk.sees(desk(case))
    assert "durch Bob Brenner" in signed_in(alice).get(f"/vorgaenge/{case.public_id}/").content.decode()


@pytest.mark.slow
def test_she_owes_the_fee_and_both_may_pay_it(alice, bob):
    mandate(alice, bob)
    case = sent_for(alice, bob)
    assert Receivable.objects.get().payer == alice
    assert statuses(bob, [f"/zahlung/{case.receivable.public_id}/"]) == statuses(
        alice, [f"/zahlung/{case.receivable.public_id}/"]
    )


@pytest.mark.slow
def test_for_a_child_the_parents_are_told_and_their_reading_counts(alice, clerk, fake):
    born = clock.today().replace(year=clock.today().year - 9, day=1)
    child = wards.declare_child(alice, "Anna", "Ammer", born).principal
    case = make.paid(sent_for(child, alice), fake)
    decide(clerk, case, grant())
    make.work()
    letter = case.papers.get(kind="decision").message
    assert letter.mailbox.user == child and letter.notices.get(plan_day=0).address == alice.email
    assert Case.objects.get().status == "closed"
    signed_in(alice).get(f"/postfach/{letter.public_id}/")
    letter.refresh_from_db()
    assert letter.first_read_at is not None
    assert "eigene Angabe" in clerk.sees(desk(case))


@pytest.mark.slow
def test_strangers_and_clerks_who_represent_find_nothing(done, alice, clara):
    _, case = done
    anybody = Client()
    anybody.force_login(clara)
    assert anybody.get(desk(case)).status_code == 200
    mandate(alice, clara)
    assert anybody.get(desk(case)).status_code == 404
