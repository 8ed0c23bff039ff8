"""Closed -> years later offered -> approved by a second person -> destroyed, and nothing of it opens any more."""

import datetime as dt
import io
import json

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from forms_engine.cases import disposal, flow, retention, revising
from forms_engine.cases.models import ArchiveAnswer, Case, DecisionKind, Disposal, DisposalRecord, Stage
from forms_engine.cases.payloads import Outcome
from forms_engine.submissions import queries as answers
from forms_engine.submissions.models import Submission
from mailbox.models import Mailbox, Message
from portal.common import clock, crypto
from portal.documents import store
from portal.documents.models import StoredFile
from portal.home.account import farewell
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(paid_case, clara):
    """Granted until a day in two years; its message is posted and announced."""
    until = clock.today() + dt.timedelta(days=730)
    flow.claim(paid_case, by=clara)
    flow.decide(paid_case, kind=DecisionKind.GRANTED, by=clara, valid_from=clock.today(), valid_until=until)
    make.work()
    case = Case.objects.get(pk=paid_case.pk)
    assert case.status == "closed"
    return case


@pytest.fixture
def later(closed):
    """Six years on: kept for three years after the end of the permit, and a day."""
    retention.sweep_closed()
    with clock.frozen(clock.now() + dt.timedelta(days=6 * 365)):
        yield Disposal.objects.get(case=closed)


def cleared(row: Disposal, by) -> Disposal:
    assert disposal.offer(row, by=by) and disposal.answer(row, wanted=False, by=by)
    return row


