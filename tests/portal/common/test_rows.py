import contextlib
import uuid

import pytest
from django.apps import apps
from django.db import IntegrityError, connections, transaction
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from mailbox import actions
from mailbox.models import Direction, Event, Message, MessageEvent
from portal.accounts.models import PersonKey
from portal.audit.models import AuditEntry
from portal.common import clock, rows
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


def audited(subject):
    return AuditEntry(action="a.b", subject=subject, actor="x", data={})


def test_gathered_rows_go_together_and_know_their_keys(alice, django_assert_num_queries):
    entries = [audited(f"s:{n}") for n in range(3)]
    with django_assert_num_queries(1), rows.gathered():
        for entry in entries:
            rows.insert(entry)
    held = AuditEntry.objects.filter(subject__startswith="s:").order_by("id")
    assert [(entry.pk, entry.subject) for entry in entries] == [(entry.pk, entry.subject) for entry in held]


def test_whoever_reads_meets_the_gathered_rows(alice):
    with rows.gathered():
        rows.insert(audited("s:1"))
        assert AuditEntry.objects.filter(subject="s:1").exists()
        rows.insert(audited("s:2"))
    assert AuditEntry.objects.filter(subject__in=["s:1", "s:2"]).count() == 2


def test_a_gathered_row_may_point_to_one_that_waits_too(alice, django_assert_num_queries):
    old, new = messages(alice)
    with django_assert_num_queries(1), rows.gathered():
        rows.insert(MessageEvent(message=old, kind=Event.SEEN, actor="x"))
        rows.insert(new)
        rows.insert(event := MessageEvent(message=new, kind=Event.SEEN, actor="y"))
        rows.insert(MessageEvent(message=old, kind=Event.SEEN, actor="z"))
    assert new.events.get().message_id == event.message_id == new.pk
    assert event.message is new
    told = MessageEvent.objects.filter(kind=Event.SEEN).order_by("actor").values_list("actor", "message_id")
    assert list(told) == [("x", old.pk), ("y", new.pk), ("z", old.pk)]


def test_two_that_are_pointed_to_are_never_mixed_up(alice, post):  # noqa: F811 - the fixture
    first, second = messages(alice)[1], messages(alice)[1]
    with rows.gathered():
        for number, message in enumerate((first, second)):
            rows.insert(message)
            rows.insert(MessageEvent(message=message, kind=Event.SEEN, actor=str(number)))
        rows.insert(MessageEvent(message=first, kind=Event.SEEN, actor="2"))
    told = MessageEvent.objects.filter(kind=Event.SEEN).order_by("actor").values_list("actor", "message_id")
    assert list(told) == [("0", first.pk), ("1", second.pk), ("2", first.pk)]


def test_a_row_that_points_to_nothing_stored_is_an_error(alice):
    with pytest.raises(ValueError, match="never stored"), rows.gathered():
        rows.insert(MessageEvent(message=messages(alice)[1], kind=Event.SEEN, actor="x"))


def test_a_gathered_row_that_breaks_a_rule_takes_the_transaction_with_it(alice):
    with pytest.raises(IntegrityError), transaction.atomic(), rows.gathered():
        rows.insert(audited("s:1"))
        rows.insert(PersonKey(user=alice, wrapped_key=b"eins"))
        rows.insert(PersonKey(user=alice, wrapped_key=b"zwei"))
    assert not AuditEntry.objects.filter(subject="s:1").exists()


def test_what_is_there_already_is_left_as_it_is(alice):
    rows.insert(PersonKey(user=alice, wrapped_key=b"eins"))
    with rows.gathered():
        rows.insert(audited("s:1"))
        rows.insert_unless_there(PersonKey(user=alice, wrapped_key=b"zwei"))
        rows.insert(audited("s:2"))
    assert [bytes(key.wrapped_key) for key in PersonKey.objects.filter(user=alice)] == [b"eins"]
    assert AuditEntry.objects.filter(subject__in=["s:1", "s:2"]).count() == 2


def test_a_savepoint_that_is_undone_takes_its_rows_and_no_others(alice):
    with transaction.atomic(), rows.gathered():
        rows.insert(audited("s:1"))
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            rows.insert(audited("s:2"))
            raise ZeroDivisionError
        rows.insert(audited("s:3"))
    assert sorted(AuditEntry.objects.filter(subject__startswith="s:").values_list("subject", flat=True)) == [
        "s:1",
        "s:3",
    ]


def messages(owner):
    """One that is stored and one that is not."""
    stored = actions.open_mailbox(owner)
    return Message.objects.filter(mailbox=stored).first() or posted(stored), unsaved(stored)


def unsaved(box):
    now, sealed = clock.now(), {"sealed_subject": b"x", "sealed_body": b"x"}
    city = {"direction": Direction.CITY, "sender": "Stadt"}
    return Message(mailbox=box, thread="t", created_at=now, visible_from=now, **sealed, **city)


def posted(box):
    message = unsaved(box)
    rows.insert(message)
    return message


@pytest.mark.django_db
@pytest.mark.parametrize("model", [m for m in apps.get_models() if m._meta.pk.concrete], ids=lambda m: m._meta.label)
def test_a_value_goes_to_the_database_as_save_would_write_it(model):
    """Columns that are handed over as they are: only where the field would not change them either."""
    here = connections["default"]
    for column in rows._written(model).columns:
        for value in _values_for(column.field) if column.plain else []:
            row = model()
            setattr(row, column.attname, value)
            told, kept = column.value(row, here), column.field.get_db_prep_save(value, here)
            with here.cursor() as cursor:
                assert cursor.mogrify("%s", [told]) == cursor.mogrify("%s", [kept]), (column.field, value)


def _values_for(field):
    kinds = {
        "BooleanField": [True, False],
        "CharField": ["", "ü'\\%s", Event.SEEN, mark_safe("<b>"), gettext_lazy("Ja")],
        "TextField": ["", "ü'\\%s", Event.SEEN],
        "EmailField": ["a@b.invalid"],
        "UUIDField": [uuid.UUID(int=5)],
        "DateTimeField": [clock.now()],
        "DateField": [clock.today()],
        "BinaryField": [b"\0'\\", memoryview(b"x"), bytearray(b"y")],
        "JSONField": [{"a": [1, None, "ß"]}, [], "text"],
        "ForeignKey": [7],
        "OneToOneField": [7],
    }
    given = kinds.get(field.get_internal_type(), [])
    if "Integer" in field.get_internal_type():
        given = [0, 7, True]
    return [*given, *([None] if field.null else [])]
