"""Four eyes: where the form wants it, a decision binds only when a second clerk has signed it."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from forms_engine.cases import flow, queries
from forms_engine.cases.models import Case, Decision, DecisionKind, Proposal
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.states import IllegalTransition
from portal.common import clock
from portal.directory.teams.models import Team, TeamForm
from tests import make
from tests.forms_engine.cases import catalogue

pytestmark = pytest.mark.django_db
FORM = "einbuergerung-antrag"  # always two clerks
GRANT = Outcome(DecisionKind.GRANTED, explanation="Alles liegt vor.")


@pytest.fixture
def waiting(alice, clara, theo, fake):
    """A paid case of a form that wants two clerks."""
    TeamForm.objects.create(team=Team.objects.get(), slug=FORM)
    sample = catalogue.sample(FORM)
    with clock.frozen(catalogue.noon(sample.today)):
        draft = catalogue.fill(flow.submissions.start_draft(alice, catalogue.publish(FORM)), sample)
        case = flow.submit(draft, by=alice)
    return make.paid(case, fake)


@pytest.fixture
def proposed(waiting, clara) -> Case:
    flow.propose(waiting, GRANT, by=clara)
    return fresh(waiting)


def fresh(case) -> Case:
    return Case.objects.for_pages().get(pk=case.pk)


def at_desk(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.slow
def test_one_clerk_alone_cannot_decide(waiting, clara):
    with pytest.raises(flow.NeedsSecondClerk):
        flow.decide(waiting, kind=DecisionKind.GRANTED, by=clara)
    assert fresh(waiting).status == "in_review" and not Decision.objects.exists()


@pytest.mark.slow
def test_a_proposal_binds_nobody_and_the_citizen_reads_nothing_new(proposed, waiting):
    assert (proposed.status, proposed.get_status_display()) == ("in_approval", "In Prüfung")
    assert not Decision.objects.exists() and proposed.papers.filter(kind="decision").count() == 0


@pytest.mark.slow
def test_the_second_signature_makes_the_decision(proposed, clara, theo):
    decision = flow.approve(proposed, by=theo)
    assert (decision.author, decision.approver, decision.needs_approval) == (clara, theo, True)
    assert fresh(proposed).status == "decided" and decision.paper.payload()["explanation"] == "Alles liegt vor."
    with pytest.raises(IllegalTransition):
        flow.approve(proposed, by=theo)


@pytest.mark.slow
def test_nobody_signs_their_own_proposal(proposed, clara):
    for act in (flow.approve, lambda case, by: flow.send_back(case, why="…", by=by)):
        with pytest.raises(flow.SameClerk), transaction.atomic():
            act(proposed, by=clara)
    assert fresh(proposed).status == "in_approval" and not Decision.objects.exists()


@pytest.mark.slow
def test_what_is_sent_back_can_be_proposed_again(proposed, clara, theo):
    flow.send_back(proposed, why="Der Sprachnachweis fehlt.", by=theo)
    case = fresh(proposed)
    assert case.status == "in_review" and queries.sent_back(case)[1] == "Der Sprachnachweis fehlt."
    page = at_desk(clara).get(reverse("workplace:case", args=[case.public_id])).content.decode()
    assert "Der Sprachnachweis fehlt." in page and "Alles liegt vor." in page
    flow.propose(case, GRANT, by=clara)
    assert flow.approve(fresh(case), by=theo).approver == theo


@pytest.mark.slow
def test_the_two_desks(waiting, clara, theo):
    address = reverse("workplace:decide", args=[waiting.public_id])
    data = {"entscheiden-kind": "granted", "entscheiden-explanation": "", "bestaetigt": "1"}
    at_desk(clara).post(address, data)
    approve = reverse("workplace:approve", args=[waiting.public_id])
    refused = at_desk(clara).post(approve, follow=True).content.decode()
    assert "muss eine andere Person gegenzeichnen" in refused and fresh(waiting).status == "in_approval"
    queue = at_desk(theo).get(reverse("workplace:queue") + "?ansicht=approve").content.decode()
    assert waiting.number in queue
    assert waiting.number not in at_desk(clara).get(reverse("workplace:queue") + "?ansicht=approve").content.decode()
    assert at_desk(theo).post(approve, {"zurueck": "1"}).status_code == 422
    at_desk(theo).post(approve)
    assert fresh(waiting).status == "decided"


@pytest.mark.slow
@pytest.mark.parametrize("approver", ["author", None])
def test_the_database_refuses_a_decision_with_one_signature(waiting, clara, approver):
    row = {"case": waiting, "kind": "granted", "author": clara, "needs_approval": True}
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(**row, approver=clara if approver else None)


@pytest.mark.slow
def test_the_database_refuses_an_answer_to_the_own_proposal(proposed, clara):
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(answered_by=clara, answered_at=clock.now())


@pytest.mark.slow
def test_the_database_refuses_a_second_open_proposal_and_half_an_answer(proposed, theo):
    row = Proposal.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(case=row.case, kind="granted", explanation_sealed=b"", author=theo)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(answered_by=theo)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(kind="perhaps")


def test_a_signed_decision_loses_no_signature(proposed, theo):
    flow.approve(proposed, by=theo)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.update(needs_approval=False)
