"""The audit chain finds every edit, deletion and reordering, and the database refuses them in the first place."""

import pytest
from django.db import IntegrityError, connection, transaction

from portal.audit import actions
from portal.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
SWAP_3_AND_4 = (
    "update audit_auditentry set position = -position where position in (3, 4);"
    "update audit_auditentry set position = 7 + position where position in (-3, -4)"
)


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_auditentry disable trigger user")
        cursor.execute(statement)
        cursor.execute("alter table audit_auditentry enable trigger user")


@pytest.fixture
def chain():
    for n in range(5):
        actions.record("case.seen", f"case:{n}", "system:test", n=n)
    assert actions.link() == 5


def test_an_untouched_chain_holds(chain):
    assert actions.verify() is None
    assert actions.link() == 0


def test_new_entries_continue_the_chain(chain):
    actions.record("case.seen", "case:6", "system:test")
    actions.link()
    assert actions.verify() is None
    assert list(AuditEntry.objects.order_by("id").values_list("position", flat=True)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("statement", "position"),
    [
        ("update audit_auditentry set actor = 'x' where position = 3", 3),
        ("update audit_auditentry set data = '{}' where position = 2", 2),
        ("delete from audit_auditentry where position = 4", 4),
        (SWAP_3_AND_4, 3),
    ],
)
def test_tampering_is_located(chain, statement, position):
    _sql(statement)
    assert actions.verify().position == position


@pytest.mark.parametrize("statement", ["update audit_auditentry set actor = 'x'", "delete from audit_auditentry"])
def test_the_database_refuses_changes(chain, statement):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert actions.verify() is None


def test_the_database_refuses_to_empty_the_record(chain):
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_auditentry enable trigger audit_no_truncate")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("truncate audit_auditentry")
    assert AuditEntry.objects.count() == 5
