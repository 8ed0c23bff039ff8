"""The register knows every sealed document once, and only by code, number and dates."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from portal.audit.models import AuditEntry
from portal.documents import actions
from portal.documents.models import IssuedDocument

pytestmark = pytest.mark.django_db
FACTS = {
    "kind": "Bewohnerparkausweis",
    "number": "KVR-2026-000042-7",
    "issued_at": dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC),
    "sha256": "ab" * 32,
    "valid_from": dt.date(2026, 3, 9),
    "valid_until": dt.date(2027, 3, 8),
}


def test_a_document_gets_a_readable_code_and_an_audit_entry():
    document = actions.register_document(**FACTS)
    assert len(document.code) == 14
    entry = AuditEntry.objects.get(action="document.registered")
    assert (entry.subject, entry.data) == (f"document:{document.code}", {"number": FACTS["number"]})


def test_the_code_printed_on_the_paper_can_be_given():
    code = actions.new_code()
    assert actions.register_document(**FACTS, code=code).code == code


def test_registering_the_same_file_again_changes_nothing():
    first = actions.register_document(**FACTS, code="K7QF-2MXH-94TB")
    assert actions.register_document(**FACTS, code="K7QF-2MXH-94TB") == first
    assert IssuedDocument.objects.count() == AuditEntry.objects.count() == 1


def test_one_code_never_stands_for_two_files():
    actions.register_document(**FACTS, code="K7QF-2MXH-94TB")
    with pytest.raises(actions.CodeTaken):
        actions.register_document(**{**FACTS, "sha256": "cd" * 32}, code="K7QF-2MXH-94TB")
    assert IssuedDocument.objects.get().sha256 == FACTS["sha256"]


def test_withdrawing_says_when_and_by_whom_once():
    code = actions.register_document(**FACTS).code
    assert actions.withdraw_document(code, by="clara") is True
    moment = IssuedDocument.objects.get().withdrawn_at
    assert actions.withdraw_document(code) is False
    assert IssuedDocument.objects.get().withdrawn_at == moment
    assert AuditEntry.objects.get(action="document.withdrawn").actor == "clara"


def test_withdrawing_an_unknown_code_is_an_error():
    with pytest.raises(IssuedDocument.DoesNotExist):
        actions.withdraw_document("K7QF-2MXH-94TB")


@pytest.mark.parametrize(
    "change",
    [
        {"code": "K7QF-2MXH-94TO"},
        {"code": "k7qf-2mxh-94tb"},
        {"sha256": "AB" * 32},
        {"valid_until": dt.date(2026, 3, 8)},
    ],
)
def test_the_database_refuses_what_makes_no_sense(change):
    document = actions.register_document(**FACTS)
    with pytest.raises(IntegrityError), transaction.atomic():
        IssuedDocument.objects.filter(pk=document.pk).update(**change)


def test_the_database_refuses_a_code_twice():
    document = actions.register_document(**FACTS)
    with pytest.raises(IntegrityError), transaction.atomic():
        IssuedDocument.objects.create(**FACTS, code=document.code)
