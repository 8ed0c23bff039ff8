"""Freezing, sweeping, and what the database refuses whatever the code does."""

import concurrent.futures
import datetime as dt
import hashlib
import json

import pytest
from django.core.management import call_command
from django.db import Error, IntegrityError, connection, connections, transaction

from forms_engine.submissions import actions, completeness, payload, queries
from forms_engine.submissions.models import Draft, PendingPost, Submission, SubmissionFile, Upload
from forms_engine.submissions.states import DraftState, NotOpen
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.common.crypto import Envelope, KeyDestroyed
from portal.documents import store
from portal.documents.models import Scan, StoredFile
from tests.forms_engine.submissions.conftest import NOON
from tests.forms_engine.submissions.walk import LOSS, file


def frozen_of(walk, alice) -> Submission:
    walk.fill()
    with transaction.atomic():
        return actions.freeze(walk.draft, by=alice)


def test_a_submission_holds_answers_what_followed_and_files(walk, alice):
    submission = frozen_of(walk, alice)
    held = queries.frozen(submission)
    assert queries.answers(submission)["fahrzeuge"][0]["kennzeichen"] == "M-AB 1234"
    assert (held.fee_cents, held.valid_from, held.valid_until) == (3000, "2026-12-01", "2027-11-30")
    assert (held.form, held.version, held.today) == ("bewohnerparkausweis", 1, "2026-11-20")
    assert queries.evaluation(submission).fee_cents == 3000
    kept = submission.files.get()
    assert (kept.name, kept.field) == ("schein.pdf", "zulassung")
    assert held.files == [
        {
            "id": queries.answers(submission)["zulassung"][0],
            "field": "zulassung",
            "media_type": "application/pdf",
            "size": kept.stored.size,
            "sha256": hashlib.sha256(store.read(kept.stored)).hexdigest(),
        }
    ]
    shown = {row.label: row.value_text for section in queries.sections(submission) for row in section.rows}
    assert shown["Zulassungsbescheinigung Teil I"] == "schein.pdf"
    assert shown["Geburtsdatum"] == "3. April 1985"


def test_the_hash_is_of_the_very_bytes_and_tells_nothing_alone(walk, alice):
    submission = frozen_of(walk, alice)
    plain = Envelope(submission.wrapped_key).open(submission.sealed, f"{submission}:payload")
    assert hashlib.sha256(plain).hexdigest() == submission.sha256
    assert payload.canonical(json.loads(plain)) == plain
    assert len(queries.frozen(submission).salt) >= 32


def test_the_draft_is_closed_and_its_key_is_gone(walk, alice):
    frozen_of(walk, alice)
    draft = walk.fresh()
    assert (draft.state, draft.wrapped_key, bytes(draft.sealed)) == (DraftState.SENT, None, b"")
    with pytest.raises(KeyDestroyed):
        queries.contents(draft)
    with pytest.raises(NotOpen):
        actions.save_page(draft, "kontakt", {"email": "x@example.org"}, expected_version=99)
    with pytest.raises(NotOpen):
        actions.remove_upload(draft.uploads.get())
    with pytest.raises(NotOpen):
        actions.discard(draft, by="test")


def test_sending_again_gives_the_same_submission(walk, alice):
    first = frozen_of(walk, alice)
    with transaction.atomic():
        assert actions.freeze(walk.draft, by=alice) == first
    assert AuditEntry.objects.filter(action="submission.frozen").count() == 1


def test_an_incomplete_draft_is_not_frozen_and_stays_as_it_was(walk, alice):
    walk.fill("kontakt")
    with pytest.raises(actions.Incomplete) as missing, transaction.atomic():
        actions.freeze(walk.draft, by=alice)
    assert missing.value.page == "kontakt"
    assert walk.fresh().state == DraftState.OPEN
    assert Submission.objects.count() == 0


def test_what_was_right_yesterday_is_judged_anew_today(walk, alice):
    walk.fill()
    with clock.frozen(NOON + dt.timedelta(days=11)), pytest.raises(actions.Incomplete) as missing, transaction.atomic():
        actions.freeze(walk.draft, by=alice)  # the wished start is not in the future any more
    assert missing.value.page == "laufzeit"


def test_unsaved_input_is_not_sent_over(walk, alice):
    walk.fill()
    actions.save_unsaved(walk.draft, "kontakt", {"email": ["neu@"]}, notice=True)
    with pytest.raises(actions.Incomplete), transaction.atomic():
        actions.freeze(walk.draft, by=alice)


def test_a_deleted_draft_cannot_be_sent(walk, alice):
    walk.fill()
    actions.discard(walk.draft, by="test")
    with pytest.raises(NotOpen), transaction.atomic():
        actions.freeze(walk.draft, by=alice)


