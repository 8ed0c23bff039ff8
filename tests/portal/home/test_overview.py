"""The overview asks the database the same few questions, whether a person has one of everything or two hundred."""

import datetime as dt
import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import Range

from appointments.models import Appointment, Counter, Offering
from forms_engine.cases.models import Case, Decision, DocumentRequest, Paper
from forms_engine.definitions.models import Form, FormVersion
from forms_engine.submissions.models import Draft, Submission
from mailbox import actions as mailbox
from mailbox.models import Kind, Message
from payments.models import Receivable
from portal.accounts import consents
from portal.accounts.parties import wards
from portal.common import clock
from portal.home import queries
from tests import make
from tests.portal.accounts.test_mandates import signed_in

MOST = 20


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"


def _copies(model, row, count: int, **differences) -> None:
    """Rows like this one with new keys; `differences`: column -> value of a number."""
    columns = {f.attname: getattr(row, f.attname) for f in model._meta.concrete_fields if not f.primary_key}
    fresh = [
        {**columns, **{name: make_one(number) for name, make_one in differences.items()}} for number in range(1, count)
    ]
    model.objects.bulk_create([model(**values) for values in fresh])


@pytest.fixture
def one(alice, clara) -> Case:
    """One of everything: a case that waits for an answer, its paper, letter, fee, appointment, and a draft."""
    make.catalogue()
    case = make.case(alice)
    make.work()
    Case.objects.update(status="waiting_for_citizen")
    DocumentRequest.objects.create(
        case=case, text_sealed=case.envelope.seal(b"x", case.place("request")), asked_by=clara, answer_by=clock.today()
    )
    start = (clock.now() + dt.timedelta(days=3)).replace(hour=9, minute=0, second=0, microsecond=0)
    offering = Offering.objects.get(slug="unterlagen-zeigen")
    Appointment.objects.create(
        offering=offering,
        counter=Counter.objects.first(),
        holder=alice,
        during=Range(start, start + dt.timedelta(minutes=15), "[)"),
        number="A1",
        subject="x",
        idempotency_key="x",
    )
    _letter(alice, "0")
    make.draft(alice)
    wards.declare_child(alice, "Anna", "Ammer", clock.today() - dt.timedelta(days=400))
    return case


def _letter(alice, key: str) -> None:
    consents.answer(alice, consents.ANNOUNCEMENT, given=True)
    with transaction.atomic():
        mailbox.post(
            recipient=alice,
            sender="Amt",
            subject="Ihr Bescheid",
            body="x",
            thread="x",
            kind=Kind.DECISION,
            dedupe_key=f"letter:{key}",
        )


def two_hundred(alice, case: Case) -> None:
    submission = case.submission
    row = Case.objects.get(pk=case.pk)
    for number in range(1, 200):
        own = {"public_id": clock.uuid()}
        sub = Submission.objects.get(pk=submission.pk)
        sub.pk, sub.public_id, sub.draft_id = None, own["public_id"], _closed_draft(alice, submission).pk
        sub.save(force_insert=True)
        copy = Case.objects.get(pk=row.pk)
        copy.pk, copy.public_id, copy.number, copy.submission = None, clock.uuid(), f"KVR-9-{number}", sub
        copy.receivable = make.payments.open_receivable(
            payer=alice, amount_cents=100, purpose="x", due_on=clock.today(), return_path="/"
        )
        copy.save(force_insert=True)
    cases = Case.objects.exclude(pk=case.pk)
    requests = DocumentRequest.objects.get()
    DocumentRequest.objects.bulk_create(
        DocumentRequest(case=c, text_sealed=requests.text_sealed, asked_by=requests.asked_by, answer_by=clock.today())
        for c in cases
    )
    appointment = Appointment.objects.get()
    _copies(
        Appointment,
        appointment,
        200,
        public_id=lambda n: clock.uuid(),
        subject=lambda n: f"x{n}",
        during=lambda n: Range(
            appointment.starts + dt.timedelta(hours=n), appointment.starts + dt.timedelta(hours=n, minutes=15), "[)"
        ),
    )
    for number in range(1, 200):
        _letter(alice, str(number))
    _drafts(alice)
    for number in range(1, 30):
        wards.declare_child(alice, f"Kind{'x' * number}", "Ammer", clock.today() - dt.timedelta(days=400))


