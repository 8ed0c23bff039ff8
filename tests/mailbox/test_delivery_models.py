"""What the database refuses about deliveries, whatever the app's code does."""

import pytest
from django.db import IntegrityError, connection, transaction

from mailbox.models import AnnouncementRule, Delivery, DeliveryEvent, Proof
from portal.common import clock
from tests.mailbox.test_deliveries import consented, decide, later, swept, told  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def provided(consented, decide):  # noqa: F811 - the fixtures
    return decide()


def refused(rows, by, **change):
    with pytest.raises(IntegrityError, match=by), transaction.atomic():
        rows.update(**change)


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ({"state": "lost"}, "delivery_state_known"),
        ({"counts_on": "2026-11-06"}, "delivery_no_stray_day"),
        ({"state": "letter_queued", "counts_on": "2026-11-06"}, "delivery_no_stray_day"),
        ({"state": "announced"}, "delivery_announced_has_day"),
        ({"appeal_until": "2026-12-06"}, "delivery_announced_has_day"),
        ({"provided_at": None}, "delivery_provided_has_moment"),
        ({"rule": {}}, "does not change"),
        ({"consent": None}, "does not change"),
        ({"instructed": None}, "does not change"),
    ],
)
def test_impossible_deliveries_are_refused(provided, change, by):
    refused(Delivery.objects.all(), by, **change)


def test_a_message_has_one_delivery(provided):
    provided.pk, provided.public_id = None, clock.uuid()
    with pytest.raises(IntegrityError, match="message_id"), transaction.atomic():
        provided.save(force_insert=True)


@pytest.mark.parametrize(
    "statement",
    [
        "update mailbox_deliveryevent set at = now()",
        "delete from mailbox_deliveryevent",
        "delete from mailbox_delivery",
    ],
)
def test_evidence_does_not_change(provided, statement):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_table_of_evidence_cannot_be_emptied(db):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("alter table mailbox_deliveryevent enable trigger mailbox_delivery_event_no_truncate")
        cursor.execute("truncate mailbox_deliveryevent cascade")


def test_one_report_is_one_event(provided):
    DeliveryEvent.objects.create(delivery=provided, kind="report", actor="x", once="dsn:1")
    with pytest.raises(IntegrityError, match="delivery_event_once"), transaction.atomic():
        DeliveryEvent.objects.create(delivery=provided, kind="report", actor="x", once="dsn:1")


def test_an_unknown_event_is_refused(provided):
    with pytest.raises(IntegrityError, match="delivery_event_known"), transaction.atomic():
        DeliveryEvent.objects.create(delivery=provided, kind="gossip", actor="x")


def test_a_proof_is_made_or_due(consented, decide):  # noqa: F811 - the fixtures
    swept(told(decide()), later(5))
    refused(Proof.objects.all(), "proof_made_or_due", due_at=None)


@pytest.mark.parametrize(
    ("change", "by"), [({"trigger": "moon"}, "rule_trigger_known"), ({"valid_to": "2000-01-01"}, "rule_ends_after")]
)
def test_impossible_rules_are_refused(rule_table, change, by):
    refused(AnnouncementRule.objects.filter(code="baydig24", valid_to=None), by, **change)
