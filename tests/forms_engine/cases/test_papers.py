"""Papers: one message per paper whatever is rendered how often; a late worker cannot finish; parked ones restart."""

import datetime as dt
import io

import pikepdf
import pypdf
import pytest
from django.db import IntegrityError, transaction

from forms_engine.cases import flow, issuing, papers
from forms_engine.cases.models import Decision, DecisionKind, Paper
from forms_engine.cases.states import IllegalTransition
from mailbox import queries as mailbox
from mailbox.models import Message, Notice
from portal.common import clock
from portal.documents import seal, store
from portal.documents.models import IssuedDocument, StoredFile
from portal.documents.render import check_pdf

pytestmark = pytest.mark.django_db


def granted(case, clara) -> Decision:
    start = clock.today()
    return flow.decide(
        case,
        kind=DecisionKind.GRANTED,
        by=clara,
        valid_from=start,
        valid_until=start + dt.timedelta(days=364),
        area="Gärtnerplatz",
    )


def text_of(paper: Paper) -> str:
    pdf = pypdf.PdfReader(io.BytesIO(store.read(paper.stored)))
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


@pytest.mark.slow
def test_the_receipt_is_posted_once_with_its_file_and_one_notice(case):
    paper = case.papers.get()
    assert issuing.issue(paper.id)
    assert not issuing.issue(paper.id)
    paper.refresh_from_db()
    assert (paper.state, Message.objects.count(), Notice.objects.count()) == ("issued", 1, 1)
    assert IssuedDocument.objects.get().sha256 == paper.stored.sha256


@pytest.mark.slow
def test_the_receipt_says_what_was_sent(case):
    issuing.issue(case.papers.get().id)
    text = text_of(case.papers.select_related("stored").get())
    until = clock.today() + dt.timedelta(days=7)
    for words in (case.number, "Gärtnerplatz", "M-AB 1234", "Fraunhoferstraße 12", f"{until:%d.%m.%Y}"):
        assert words in text


def test_the_decision_carries_dates_fee_basis_remedy_and_code(paid_case, clara):
    decision = granted(paid_case, clara)
    issuing.issue(decision.paper.id)
    paper = Paper.objects.select_related("stored").get(decision=decision)
    text = text_of(paper)
    for words in (
        "Gärtnerplatz",
        "M-AB 1234",
        "30,00",
        "§ 45",
        "Rechtsbehelfsbelehrung",
        "Verwaltungsgericht",
        paper.code,
        clara.get_full_name(),
        "Fraunhoferstraße 12",
    ):
        assert words in text, words


@pytest.mark.slow
def test_the_decision_is_sealed_archivable_and_accessible(paid_case, clara):
    decision = granted(paid_case, clara)
    issuing.issue(decision.paper.id)
    data = store.read(Paper.objects.get(decision=decision).stored)
    assert seal.verify(data).valid
    assert check_pdf(data) == []
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert list(pdf.attachments) == ["decision.json"]


@pytest.mark.slow
def test_a_refusal_names_its_reasons(paid_case, clara):
    decision = flow.decide(
        paid_case, kind=DecisionKind.REFUSED, by=clara, reasons=["eigener-stellplatz"], explanation="Nach Ortstermin."
    )
    issuing.issue(decision.paper.id)
    text = text_of(Paper.objects.select_related("stored").get(decision=decision))
    assert "Stellplatz" in text
    assert "Nach Ortstermin." in text


@pytest.mark.slow
def test_a_worker_that_lost_its_lease_cannot_finish(case):
    paper = case.papers.get()
    held = papers.claim(paper.id)
    assert papers.claim(paper.id) is None
    with clock.frozen(clock.now() + papers.LEASE * 2):
        assert issuing.issue(paper.id)
    stored = store.put(b"%PDF-late", media_type="application/pdf")
    assert not issuing._finish(held, paper.payload(), stored)
    assert Message.objects.count() == 1


@pytest.mark.slow
def test_a_paper_that_kills_its_workers_is_parked_and_can_be_started_again(case):
    paper, moment = case.papers.get(), clock.now()
    for _ in range(papers.MAX_ATTEMPTS + 1):
        with clock.frozen(moment):
            papers.claim(paper.id)
        moment += papers.LEASE * 2
    paper.refresh_from_db()
    assert paper.state == "parked"
    assert papers.retry(paper.id)
    assert issuing.issue(paper.id)


@pytest.mark.slow
def test_the_same_payload_gives_the_same_bytes(case):
    from forms_engine.cases import letters

    paper = case.papers.get()
    assert letters.render(paper, paper.payload()) == letters.render(paper, paper.payload())


def test_the_sweep_rings_for_what_nobody_took(case):
    assert papers.sweep_papers() == 1
    papers.claim(case.papers.get().id)
    assert papers.sweep_papers() == 0
    with clock.frozen(clock.now() + papers.LEASE * 2):
        assert papers.sweep_papers() == 1


def test_deciding_twice_is_refused_and_changes_nothing(paid_case, clara, theo):
    granted(paid_case, clara)
    with pytest.raises(IllegalTransition):
        flow.decide(paid_case, kind=DecisionKind.REFUSED, by=theo, reasons=["eigener-stellplatz"], explanation="x")
    assert [d.kind for d in Decision.objects.all()] == ["granted"]


def test_nobody_decides_on_their_own_application(case, alice):
    with pytest.raises(flow.OwnCase):
        flow.decide(case, kind=DecisionKind.REFUSED, by=alice, reasons=["eigener-stellplatz"], explanation="x")
    assert not Decision.objects.exists()


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    "change", [{"kind": "refused"}, {"valid_until": "2020-01-01"}, {"area": "x"}, {"reasons": ["y"]}]
)
def test_a_signed_decision_cannot_be_changed(paid_case, clara, change):
    decision = granted(paid_case, clara)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(**change)


def test_an_issued_paper_cannot_be_changed_or_reissued(case):
    paper = case.papers.get()
    issuing.issue(paper.id)
    for change in ({"state": "queued"}, {"payload_sha256": "0"}, {"message": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Paper.objects.filter(pk=paper.pk).update(**change)


def test_the_database_refuses_a_second_receipt(case):
    paper = case.papers.get()
    paper.pk, paper.code = None, "2222-2222-2222"
    with pytest.raises(IntegrityError), transaction.atomic():
        paper.save(force_insert=True)


def test_the_approver_is_never_the_author(paid_case, clara):
    wrong = Decision(case=paid_case, kind="refused", author=clara, approver=clara)
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong.save()


@pytest.mark.slow
def test_the_notice_of_the_decision_closes_the_case(paid_case, clara):
    decision = granted(paid_case, clara)
    issuing.issue(decision.paper.id)
    flow.notice_sent(Message.objects.get(dedupe_key=f"paper:{decision.paper.id}"))
    paid_case.refresh_from_db()
    assert paid_case.status == "closed"
    assert mailbox.unread_count(paid_case.applicant) == 2  # the payment and the decision


def test_nothing_personal_lies_open_in_the_tables_of_a_case(case):
    issuing.issue(case.papers.get().id)
    for model in (type(case), Paper, StoredFile, Message, IssuedDocument):
        for row in model.objects.values():
            assert "Fraunhofer" not in str(row)
            assert "M-AB" not in str(row)
