"""What operators call by hand."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from portal import selftest
from portal.audit import actions as audit
from portal.documents import store
from portal.outbox.models import OutboxMessage
from tests.portal.common.test_crypto import NEW, OLD


def _say(*command: str) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_audit_verify_counts_and_locates():
    for number in range(3):
        audit.record("x.seen", f"x:{number}", "system:test")
    audit.link()
    audit.record("x.seen", "x:4", "system:test")
    assert "3 Einträge verkettet, 1 warten" in _say("audit_verify")
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_auditentry disable trigger user")
        cursor.execute("update audit_auditentry set actor = 'somebody' where position = 2")
        cursor.execute("alter table audit_auditentry enable trigger user")
    with pytest.raises(CommandError, match="Platz 2"):
        _say("audit_verify")


@pytest.mark.django_db
def test_the_selftest_says_which_part_is_silent():
    with pytest.raises(CommandError, match="Worker"):
        _say("selftest", "--seconds", "0")
    assert OutboxMessage.objects.get().topic == selftest.TOPIC


@pytest.mark.django_db(transaction=True)
def test_the_selftest_passes_once_worker_and_sweep_have_done_their_part(monkeypatch):
    from portal import tasks

    def a_worker_and_a_sweep(_: float) -> None:
        tasks.drain_outbox()
        audit.link()

    monkeypatch.setattr(selftest.time, "sleep", a_worker_and_a_sweep)
    assert _say("selftest") == "Der Probeauftrag kam an.\n"


@pytest.mark.django_db
def test_after_rewrapping_the_old_key_is_not_needed_any_more(settings):
    settings.KEY_ENCRYPTION_KEYS = OLD
    stored = store.put(b"Fahrzeugschein", media_type="text/plain")
    settings.KEY_ENCRYPTION_KEYS = f"{NEW},{OLD}"
    assert "old: 1" in _say("rewrap_keys", "--dry-run")
    assert "new: 1" in _say("rewrap_keys")
    settings.KEY_ENCRYPTION_KEYS = NEW
    stored.refresh_from_db()
    assert store.read(stored) == b"Fahrzeugschein"


@pytest.mark.django_db
def test_a_dry_run_changes_nothing(settings):
    settings.KEY_ENCRYPTION_KEYS = OLD
    stored = store.put(b"x", media_type="text/plain")
    before = bytes(stored.wrapped_key)
    settings.KEY_ENCRYPTION_KEYS = f"{NEW},{OLD}"
    _say("rewrap_keys", "--dry-run")
    stored.refresh_from_db()
    assert bytes(stored.wrapped_key) == before


@pytest.mark.django_db
def test_a_destroyed_key_stays_destroyed(settings):
    settings.KEY_ENCRYPTION_KEYS = OLD
    stored = store.put(b"x", media_type="text/plain")
    store.destroy(stored)
    settings.KEY_ENCRYPTION_KEYS = f"{NEW},{OLD}"
    assert "old" not in _say("rewrap_keys")
