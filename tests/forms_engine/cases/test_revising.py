"""After the decision: a new version, its end, a fee notice. The earlier one stays as signed, and ends later."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from forms_engine.cases import flow, issuing, queries, revising
from forms_engine.cases.models import Case, Decision, DecisionKind, Paper
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.states import IllegalTransition
from mailbox.models import Message
from portal.common import clock
from portal.common.formats import in_words
from portal.documents import store
from portal.documents.models import IssuedDocument
from tests import make
from tests.forms_engine.cases.test_papers import granted
from tests.forms_engine.cases.wording.test_texts import text_of

pytestmark = pytest.mark.django_db
WHY = "Die Person ist umgezogen."


@pytest.fixture
def closed(paid_case, clara) -> Case:
    granted(paid_case, clara)
    make.work()
    return fresh(paid_case)


def fresh(case) -> Case:
    return Case.objects.for_pages().get(pk=case.pk)


def ended(kind=DecisionKind.REVOKED) -> Outcome:
    return Outcome(kind, valid_from=clock.today(), explanation=WHY)


def verdict(client, code: str) -> str:
    return client.get(f"/pruefen/{code}/").content.decode()


@pytest.mark.slow
def test_a_new_version_replaces_the_old_one_when_it_is_delivered(closed, clara, client):
    old = closed.papers.get(kind="decision")
    end = clock.today() + dt.timedelta(days=90)
    said = Outcome(DecisionKind.GRANTED, clock.today(), end, area="Altstadt", conditions=(), own_conditions=("Neu.",))
    new = revising.revise(closed, said, by=clara, expected=2)
    assert (fresh(closed).status, fresh(closed).closed_at) == ("decided", None)
    assert "ersetzt" not in verdict(client, old.code)  # the old one counts until the new one is there
    make.work()
    assert (new.revision, new.replaces, fresh(closed).status) == (2, old.decision, "closed")
    assert "Dieses Dokument ist ersetzt" in verdict(client, old.code)
    letter = text_of(store.read(Paper.objects.get(decision=new).stored))
    assert "Dieser Bescheid ersetzt den Bescheid vom" in letter and "Neu." in letter
    assert Message.objects.filter(thread=closed.thread, kind="decision").count() == 2


def case_page(case, person) -> str:
    reader = Client()
    reader.force_login(person)
    return reader.get(reverse("cases:case", args=[case.public_id])).content.decode()


@pytest.mark.slow
def test_the_case_page_marks_the_old_letter_and_leads_to_the_new_one(closed, clara, alice):
    end = clock.today() + dt.timedelta(days=90)
    revising.revise(closed, Outcome(DecisionKind.GRANTED, clock.today(), end, area="A"), by=clara, expected=2)
    assert "Zum neuen Schreiben" not in case_page(closed, alice)  # the old one counts until the new one is there
    make.work()
    page = case_page(closed, alice)
    old = page[page.index("schriftstueck/bescheid/") :]
    mark = old[: old.index("</li>")]
    assert "ersetzt" in mark and f'/vorgaenge/{closed.public_id}/schriftstueck/bescheid-2/">Zum neuen Schreiben' in mark
    assert page.count("Zum neuen Schreiben") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "word"), [(DecisionKind.REVOKED, "widerrufen"), (DecisionKind.TAKEN_BACK, "zurückgenommen")]
)
def test_the_case_page_says_from_when_an_ended_letter_holds_no_longer(closed, clara, alice, kind, word):
    start = clock.today() + dt.timedelta(days=40)
    revising.revise(closed, Outcome(kind, valid_from=start, explanation=WHY), by=clara, expected=2)
    make.work()
    [old] = [paper for paper in queries.papers(closed) if paper.newer]
    assert (old.outdated, old.outdated_on, old.slug) == (word, start, "bescheid")
    assert f"Gilt ab dem {in_words(start, 'day')} nicht mehr." in " ".join(case_page(closed, alice).split())


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "law"), [(DecisionKind.REVOKED, "Art. 49"), (DecisionKind.TAKEN_BACK, "Art. 48")])
def test_what_is_ended_counts_no_more(closed, clara, client, kind, law):
    old = closed.papers.get(kind="decision")
    new = revising.revise(closed, ended(kind), by=clara, expected=2)
    make.work()
    assert "zurückgenommen" in verdict(client, old.code)
    letter = text_of(store.read(Paper.objects.get(decision=new).stored))
    for words in (law, WHY, "Wirksam ab", "Es geht um den Bescheid vom", "Rechtsbehelfsbelehrung"):
        assert words in letter, words
    assert queries.standing(fresh(closed)) is None
    with pytest.raises(IllegalTransition):
        revising.revise(fresh(closed), ended(), by=clara, expected=3)


@pytest.mark.slow
def test_a_fee_notice_is_owed_and_leaves_the_decision(closed, clara, client):
    old = closed.papers.get(kind="decision")
    before = closed.receivable
    new = revising.revise(closed, Outcome(DecisionKind.FEE_NOTICE, fee_cents=12_50), by=clara, expected=2)
    make.work()
    assert new.receivable.amount_cents == 12_50 and fresh(closed).receivable == before
    assert "echt und gültig" in verdict(client, old.code) and fresh(closed).status == "closed"


@pytest.mark.slow
def test_a_second_click_makes_no_second_version(closed, clara):
    revising.revise(closed, ended(), by=clara, expected=2)
    with pytest.raises(IllegalTransition):
        revising.revise(fresh(closed), ended(), by=clara, expected=2)
    assert Decision.objects.count() == 2


@pytest.mark.slow
def test_nothing_is_revised_before_it_is_delivered(paid_case, clara):
    decision = granted(paid_case, clara)
    with pytest.raises(IllegalTransition):
        revising.revise(fresh(paid_case), ended(), by=clara, expected=2)
    issuing.issue(decision.paper.id)
    assert revising.revise(fresh(paid_case), ended(), by=clara, expected=2).replaces == decision


@pytest.mark.slow
def test_nobody_revises_the_own_case(closed, alice):
    with pytest.raises(flow.OwnCase):
        revising.revise(closed, ended(), by=alice, expected=2)


@pytest.mark.slow
def test_where_two_must_sign_the_old_decision_stands_until_the_second_signs(closed, clara, theo):
    revising.propose(closed, ended(), by=clara, expected=2)
    assert fresh(closed).status == "in_revision" and fresh(closed).meaning.next_actor == "Wir"
    with pytest.raises(flow.SameClerk), transaction.atomic():
        flow.approve(fresh(closed), by=clara)
    flow.send_back(fresh(closed), why="Belege fehlen.", by=theo)
    assert fresh(closed).status == "closed" and Decision.objects.count() == 1
    revising.propose(fresh(closed), ended(), by=clara, expected=2)
    decision = flow.approve(fresh(closed), by=theo)
    make.work()
    assert (decision.kind, decision.approver, fresh(closed).status) == ("revoked", theo, "closed")


@pytest.mark.slow
def test_a_late_notice_of_the_first_letter_does_not_close_what_waits_for_a_signature(paid_case, clara, theo):
    decision = granted(paid_case, clara)
    issuing.issue(decision.paper.id)
    revising.propose(fresh(paid_case), ended(), by=clara, expected=2)
    flow.notice_sent(Message.objects.get(dedupe_key=f"paper:{decision.paper.id}"))
    assert fresh(paid_case).status == "in_revision"
    flow.send_back(fresh(paid_case), why="x", by=theo)
    assert fresh(paid_case).status == "closed"


@pytest.mark.slow
def test_the_desk(closed, clara):
    desk, address = Client(), reverse("workplace:revise", args=[closed.public_id])
    desk.force_login(clara)
    assert (
        "Weiteren Bescheid schreiben" in desk.get(reverse("workplace:case", args=[closed.public_id])).content.decode()
    )
    assert "widerrufen" in desk.get(address).content.decode()
    data = {"entscheiden-kind": "revoked", "entscheiden-explanation": WHY, "fassung": "2"}
    assert "ab welchem Tag" in desk.post(address, data).content.decode()
    data |= {"entscheiden-valid_from": f"{clock.today():%d.%m.%Y}"}
    page = desk.post(address, data).content.decode()
    assert "Widerruf" in page and WHY in page and Decision.objects.count() == 1
    desk.post(address, data | {"bestaetigt": "1"})
    desk.post(address, data | {"bestaetigt": "1"})
    assert [row.kind for row in Decision.objects.order_by("revision")] == ["granted", "revoked"]
    make.work()
    assert desk.get(address).status_code == 404


@pytest.mark.slow
def test_a_part_is_granted_and_a_part_refused(paid_case, clara):
    desk, address = Client(), reverse("workplace:decide", args=[paid_case.public_id])
    desk.force_login(clara)
    end = clock.today() + dt.timedelta(days=90)
    data = {
        "entscheiden-kind": "partly",
        "entscheiden-area": "Gärtnerplatz",
        "entscheiden-valid_from": f"{clock.today():%d.%m.%Y}",
        "entscheiden-valid_until": f"{end:%d.%m.%Y}",
        "entscheiden-conditions": ["0"],
        "entscheiden-own_conditions": "Nur tagsüber.\n\nNicht am Markttag.",
    }
    page = desk.post(address, data).content.decode()
    for words in ("was Sie bewilligen", "was Sie ablehnen", "Ablehnungsgrund", "Begründen Sie"):
        assert words in page, words
    data |= {
        "entscheiden-granted_part": "Ein Ausweis für ein Auto.",
        "entscheiden-refused_part": "Das zweite Auto.",
        "entscheiden-reasons": ["fahrzeug-gewerblich"],
        "entscheiden-explanation": "Das zweite Auto ist ein Lastwagen.",
        "bestaetigt": "1",
    }
    desk.post(address, data)
    make.work()
    letter = text_of(store.read(fresh(paid_case).papers.get(kind="decision").stored))
    for words in (
        "Teilweise Bewilligung",
        "Ein Ausweis für ein Auto.",
        "Das zweite Auto.",
        "Nicht am Markttag.",
        "Gründe",
    ):
        assert words in letter, words
    assert IssuedDocument.objects.filter(valid_until=end).exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "revoked", "revision": 2},
        {"kind": "taken_back", "revision": 2},
        {"kind": "refused", "revision": 2},
        {"kind": "partly", "revision": 2},
        {"kind": "fee_notice", "revision": 2},
        {"kind": "fee_notice", "revision": 2, "valid_from": dt.date(2026, 1, 1)},
        {"kind": "granted", "revision": 1},
    ],
)
def test_the_database_refuses_a_further_decision_that_cannot_be(closed, clara, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(case=closed, author=clara, **wrong)


@pytest.mark.slow
def test_the_database_refuses_to_replace_twice_and_to_charge_with_a_grant(closed, clara):
    old = Decision.objects.get()
    Decision.objects.create(case=closed, author=clara, kind="granted", revision=2, replaces=old)
    for wrong in ({"replaces": old}, {"receivable": closed.receivable}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.create(case=closed, author=clara, kind="granted", revision=3, **wrong)
