"""SQL past the house's code, by a role that may do all to every row: what was signed, noted or numbered stays."""

import pytest
from django.db import DatabaseError, connection, transaction

from forms_engine.cases import flow, signing
from forms_engine.cases.models import Case, CaseEvent, Decision, DecisionKind, FileNumber, Proposal
from mailbox.models import MessageEvent
from portal.audit import actions as audit
from portal.audit.models import AuditEntry
from portal.common import clock
from tests import make

pytestmark = pytest.mark.django_db
ROLE = "portal_rows_only"


@pytest.fixture
def world(paid_case, bob, clara):
    """One decided and delivered case, one with a proposal of Clara's, and a linked chain."""
    grant = {"kind": DecisionKind.GRANTED, "valid_from": clock.today()}
    flow.decide(paid_case, by=clara, **grant)
    make.work()
    waiting = make.case(bob)
    Case.objects.filter(pk=waiting.pk).update(status="in_review")
    flow.propose(waiting, signing.completed(waiting, grant), by=clara)
    audit.link()
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(f"create role {ROLE} nologin")  # gone with the transaction of the test
        cursor.execute(f"grant all on all tables in schema public to {ROLE}")
        cursor.execute(f"grant all on all sequences in schema public to {ROLE}")


def refused(sql: str, by: str) -> None:
    with pytest.raises(DatabaseError, match=by), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"set local role {ROLE}")
        cursor.execute(sql)
        cursor.execute("set constraints all immediate")


def state() -> list:
    tables = (CaseEvent, MessageEvent, AuditEntry, Decision, Proposal, FileNumber)
    rows = [list(table.objects.order_by("pk").values_list()) for table in tables]
    return [*rows, list(Case.objects.order_by("pk").values_list("pk", "number"))]


DECIDED = {
    "update cases_proposal set answered_by_id = author_id, answered_at = now()": "proposal_four_eyes",
    "update cases_decision set approver_id = author_id": "final|four_eyes",
    "update cases_decision set kind = 'refused', reasons = '[\"x\"]'": "final",
    "delete from cases_decision": "final",
    "insert into cases_decision (public_id, case_id, revision, kind, reasons, author_id, approver_id, signed_at, area,"
    " needs_approval) select gen_random_uuid(), case_id, 9, 'granted', '[]', author_id, author_id, now(), '', true"
    " from cases_proposal": "decision_four_eyes",
    "insert into cases_decision (public_id, case_id, revision, kind, reasons, author_id, signed_at, area,"
    " needs_approval) select gen_random_uuid(), case_id, 9, 'granted', '[]', author_id, now(), '', true"
    " from cases_proposal": "decision_approved_if_needed",
}
NUMBERED = {
    "update cases_case set number = 'KVR-2026-000001-0'": "keeps its file number",
    "update cases_case set number = (select max(number) from cases_case)": "keeps its file number",
    "delete from cases_case": "keeps its file number",
    "update cases_filenumber set last = last - 1": "only count up",
    "update cases_filenumber set year = year + 1": "only count up",
    "delete from cases_filenumber": "only count up",
    "insert into cases_case (public_id, number, submission_id, form_id, status, received_at, changed_at, due_on,"
    " status_code_hash, answer_sealed, notice_attempts) select gen_random_uuid(), number, (select max(id) from"
    " submissions_submission) + 1, form_id, 'in_review', now(), now(), due_on, '', '', 0"
    " from cases_case limit 1": "cases_case_number_key",
}
NOTED = ("cases_caseevent", "mailbox_messageevent", "audit_auditentry")
EDITS = (
    "update {} set actor = 'x'",
    "update {} set at = now()",
    "delete from {}",
    "alter table {} disable trigger all",
)


@pytest.mark.slow
def test_nobody_approves_their_own_decision_or_turns_a_signed_one(world):
    before = state()
    for sql, by in DECIDED.items():
        refused(sql, by)
    assert state() == before


@pytest.mark.slow
def test_nobody_edits_or_deletes_what_was_noted(world):
    before = state()
    for table in NOTED:
        for sql in EDITS:
            refused(sql.format(table), "append-only|must be owner")
    assert state() == before


@pytest.mark.slow
def test_no_file_number_is_changed_or_used_twice(world):
    before = state()
    for sql, by in NUMBERED.items():
        refused(sql, by)
    assert state() == before


@pytest.mark.slow
def test_the_role_may_not_switch_triggers_off_for_its_session(world):
    refused("set session_replication_role = replica", "permission denied")