def test_files_and_answers_that_are_no_longer_asked_stay_out(walk, alice):
    walk.fill()
    walk.fill(pages=LOSS)
    with transaction.atomic():
        submission = actions.freeze(walk.draft, by=alice)
    assert [kept.name for kept in queries.files(submission)] == ["anzeige.pdf"]
    assert "fahrzeuge" not in queries.answers(submission)
    unasked = Upload.objects.get(field="zulassung")
    assert unasked.removed_at
    with pytest.raises(KeyDestroyed):
        store.read(unasked.stored)


def test_a_rolled_back_sending_leaves_everything(walk, alice):
    walk.fill()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.freeze(walk.draft, by=alice)
        _ = 1 / 0
    assert queries.incomplete_page(walk.fresh()) is None
    assert store.read(walk.draft.uploads.get().stored).startswith(b"%PDF-")


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_send_one_submission(walk, alice):
    walk.fill()

    def send(_: int) -> int:
        try:
            with clock.frozen(NOON), transaction.atomic():
                return actions.freeze(Draft.objects.get(pk=walk.draft.pk), by=alice).pk
        finally:
            connections.close_all()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = set(pool.map(send, range(8)))
    assert len(found) == Submission.objects.count() == SubmissionFile.objects.count() == 1


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_start_one_draft_and_upload_one_file(alice, permit):
    def start(_: int) -> tuple[int, int]:
        try:
            with clock.frozen(NOON):
                draft = actions.start_draft(alice, permit)
                held = file(data=b"%PDF-same").file
                one = actions.add_upload(draft, "zulassung", "a.pdf", held, media_type="application/pdf", limit=6)
                return draft.pk, one.pk
        finally:
            connections.close_all()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = set(pool.map(start, range(8)))
    assert len(found) == Draft.objects.count() == Upload.objects.count() == 1


@pytest.mark.slow
def test_a_new_version_of_the_form_does_not_touch_a_draft(walk, alice, permit):
    from forms_engine.definitions import actions as definitions

    walk.fill("kontakt")
    newer = definitions.publish("bewohnerparkausweis", permit.source.replace("30 Euro für", "31 Euro für"), by=None)
    assert newer.number == 2
    assert actions.start_draft(alice, newer) == walk.draft
    walk.fill()
    with transaction.atomic():
        assert actions.freeze(walk.draft, by=alice).form_version == permit


def test_a_draft_is_remembered_then_deleted_with_its_files(walk, mailoutbox):
    walk.fill("kontakt")
    with clock.frozen(NOON + dt.timedelta(days=22)):
        assert actions.sweep_drafts() == 0
    with clock.frozen(NOON + dt.timedelta(days=23)):
        assert actions.sweep_drafts() == 1
        assert actions.sweep_drafts() == 0
    with clock.frozen(NOON + dt.timedelta(days=29)):
        assert actions.sweep_drafts() == 0
    with clock.frozen(NOON + dt.timedelta(days=30)):
        assert actions.sweep_drafts() == 1
    assert walk.fresh().state == DraftState.DISCARDED
    with pytest.raises(KeyDestroyed):
        store.read(walk.draft.uploads.get().stored)


def test_the_reminder_lies_in_the_postbox_once(walk, alice):
    from mailbox import queries as mailbox

    with clock.frozen(NOON + dt.timedelta(days=23)):
        actions.sweep_drafts()
        actions.sweep_drafts()
        assert mailbox.unread_count(alice) == 1


def test_after_a_long_outage_nobody_is_deleted_without_a_week_of_warning(walk):
    with clock.frozen(NOON + dt.timedelta(days=90)):
        assert actions.sweep_drafts() == 1
    draft = walk.fresh()
    assert (draft.state, draft.delete_on) == (DraftState.OPEN, dt.date(2027, 2, 25))


def test_nobody_is_deleted_who_was_not_reminded(walk):
    with clock.frozen(NOON + dt.timedelta(days=90)):
        assert not queries.drafts_to_delete().exists()
        Draft.objects.update(reminded_at=NOON)
        assert queries.drafts_to_delete().exists()