def run(*options: str) -> dict:
    out = io.StringIO()
    call_command("retention_run", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def act(client, what, row, **data):
    return client.post(reverse("retention:act", args=[what]), {"vorgang": [str(row.public_id)], **data}, follow=True)


def test_the_whole_way_through_the_pages_ends_in_nothing_readable(later, closed, clara, theo):
    desk, lead = client_of(clara), client_of(theo)
    assert closed.number in desk.get(reverse("retention:lists")).content.decode()
    act(desk, "anbieten", later)
    assert closed.number in desk.get(reverse("retention:offer_list")).content.decode()
    act(desk, "verzichtet", later)
    assert "lässt sich nicht rückgängig machen" in act(lead, "freigeben", later).content.decode()
    act(lead, "freigeben", later, bestaetigt="1")
    assert run("--dry-run")["to_destroy"][0]["number"] == closed.number
    assert run()["destroyed"] == [closed.number]
    records = desk.get(reverse("retention:lists"), {"ansicht": "nachweise"}).content.decode()
    assert closed.number in records and "<td>Bewohnerparkausweis</td>" in records
    assert desk.get(reverse("workplace:case", args=[closed.public_id])).status_code == 404


@pytest.mark.slow
def test_nothing_opens_any_more_even_with_the_key_encryption_key(later, closed, clara, theo):
    files = [file.stored for file in closed.submission.files.all()]
    disposal.approve(cleared(later, clara), by=theo)
    record = disposal.destroy(later)
    case = Case.objects.get(pk=closed.pk)
    assert (case.wrapped_key, case.applicant, case.assigned_to, bytes(case.answer_sealed)) == (None, None, None, b"")
    with pytest.raises(crypto.KeyDestroyed):
        answers.answers(Submission.objects.get(pk=closed.submission_id))
    with pytest.raises(crypto.KeyDestroyed):
        list(store.chunks(StoredFile.objects.get(pk=files[0].pk)))
    assert record.files == len(files) and record.answer == ArchiveAnswer.WAIVED


@pytest.mark.slow
def test_no_row_of_the_case_still_holds_a_key_or_a_name(later, closed, clara, theo):
    disposal.approve(cleared(later, clara), by=theo)
    disposal.destroy(later)
    case = Case.objects.select_related("submission__draft").get(pk=closed.pk)
    sent = case.submission
    assert (sent.wrapped_key, sent.owner, sent.acting_for, sent.draft.owner) == (None, None, None, None)
    assert bytes(sent.sealed) == b"" and {bytes(file.sealed_name) for file in sent.files.all()} == {b""}
    assert {bytes(document.name_sealed) for document in case.documents.all()} <= {b""}


@pytest.mark.slow
def test_what_lies_in_the_citizens_postbox_stays_theirs(later, closed, alice, clara, theo):
    disposal.approve(cleared(later, clara), by=theo)
    record = disposal.destroy(later)
    paper = Message.objects.filter(attachments__isnull=False).last().attachments.get().stored
    assert store.read(paper).startswith(b"%PDF") and record.kept_files == 2
    assert client_of(alice).get(reverse("cases:case", args=[closed.public_id])).status_code == 404


@pytest.mark.slow
def test_a_new_version_of_the_decision_begins_the_whole_way_anew(closed, clara, theo):
    retention.sweep_closed()
    with clock.frozen(clock.now() + dt.timedelta(days=6 * 365)):
        row = cleared(Disposal.objects.get(case=closed), clara)
        assert disposal.approve(row, by=theo)
        begin = clock.today()
        outcome = Outcome(DecisionKind.GRANTED, begin, begin + dt.timedelta(days=365), area="Gärtnerplatz")
        revising.revise(Case.objects.get(pk=closed.pk), outcome, by=clara, expected=2)
        assert disposal.destroy(row) is None
        make.work()
        assert Case.objects.get(pk=closed.pk).status == "closed" and disposal.destroy(row) is None
        retention.sweep_closed()
    row.refresh_from_db()
    assert (row.stage, row.approved_by) == (Stage.KEPT, None) and row.until > begin + dt.timedelta(days=365)


@pytest.mark.slow
def test_of_a_deleted_account_its_letters_go_too(later, closed, alice, clara, theo):
    farewell.delete(alice, by=str(alice.public_id))
    assert Mailbox.objects.get(user=alice).wrapped_key is not None  # the case file needs them
    disposal.approve(cleared(later, clara), by=theo)
    record = disposal.destroy(later)
    assert Mailbox.objects.get(user=alice).wrapped_key is None and record.kept_files == 0
    paper = Message.objects.filter(attachments__isnull=False).last().attachments.get().stored
    assert paper.destroyed_at and paper.wrapped_key is None


@pytest.mark.slow
def test_it_happens_once(later, closed, clara, theo):
    disposal.approve(cleared(later, clara), by=theo)
    assert disposal.destroy(later) and disposal.destroy(later) is None
    assert DisposalRecord.objects.count() == 1


@pytest.mark.slow
def test_killed_in_the_middle_nothing_has_happened(later, closed, clara, theo, monkeypatch):
    disposal.approve(cleared(later, clara), by=theo)
    monkeypatch.setattr(disposal, "_wipe", lambda case: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        disposal.destroy(later)
    monkeypatch.undo()
    assert answers.answers(Submission.objects.get(pk=closed.submission_id)) and not DisposalRecord.objects.exists()
    assert run()["destroyed"] == [closed.number]


@pytest.mark.slow
def test_who_offered_it_does_not_let_it_go(later, theo):
    cleared(later, theo)
    assert not disposal.approve(later, by=theo)
    answer = act(client_of(theo), "freigeben", later, bestaetigt="1")
    assert "Bei 1 ging das nicht" in answer.content.decode() and run()["destroyed"] == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Disposal.objects.update(stage=Stage.APPROVED, approved_by=theo, approved_at=clock.now())


@pytest.mark.slow
def test_a_clerk_without_the_lead_does_not_let_it_go(later, clara, theo):
    cleared(later, theo)
    assert "nur eine Teamleitung" in act(client_of(clara), "freigeben", later, bestaetigt="1").content.decode()
    later.refresh_from_db()
    assert later.stage == Stage.CLEARED


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before the offer", "after the approval"])
def test_a_hold_stops_everything(later, clara, theo, when):
    if when == "after the approval":
        disposal.approve(cleared(later, clara), by=theo)
    answer = client_of(clara).post(reverse("retention:hold", args=[later.public_id]), {"reason": "Klage"})
    assert answer.status_code == 302 and not disposal.offer(later, by=clara)
    assert run()["destroyed"] == [] and run("--dry-run")["held"]
    assert disposal.lift(later, by=clara)
    later.refresh_from_db()
    assert (later.stage, later.approved_by) == (Stage.KEPT, None)


@pytest.mark.slow
@pytest.mark.parametrize("reason", ["", "x" * 201])
def test_a_hold_without_a_proper_reason_is_refused(later, clara, reason):
    answer = client_of(clara).post(reverse("retention:hold", args=[later.public_id]), {"reason": reason})
    later.refresh_from_db()
    assert answer.status_code == 422 and not later.is_held


@pytest.mark.slow
@pytest.mark.parametrize(
    "what, data", [("anbieten", {"vorgang": []}), ("anbieten", {"vorgang": ["x", "1"]}), ("gibtsnicht", {})]
)
def test_nonsense_changes_nothing(later, clara, what, data):
    given = {"vorgang": [str(later.public_id)], **data}
    assert client_of(clara).post(reverse("retention:act", args=[what]), given).status_code == 302
    later.refresh_from_db()
    assert later.stage == Stage.KEPT


@pytest.mark.slow
def test_what_the_archive_wants_is_handed_over_first(later, clara, theo):
    disposal.offer(later, by=clara)
    disposal.answer(later, wanted=True, by=clara)
    assert not disposal.approve(later, by=theo)
    assert disposal.handed_over(later, by=clara) and disposal.approve(later, by=theo)
    assert disposal.destroy(later).answer == ArchiveAnswer.HANDED_OVER


@pytest.mark.slow
def test_the_years_begin_when_the_permit_ends(closed):
    retention.sweep_closed()
    until = closed.decisions.get().valid_until
    assert Disposal.objects.get(case=closed).until == until.replace(year=until.year + 3)


@pytest.mark.slow
def test_a_day_too_early_nothing_is_offered(closed, clara):
    retention.sweep_closed()
    row = Disposal.objects.get(case=closed)
    with clock.frozen(dt.datetime.combine(row.until, dt.time(12), tzinfo=dt.UTC)):
        assert not retention.due().exists() and not disposal.offer(row, by=clara)
    with clock.frozen(dt.datetime.combine(row.until, dt.time(12), tzinfo=dt.UTC) + dt.timedelta(days=1)):
        assert retention.due().exists()


@pytest.mark.slow
def test_what_the_sweep_has_missed_for_days_the_command_finds(closed):
    with clock.frozen(clock.now() + dt.timedelta(days=5)):
        assert retention.sweep_closed() == 0 and run()["reckoned"] == 1 and run()["reckoned"] == 0


def test_an_open_case_is_never_reckoned(paid_case):
    assert retention.sweep_closed() == 0 and not retention.reckon(paid_case)


@pytest.mark.slow
def test_a_form_without_a_rule_is_never_due(closed, monkeypatch):
    monkeypatch.setattr(retention, "rule_of", lambda case: None)
    retention.sweep_closed()
    with clock.frozen(clock.now() + dt.timedelta(days=99 * 365)):
        assert not retention.due().exists() and run("--dry-run")["without_term"] == 1


def test_the_twenty_ninth_of_february_ends_a_day_before():
    assert retention._years_after(dt.date(2028, 2, 29), 3) == dt.date(2031, 2, 28)


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    [
        "update cases_disposalrecord set basis = 'x'",
        "delete from cases_disposalrecord",
        "update cases_disposal set stage = 'kept', destroyed_at = null",
        "delete from cases_disposal",
        "update submissions_submission set wrapped_key = 'x' where wrapped_key is null",
    ],
)
def test_the_database_keeps_the_record_and_the_end(later, clara, theo, statement):
    disposal.approve(cleared(later, clara), by=theo)
    disposal.destroy(later)
    with pytest.raises(DatabaseError), transaction.atomic(), transaction.get_connection().cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.slow
@pytest.mark.parametrize(
    "facts",
    [
        {"stage": "approved"},
        {"stage": "destroyed"},
        {"stage": "weg"},
        {"held_at": "2026-01-01T00:00Z"},
        {"destroyed_at": "2026-01-01T00:00Z"},
    ],
)
def test_the_database_refuses_half_a_disposal(closed, facts):
    retention.sweep_closed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Disposal.objects.update(**facts)


@pytest.mark.slow
def test_the_dry_run_in_words_changes_nothing(later, closed, capsys):
    call_command("retention_run", "--dry-run")
    said = capsys.readouterr().out
    assert f"anzubieten {closed.number}" in said and "Nichts wurde geändert." in said


@pytest.mark.parametrize(("command", "option"), [("retention_run", "--limit=-1"), ("intake_poll", "--every=0")])
def test_a_number_that_makes_no_sense_is_refused_with_a_sentence(command, option):
    with pytest.raises(CommandError, match="Geben Sie mit") as refused:
        call_command(command, option)
    assert refused.value.returncode == 2


def test_of_every_row_that_names_a_case_it_is_known_what_the_end_does_with_it():
    """A new model that points at a case has to be emptied in disposal._wipe, or stand here with its reason."""
    named = {
        f"{model._meta.app_label}.{model.__name__}"
        for model in apps.get_models()
        if any(f.is_relation and f.related_model is Case for f in model._meta.get_fields() if f.concrete)
    }
    assert named == set(AT_THE_END)


AT_THE_END = {
    "cases.CaseEvent": "stays: kinds and moments, append-only",
    "cases.DocumentRequest": "its text is emptied",
    "cases.CaseDocument": "its name is emptied, its file destroyed",
    "cases.Proposal": "its words are emptied",
    "cases.Decision": "stays: kind and days, for the statistics; its words are in the paper",
    "cases.Paper": "its file is destroyed or the citizen's; what it says stays sealed without a key",
    "cases.Disposal": "says that it is over",
    "cases.CaseNote": "append-only: sealed without a key",
    "cases.CaseParty": "its words are emptied; role and days stay",
    "cases.CaseTask": "sealed without a key",
    "cases.CaseDate": "days; its reason is sealed without a key",
    "cases.CaseLink": "stays: two numbers",
    "cases.ChecklistTick": "stays: keys of the form and moments",
    "cases.Replacement": "stays: which file followed which; the files are destroyed",
    "cases.SearchToken": "goes with the key, by trigger",
    "cases.OpenReply": "goes: nobody waits any more",
    "cases.RuleRun": "stays: which rules held",
    "cases.DecisionRunItem": "stays: that the run was for it",
    "intake.InboundItem": "is emptied by its own app (case.disposed)",
}