def _closed_draft(alice, submission) -> Draft:
    return Draft.objects.create(
        owner=alice,
        form_version=submission.form_version,
        delete_on=clock.today(),
        state="sent",
        closed_at=clock.now(),
    )


def _drafts(alice) -> None:
    """One open draft for each of many forms."""
    version = FormVersion.objects.get()
    for number in range(1, 200):
        form = Form.objects.create(slug=f"form-{number}", title="Formular")
        own = FormVersion.objects.create(
            form=form,
            number=1,
            state="published",
            source=version.source,
            sha256=version.sha256,
            published_at=clock.now(),
        )
        Draft.objects.create(
            owner=alice,
            form_version=own,
            wrapped_key=make.submissions.crypto.new_wrapped_key(),
            delete_on=clock.today(),
        )


def counted(client) -> tuple[int, str]:
    client.get("/konto/uebersicht/")
    with CaptureQueriesContext(connection) as work:
        page = client.get("/konto/uebersicht/")
    assert page.status_code == 200
    return len(work), page.content.decode()


@pytest.mark.slow
def test_two_hundred_of_everything_cost_no_more_statements_than_one(one, alice):
    client = signed_in(alice)
    few, page = counted(client)
    assert few <= MOST - 1  # one more for a session that acts for somebody
    assert page.count(">Alle anzeigen<") == 0
    two_hundred(alice, one)
    # Among the drafts shown there is still one with files: only such drafts are asked for them.
    Draft.objects.filter(owner=alice, state="open", uploads__isnull=False).update(touched_at=clock.now())
    many, page = counted(client)
    assert many == few
    assert len(re.findall(r">Alle anzeigen<", page)) == 5
    assert page.count("<li><div>") < 80


@pytest.mark.slow
def test_tasks_are_sorted_by_date_and_name_the_day_a_letter_counts_as_announced(one, alice):
    make.work()
    shown = queries.tasks(alice, None).shown
    assert [task.action for task in shown] == ["Unterlagen nachreichen", "Bescheid lesen"]
    assert shown[1].due == clock.today() + dt.timedelta(days=4)
    assert "Gilt am" in shown[1].text and "als bekannt gegeben" in shown[1].text


@pytest.mark.slow
def test_a_grant_that_ends_soon_is_a_recommendation_until_a_later_one_follows(one, alice, clara):
    today = clock.today()

    def grant(case, until):
        Decision.objects.create(
            case=case,
            kind="granted",
            author=clara,
            valid_from=today,
            valid_until=until,
            issued_at=clock.now(),
            revision=Decision.objects.count() + 1,
        )

    grant(one, today + dt.timedelta(days=30))
    [tip] = [tip for tip in queries.tips(alice, None).shown if "läuft ab" in tip.title]
    assert tip.href == "/antrag/bewohnerparkausweis/"
    grant(one, today + dt.timedelta(days=300))
    assert not [tip for tip in queries.tips(alice, None).shown if "läuft ab" in tip.title]


@pytest.mark.slow
def test_the_switch_stands_on_the_overview_and_names_everybody(one, alice):
    client = signed_in(alice)
    page = client.get("/konto/uebersicht/").content.decode()
    assert "Für wen handeln Sie?" in page and "Für Anna Ammer" in page
    assert page.index("Für wen handeln Sie?") < page.index("Das ist zu tun")


@pytest.mark.slow
def test_nothing_of_another_person_is_shown(one, bob):
    page = signed_in(bob).get("/konto/uebersicht/").content.decode()
    assert one.number not in page and page.count('class="p-empty"') >= 7
    assert Message.objects.of(bob).count() == 0 and Receivable.objects.filter(payer=bob).count() == 0
    assert Paper.objects.exists()