def test_a_file_that_cannot_be_recorded_leaves_no_row_behind(walk):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        one = file().file
        actions.add_upload(walk.draft, "zulassung", "a.pdf", one, media_type="application/pdf", limit=6)
        _ = 1 / 0
    assert (Upload.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_going_on_starts_the_term_anew(walk):
    walk.fill("gebiet")
    with clock.frozen(NOON + dt.timedelta(days=25)):
        actions.sweep_drafts()
        walk.fill("stellplatz")
        assert walk.fresh().reminded_at is None
    with clock.frozen(NOON + dt.timedelta(days=31)):
        assert actions.sweep_drafts() == 0
    assert walk.fresh().state == DraftState.OPEN


def test_the_dry_run_changes_nothing(walk, capsys):
    with clock.frozen(NOON + dt.timedelta(days=40)):
        call_command("drafts_purge", "--dry-run")
        assert f"erinnern {walk.draft}" in capsys.readouterr().out
        assert walk.fresh().reminded_at is None
        call_command("drafts_purge")
    with clock.frozen(NOON + dt.timedelta(days=48)):
        call_command("drafts_purge", "--dry-run")
        assert f"löschen {walk.draft}" in capsys.readouterr().out
        assert walk.fresh().state == DraftState.OPEN
        call_command("drafts_purge")
    assert walk.fresh().state == DraftState.DISCARDED


def _progress(walk):
    return queries.progress(walk.draft, queries.present_uploads(walk.draft))


def test_the_overview_tells_how_far_a_draft_has_come(walk, alice, bob):
    assert _progress(walk) == (1, 6)
    walk.fill("stellplatz")
    assert _progress(walk) == (3, 10)
    walk.fill()
    assert _progress(walk) == (11, 11)
    assert list(queries.open_drafts(alice)) == [walk.draft]
    assert list(queries.open_drafts(bob)) == []


def test_how_far_a_draft_has_come_follows_its_files_and_is_not_judged_twice(walk, monkeypatch):
    walk.fill()
    assert _progress(walk) == (11, 11)
    judge, judged = completeness.is_complete, []
    monkeypatch.setattr(completeness, "is_complete", lambda *args: judged.append(1) or judge(*args))
    assert _progress(walk) == (11, 11)
    assert not judged
    proof = {"scanned_at": NOON, "scanned_by": "test", "scan_due_at": None}
    StoredFile.objects.update(scan=Scan.INFECTED, **proof)
    assert _progress(walk) < (11, 11)
    StoredFile.objects.update(scan=Scan.CLEAN, **proof)
    assert _progress(walk) == (11, 11)
    actions.remove_upload(walk.draft.uploads.present()[0])
    assert _progress(walk) < (11, 11)


# --- around the code: what the database itself refuses -------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "sent"},
        {"state": "lost"},
        {"wrapped_key": None},
        {"state": "discarded", "wrapped_key": None, "closed_at": NOON},  # the sealed answers are still there
    ],
)
def test_a_draft_has_a_key_exactly_while_it_is_open(walk, changes):
    walk.fill("gebiet")
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=walk.draft.pk).update(**changes)


def test_one_open_draft_per_person_and_version(draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.create(
            owner=draft.owner, form_version=draft.form_version, wrapped_key=b"k", delete_on=draft.delete_on
        )


def test_the_same_content_lies_in_a_question_once(walk):
    walk.fill()
    upload = Upload.objects.get()
    other = store.put(b"other", media_type="text/plain")
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.create(
            draft=upload.draft, field=upload.field, stored=other, sha256=upload.sha256, size=1, media_type="x"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.create(
            draft=upload.draft, field="x", stored=upload.stored, sha256="0" * 64, size=1, media_type="x"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(removed_at=NOON)


def test_one_submission_per_draft(walk, alice):
    submission = frozen_of(walk, alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(
            draft=submission.draft, owner=alice, form_version=submission.form_version, sealed=b"x", sha256="0" * 64
        )


@pytest.mark.parametrize(
    "sql",
    [
        "update submissions_submission set sealed = 'x'",
        "update submissions_submission set frozen_at = now()",
        "update submissions_submission set sha256 = repeat('0', 64), wrapped_key = null",
        "delete from submissions_submission",
        "update submissions_submissionfile set field = 'x'",
        "delete from submissions_submissionfile",
    ],
)
def test_a_submission_never_changes(walk, alice, sql):
    frozen_of(walk, alice)
    with pytest.raises(Error, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_only_its_key_may_be_rewrapped_or_destroyed_once(walk, alice):
    submission = frozen_of(walk, alice)
    rows = Submission.objects.filter(pk=submission.pk)
    assert rows.update(wrapped_key=b"rewrapped") == 1
    assert rows.update(wrapped_key=None) == 1
    with pytest.raises(Error, match="never changes"), transaction.atomic():
        rows.update(wrapped_key=b"again")


def test_no_answer_name_or_file_lies_in_the_clear(walk, alice):
    """Canaries typed into every free field are in no row of any table, at any stage."""
    walk.fill("kontakt")
    window = walk.window("kontakt")
    walk.post("kontakt", {"email": "kanarienvogel@example.org"}, window=window)
    actions.save_unsaved(walk.draft, "adresse", {"strasse": ["Kanarienvogelweg 1"]}, notice=True)
    walk.client.logout()
    walk.post("kontakt", {"email": "kanarienvogel2@example.org"}, window=window)
    assert PendingPost.objects.count() == 1
    assert canaries() == []
    walk.fill()
    with transaction.atomic():
        actions.freeze(walk.draft, by=alice)
    assert canaries() == []


def canaries() -> list[str]:
    words = ["anarienvogel", "M-AB 1234", "Fraunhofer", "schein.pdf", "1985-04-03"]
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select t::text from "{table}" t')
            rows = [row[0] for row in cursor.fetchall()]
            for word in words:
                forms = (word, word.encode().hex())  # bytea shows as hexadecimal
                found += [f"{table}: {word}" for row in rows if any(form in row for form in forms)]
    return [entry for entry in found if not entry.startswith("definitions_")]  # the form's own examples
