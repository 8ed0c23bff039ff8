import pytest
from django.db import IntegrityError

from portal.accounts.models import PersonKey
from portal.common import rows


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
