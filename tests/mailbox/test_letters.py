"""Letters: printed once into the folder, whatever crashes, and counted from the day the print shop names."""

import datetime as dt
import io
import json
import uuid

import pikepdf
import pypdf
import pytest

from mailbox import deliveries, dispatches, letter_runs
from mailbox.channels import Document, Parcel, letter, spool
from mailbox.models import Dispatch
from portal.common import clock
from portal.documents import store
from portal.documents.render import render_pdf
from tests.mailbox.test_deliveries import MONDAY, WINDOW, consented, decide, later, swept  # noqa: F401 - fixtures

MM = 72 / 25.4
HEAD = "key;status;date;reference;reason"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MAILBOX_SPOOL = tmp_path / "spool"
    return settings.MAILBOX_SPOOL / "letters"


@pytest.fixture(scope="module")
def decision():
    context = {"sender": {"name": "Stadt"}, "recipient": {"name": "Alice"}, "date": MONDAY.date(), "contact": {}}
    return render_pdf("documents/letter.html", context, title="Bescheid", created=MONDAY)


@pytest.fixture
def parcel(decision):
    def made(**change):
        given = {"key": uuid.UUID(int=7), "at": MONDAY, "to": {"lines": list(WINDOW)}, "about": {}}
        given["documents"] = (Document("Anlage 1", "application/pdf", decision),)
        return Parcel(**given | change)

    return made


@pytest.fixture
def queued(consented, decide, decision):  # noqa: F811 - the fixtures
    """A delivery whose notice could not go out: its letter waits."""
    stored = store.put(decision, media_type="application/pdf")
    return decide(notify="", attachments=[(stored, "Bescheid.pdf")])


def printed(delivery, at=MONDAY):
    with clock.frozen(at):
        return dispatches.send(delivery.dispatch.pk)


def told(delivery, *rows, at=None, dry=False):
    lines = [HEAD] + [";".join([str(delivery.public_id), *row]) for row in rows]
    with clock.frozen(at or later(10)):
        found = letter_runs.reconcile(lines, dry=dry)
    delivery.refresh_from_db()
    return found


def test_a_letter_lies_in_the_folder_with_its_manifest(parcel, folder):
    handed = letter.Letter().hand_over(parcel())
    manifest = json.loads((folder / handed.reference).with_suffix(".json").read_text())
    data = (folder / manifest["file"]).read_bytes()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert (len(pdf.pages), manifest["bytes"]) == (manifest["pages"], len(data))
    assert handed.sha256 == manifest["sha256"] == store.crypto.sha256(data)


def _texts(pdf: bytes, page: int = 0):
    """Each text of a page with its place in millimetres from the upper left."""
    found = []

    def visit(text, cm, tm, _font, _size):
        if text.strip():
            x, y = (cm[0] * tm[4] + cm[2] * tm[5] + cm[4]), (cm[1] * tm[4] + cm[3] * tm[5] + cm[5])
            found.append((x / MM, 297 - y / MM, text.strip()))

    pypdf.PdfReader(io.BytesIO(pdf)).pages[page].extract_text(visitor_text=visit)
    return found


def test_the_address_stands_in_the_window_and_the_zone_above_it_is_free(parcel, folder):
    letter.Letter().hand_over(parcel())
    places = _texts(next(folder.glob("*.pdf")).read_bytes())
    address = [(x, y) for x, y, text in places if text in WINDOW]
    assert len(address) == 3
    assert all(20 <= x <= 105 and 45 + 17.7 <= y <= 90 for x, y in address)  # DIN 5008, form B
    assert not [text for x, y, text in places if 20 <= x <= 105 and 45 <= y <= 56]


def test_the_decision_begins_on_a_leaf_of_its_own(parcel, folder):
    letter.Letter().hand_over(parcel())
    data = next(folder.glob("*.pdf")).read_bytes()
    assert not _texts(data, 1)
    assert _texts(data, 2)


def test_equal_parcels_give_equal_files(parcel, folder, settings, tmp_path):
    first = letter.Letter().hand_over(parcel())
    settings.MAILBOX_SPOOL = tmp_path / "other"
    assert letter.Letter().hand_over(parcel()).sha256 == first.sha256


def test_what_the_shop_has_taken_is_not_printed_again(parcel, folder):
    first = letter.Letter().hand_over(parcel())
    for path in [*folder.glob("*.pdf"), *folder.glob("*.json")]:
        path.unlink()
    assert letter.Letter().hand_over(parcel()) == first
    assert not list(folder.glob("*.pdf")) + list(folder.glob("*.json"))


@pytest.mark.parametrize("dies_at", range(4))
def test_whatever_step_dies_the_next_try_makes_it_whole(folder, monkeypatch, dies_at):
    """Each flush to the disk is a point at which the machine may stop."""
    steps, real = iter(range(100)), spool._flush

    def dies(place):
        if next(steps) == dies_at:
            raise OSError(28, "full")
        real(place)

    monkeypatch.setattr(spool, "_flush", dies)
    wants = {"sha256": "x"}
    if dies_at < 3:
        with pytest.raises(OSError):
            spool.put(folder, "k", {".pdf": b"data"}, wants)
    assert spool.put(folder, "k", {".pdf": b"data"}, wants) == wants
    assert sorted(path.name for path in folder.iterdir()) == [".handed", "k.json", "k.pdf"]


