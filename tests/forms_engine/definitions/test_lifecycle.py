"""Written by one, approved by another, published now or later, withdrawn, paused."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from forms_engine.definitions import actions, queries, schema
from forms_engine.definitions.models import FormVersion, Pause
from forms_engine.definitions.states import ALLOWED, VersionState, WrongState, advance
from portal.audit.models import AuditEntry
from portal.common import clock
from tests.forms_engine.definitions.conftest import SMALL

NEW = SMALL.replace("label: Wahl,", "label: Ihre Wahl,")
LATER = dt.timedelta(days=2)
pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(clara) -> FormVersion:
    return actions.write_draft("klein", SMALL, by=clara)


@pytest.fixture
def handed_in(draft, clara) -> FormVersion:
    actions.hand_in(draft, by=clara, note="Erste Fassung")
    return draft


def current() -> FormVersion | None:
    try:
        return queries.current_version("klein")
    except FormVersion.DoesNotExist:
        return None


def test_a_draft_is_not_online_until_somebody_else_approves_it(handed_in, theo):
    assert current() is None
    actions.approve(handed_in, by=theo)
    assert current() == handed_in and current().reviewer == theo
    assert AuditEntry.objects.filter(action="form.published").count() == 1


def test_nobody_approves_what_they_wrote(handed_in, clara):
    with pytest.raises(actions.NotAllowed):
        actions.approve(handed_in, by=clara)
    assert current() is None


def test_the_database_knows_that_too(handed_in, clara):
    with pytest.raises(IntegrityError, match="version_reviewer_is_another"), transaction.atomic():
        FormVersion.objects.filter(pk=handed_in.pk).update(reviewer=clara)


def test_a_text_in_review_does_not_change_any_more(handed_in, clara):
    with pytest.raises(WrongState):
        actions.change_draft(handed_in, NEW, by=clara, expected=handed_in.sha256)
    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        FormVersion.objects.filter(pk=handed_in.pk).update(number=7)


def test_a_draft_sent_back_says_what_to_change_and_can_be_changed(handed_in, clara, theo):
    actions.send_back(handed_in, by=theo, note="Die Beschriftung ist zu kurz.")
    changed = actions.change_draft(handed_in, NEW, by=clara, expected=handed_in.sha256)
    assert (changed.state, changed.note, changed.source) == ("draft", "Die Beschriftung ist zu kurz.", NEW)


def test_of_two_who_change_a_draft_at_once_the_second_is_told(draft, clara, theo):
    before = draft.sha256
    actions.change_draft(draft, NEW, by=clara, expected=before)
    with pytest.raises(actions.Outdated):
        actions.change_draft(draft, SMALL.replace("label: Wahl,", "label: W,"), by=theo, expected=before)
    assert FormVersion.objects.get(pk=draft.pk).source == NEW


def test_a_wrong_text_never_becomes_a_draft(clara):
    with pytest.raises(schema.DefinitionError):
        actions.write_draft("klein", SMALL.replace("wahl == 'b'", "wahl =="), by=clara)
    assert not FormVersion.objects.exists()


def test_a_draft_can_be_deleted_and_nothing_else(draft, clara, theo):
    second = actions.write_draft("klein", NEW, by=clara)
    actions.delete_draft(second, by=clara)
    actions.hand_in(draft, by=clara, note="")
    with pytest.raises(WrongState):
        actions.delete_draft(draft, by=clara)
    with pytest.raises(IntegrityError, match="only a draft"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from definitions_formversion")


def test_what_is_approved_for_later_appears_when_its_moment_has_come(handed_in, theo):
    moment = clock.now() + LATER
    actions.approve(handed_in, by=theo, publish_at=moment)
    assert actions.sweep_due() == 0 and current() is None
    with clock.frozen(moment + dt.timedelta(hours=30)):  # however long the sweep was down
        assert actions.sweep_due() == 1
        assert actions.sweep_due() == 0
    assert current() == handed_in


def test_what_came_later_is_not_replaced_by_what_was_written_earlier(handed_in, theo):
    actions.approve(handed_in, by=theo, publish_at=clock.now() + LATER)
    newer = actions.publish("klein", NEW, by=None)
    with clock.frozen(clock.now() + 2 * LATER):
        assert actions.sweep_due() == 1
    handed_in.refresh_from_db()
    assert (current(), handed_in.state) == (newer, "draft")


def test_an_approval_for_an_older_text_is_refused(handed_in, theo):
    actions.publish("klein", NEW, by=None)
    with pytest.raises(actions.Outdated):
        actions.approve(handed_in, by=theo)


def test_a_withdrawn_form_is_not_online_nor_is_its_older_version(theo):
    actions.publish("klein", SMALL, by=None)
    newest = actions.publish("klein", NEW, by=None)
    actions.withdraw(newest, by=theo, note="Das Gesetz ist aufgehoben.")
    assert current() is None and queries.published_slugs() == []
    again = actions.publish("klein", NEW, by=None)
    assert current() == again and again.number == 3


@pytest.mark.parametrize("column", ["source = source || ' '", "note = 'x'", "state = 'draft', published_at = null"])
def test_a_published_version_can_only_be_withdrawn(column):
    version = actions.publish("klein", SMALL, by=None)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"update definitions_formversion set {column} where id = %s", [version.pk])


@pytest.mark.parametrize("start", list(VersionState))
@pytest.mark.parametrize("end", list(VersionState))
def test_a_version_takes_only_ways_that_are_allowed(draft, theo, start, end):
    fields = {"published_at": clock.now(), "withdrawn_at": clock.now(), "publish_at": clock.now(), "reviewer": theo}
    draft.state = start  # as if it had been read before somebody else moved it
    if end in ALLOWED[start] and start == VersionState.DRAFT:
        advance(draft, end, **(fields if end == VersionState.PUBLISHED else {}))
        assert FormVersion.objects.get(pk=draft.pk).state == end
    else:
        with pytest.raises(WrongState):
            advance(draft, end, **fields)
        assert FormVersion.objects.get(pk=draft.pk).state == VersionState.DRAFT


def test_a_pause_holds_from_its_start_to_its_end(theo):
    form = actions.publish("klein", SMALL, by=None).form
    starts, ends = clock.now() + LATER, clock.now() + 2 * LATER
    held = actions.pause(form, starts_at=starts, ends_at=ends, reason="Umzug der Daten", by=theo)
    assert queries.pause_of(form) is None
    with clock.frozen(starts):
        assert queries.pause_of(form) == held
        actions.end_pause(held, by=theo)
    with clock.frozen(starts + dt.timedelta(minutes=1)):
        assert queries.pause_of(form) is None


def test_a_pause_to_come_can_be_cancelled_and_never_ends_before_it_starts(theo):
    form = actions.publish("klein", SMALL, by=None).form
    now = clock.now()
    with pytest.raises(ValueError, match="nach dem Beginn"):
        actions.pause(form, starts_at=now, ends_at=now, reason="x", by=theo)
    with pytest.raises(IntegrityError, match="pause_ends_after_start"), transaction.atomic():
        Pause.objects.create(form=form, starts_at=now, ends_at=now, reason="x")
    row = actions.pause(form, starts_at=now + LATER, ends_at=now + 2 * LATER, reason="x", by=theo)
    actions.end_pause(row, by=theo)
    assert not Pause.objects.exists()
