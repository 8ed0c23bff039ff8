import pytest
from django.db import IntegrityError

from mailbox.models import Event, MessageEvent
from portal.accounts.models import PersonKey
from portal.audit.models import AuditEntry
from portal.common import rows
from tests.mailbox.conftest import _files, post  # noqa: F401 - fixtures


def test_a_row_is_stored_once_and_knows_its_key(alice):
    first, second = PersonKey(user=alice, wrapped_key=b"eins"), PersonKey(user=alice, wrapped_key=b"zwei")
    assert rows.insert_once(first)
    assert not rows.insert_once(second)
    assert (PersonKey.objects.get(pk=first.pk).wrapped_key, second.pk) == (b"eins", None)


def test_a_stored_row_can_be_saved_like_any_other(alice):
    key = PersonKey(user=alice, wrapped_key=b"eins")
    rows.insert_once(key)
    key.wrapped_key = b"zwei"
    key.save()
    assert [held.wrapped_key for held in PersonKey.objects.filter(user=alice)] == [b"zwei"]


def test_other_constraints_still_refuse(alice):
    with pytest.raises(IntegrityError):
        rows.insert_once(PersonKey(user_id=None, wrapped_key=b"eins"))


def test_a_new_row_is_what_the_database_holds(post):  # noqa: F811 - the fixture
    """Every column, also those that the database reckons (shown_unread)."""
    message = post(dedupe_key=None)
    event = MessageEvent(message=message, kind=Event.SEEN, actor="x", detail="ü")
    entry = AuditEntry(action="a.b", subject="s:1", actor="x", data={"n": 1, "ß": None})
    rows.insert(event)
    rows.insert(entry)
    for row in (message, event, entry):
        held = type(row).objects.get(pk=row.pk)
        for field in row._meta.concrete_fields:
            told, kept = getattr(row, field.attname), getattr(held, field.attname)
            assert bytes(told) == bytes(kept) if isinstance(kept, memoryview) else told == kept, field
    assert message.shown_unread is True


def test_a_new_row_that_breaks_a_rule_is_refused(alice):
    rows.insert(PersonKey(user=alice, wrapped_key=b"eins"))
    with pytest.raises(IntegrityError):
        rows.insert(PersonKey(user=alice, wrapped_key=b"zwei"))
