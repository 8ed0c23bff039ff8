"""A bad file in a sent application: locked for the clerks, told to the person, once, whatever the order of things."""

import pytest
from django.urls import reverse

from forms_engine.cases import flow, handlers
from forms_engine.cases.models import CaseEvent
from forms_engine.submissions import actions, queries
from forms_engine.submissions.models import Upload
from mailbox.models import Message
from portal.documents.models import Scan, StoredFile
from portal.documents.scans import queue as scans
from portal.documents.scans.signatures import EICAR
from portal.outbox import relay
from portal.wiring import HANDLERS
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.conftest import _held_clock, client_of, permit  # noqa: F401 - fixtures
from tests.forms_engine.submissions.walk import NEW, Walk, file
from tests.portal.documents.scans import clamav


@pytest.fixture
def bad_draft(alice, permit):  # noqa: F811 - the fixture
    """Complete, with a PDF that carries the signature and was not scanned yet."""
    walk = Walk(client_of(alice), actions.start_draft(alice, permit))
    walk.fill(pages={**NEW, "unterlagen": {"zulassung": [file("schein.pdf", samples.pdf() + EICAR)]}})
    return walk.draft


def scan_all():
    for pk in StoredFile.objects.filter(scan=Scan.WAITING).values_list("pk", flat=True):
        scans.scan(pk)
    while relay.drain_one(HANDLERS):
        pass


@pytest.mark.slow
def test_an_application_goes_out_while_its_file_waits_and_clerks_cannot_open_it(bad_draft, alice, clara):
    case = flow.submit(bad_draft, by=alice)
    sent = case.submission.files.get()
    for viewer, name in ((clara, "workplace"), (alice, "cases")):
        html = client_of(viewer).get(reverse(f"{name}:case", args=[case.public_id])).content.decode()
        assert "wird noch geprüft" in html
        address = reverse(f"{name}:submission_file", args=[case.public_id, sent.public_id])
        assert address not in html
        assert client_of(viewer).get(address).status_code == 404


def test_found_after_sending_the_person_reads_it_once_and_the_clerk_sees_it_locked(bad_draft, alice, clara):
    case = flow.submit(bad_draft, by=alice)
    scan_all()
    handlers.file_infected(str(case.submission.files.get().stored.public_id))
    told = Message.objects.filter(thread=case.thread, dedupe_key__startswith="infected:")
    assert told.count() == CaseEvent.objects.filter(case=case, kind="file_infected").count() == 1
    html = client_of(clara).get(reverse("workplace:case", args=[case.public_id])).content.decode()
    assert "gesperrt: Schadsoftware (Eicar-Test-Signature)" in html


@clamav.needs_clamav
def test_with_a_genuine_clamd_the_bad_file_is_refused_and_the_good_one_sent(alice, permit, settings, tmp_path):  # noqa: F811
    walk = Walk(client_of(alice), actions.start_draft(alice, permit))
    bad, good = file("schein.pdf", samples.pdf() + clamav.SIGNATURE), file("gut.pdf")
    walk.fill(pages={**NEW, "unterlagen": {"zulassung": [bad, good]}})
    with clamav.running(tmp_path) as daemon:
        settings.SCANNER, settings.CLAMD = clamav.SCANNER, daemon.address
        scan_all()
    with pytest.raises(actions.Incomplete):
        flow.submit(walk.draft, by=alice)
    html = walk.get("unterlagen").content.decode()
    assert html.count("gesperrt: Schadsoftware") == 1
    assert "Entfernen Sie die Datei und wählen Sie eine andere." in html
    upload = next(upload for upload in walk.draft.uploads.present() if upload.name == "schein.pdf")
    assert upload.stored.scan_note == clamav.FOUND
    walk.post("unterlagen", {}, entfernen=str(upload.public_id))
    case = flow.submit(walk.fresh(), by=alice)
    assert [sent.name for sent in case.submission.files.all()] == ["gut.pdf"]


def test_found_before_sending_the_page_says_so_and_nothing_is_sent(bad_draft, alice):
    scan_all()
    assert queries.incomplete_page(bad_draft) == "unterlagen"
    with pytest.raises(actions.Incomplete):
        flow.submit(bad_draft, by=alice)
    html = client_of(alice).get(reverse("submissions:page", args=[bad_draft.public_id, "unterlagen"])).content.decode()
    assert "gesperrt: Schadsoftware" in html
    assert not Message.objects.filter(dedupe_key__startswith="infected:").exists()


def test_a_file_of_an_open_draft_belongs_to_no_case(bad_draft):
    stored = Upload.objects.get().stored
    scans.scan(stored.pk)
    handlers.file_infected(str(stored.public_id))
    assert not CaseEvent.objects.exists()