@pytest.mark.parametrize(
    "change",
    [
        {"to": {"lines": []}},
        {"to": {"lines": ["Alice"]}},
        {"to": {"lines": ["Alice", ""]}},
        {"to": {"lines": ["Alice\nBob", "Straße 1"]}},
        {"to": {"lines": ["Alice"] * 7}},
        {"documents": (Document("a", "application/pdf", b"%PDF-1.7 broken"),)},
        {"documents": (Document("a", "image/png", b"\x89PNG"),)},
    ],
)
def test_what_no_printer_can_take_is_refused_for_good(parcel, folder, change):
    assert letter.Letter().hand_over(parcel(**change)).permanent
    assert not folder.exists()


def test_a_folder_that_is_missing_or_full_is_tried_again(parcel, settings, tmp_path):
    settings.MAILBOX_SPOOL = None
    assert letter.Letter().hand_over(parcel()).error == "no spool folder"
    (tmp_path / "file").write_text("")
    settings.MAILBOX_SPOOL = tmp_path / "file"
    refused = letter.Letter().hand_over(parcel())
    assert (refused.permanent, refused.error.split()[0]) == (False, "OSError")


@pytest.mark.django_db
def test_the_letter_of_a_delivery_is_printed_once(queued, folder):
    assert printed(queued) == "handed"
    assert printed(queued) is None
    assert [path.stem for path in folder.glob("*.pdf")] == [str(queued.public_id)]


@pytest.mark.django_db
def test_a_worker_that_died_after_printing_is_followed_by_one_that_prints_nothing_new(queued, folder):
    printed(queued)
    left = {"state": "sending", "lease_until": MONDAY + dt.timedelta(minutes=1), "handed_at": None}
    Dispatch.objects.update(**left)
    assert printed(queued, later(1)) == "handed"
    assert len(list(folder.glob("*.pdf"))) == 1


@pytest.mark.django_db
def test_a_stalled_worker_cannot_write_over_a_newer_one(queued):
    held = dispatches._claim(queued.dispatch.pk)
    Dispatch.objects.update(fence=held.fence + 1)
    assert dispatches._finish(held, dispatches.DispatchState.HANDED, reference="alt") is None
    assert Dispatch.objects.get().state == "sending"


@pytest.mark.django_db
def test_a_broken_channel_is_tried_again_later_and_seen(queued, settings):
    settings.MAILBOX_SPOOL = None
    assert printed(queued) == "queued"
    waiting = Dispatch.objects.get()
    assert (waiting.last_error, waiting.due_at) == ("no spool folder", MONDAY + dispatches.FIRST_WAIT)


@pytest.mark.django_db
def test_the_shop_names_the_day_from_which_the_letter_counts(queued):
    printed(queued)
    found = told(queued, ("posted", "2026-11-04", "L1", ""), ("posted", "04.11.2026", "L1", ""))
    assert (found.posted, found.repeated, found.problems) == (1, 1, [])
    assert (queued.state, queued.counts_on) == ("letter_handed", dt.date(2026, 11, 8))
    assert swept(queued, later(7)).state == "announced_by_post"


@pytest.mark.django_db
def test_a_letter_that_came_back_ends_as_not_announced_and_the_file_again_changes_nothing(queued):
    printed(queued)
    rows = [("posted", "2026-11-04", "L1", ""), ("returned", "2026-11-09", "L1", "unbekannt verzogen")]
    assert told(queued, *rows).returned == 1
    assert told(queued, *rows).repeated == 2
    assert queued.state == "returned"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("lost", "2026-11-04", "", ""), "Status"),
        (("posted", "gestern", "", ""), "kein Tag"),
        (("posted", "31.02.2026", "", ""), "kein Tag"),
        (("posted", "2026-12-24", "", ""), "Zukunft"),
        (("posted", "2026-11-01", "", ""), "vor der Übergabe"),
    ],
)
def test_a_line_that_cannot_be_is_told_and_changes_nothing(queued, row, said):
    printed(queued)
    (problem,) = told(queued, row).problems
    assert problem.startswith("Zeile 2: ")
    assert said in problem
    assert queued.state == "letter_queued"


@pytest.mark.django_db
def test_letters_that_we_did_not_order_or_print_are_told(queued):
    lines = [HEAD, f"{uuid.uuid4()};posted;2026-11-04;;", f"{queued.public_id};posted;2026-11-04;;", "x;posted;;;"]
    with clock.frozen(later(10)):
        problems = letter_runs.reconcile(lines).problems
    assert ["nicht in Auftrag" in problems[0], "nicht im Druck" in problems[1], "Kennung" in problems[2]] == [True] * 3


@pytest.mark.django_db
def test_a_dry_run_says_what_would_happen(queued):
    printed(queued)
    assert told(queued, ("posted", "2026-11-04", "L1", ""), dry=True).posted == 1
    assert queued.state == "letter_queued"


def test_other_columns_are_refused():
    with pytest.raises(ValueError, match="reference"):
        letter_runs.reconcile(["key;status;date"])


@pytest.mark.django_db
def test_a_letter_that_stood_still_goes_out_once_it_has_an_address(consented, decide, folder):  # noqa: F811 - fixtures
    waiting = decide(notify="", order=deliveries.Order()).dispatch
    assert dispatches.send(waiting.pk) is None
    assert dispatches.readdress(waiting, WINDOW, by=consented)
    assert not dispatches.readdress(waiting, WINDOW, by=consented)
    assert dispatches.send(waiting.pk) == "handed"


def test_the_mark_is_a_drawing_with_words(parcel):
    drawn = letter.data_matrix("abc;3")
    assert drawn.startswith("<svg")
    assert "<title>" in drawn
