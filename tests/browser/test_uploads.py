"""Files as people give them: dropped, chosen, over a line that breaks, with a virus in them, without a script."""

import base64
import io
import re

import pytest
from playwright.sync_api import expect

from forms_engine.definitions import actions as definitions
from forms_engine.submissions import actions, arrivals
from forms_engine.submissions.models import Upload
from portal.documents import store
from portal.documents.scans import queue as scans
from portal.documents.scans.signatures import EICAR
from tests.browser.conftest import axe
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.conftest import CATALOGUE, client_of
from tests.forms_engine.submissions.walk import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# A drop as the browser makes it: files cannot be dragged from outside by a test.
DROP = """([zone, name, data]) => {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0))
  const dataTransfer = new DataTransfer()
  dataTransfer.items.add(new File([bytes], name, { type: "application/pdf" }))
  const options = { dataTransfer, bubbles: true, cancelable: true }
  for (const kind of ["dragover", "drop"]) zone.dispatchEvent(new DragEvent(kind, options))
}"""


@pytest.fixture(autouse=True)
def _small_pieces(settings, tmp_path, monkeypatch):
    settings.FILE_STORE = tmp_path / "files"
    monkeypatch.setattr(arrivals, "PIECE", 100_000)


@pytest.fixture
def at_files(alice, db):
    source = (CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")
    permit = definitions.publish("bewohnerparkausweis", source, by=None)
    walk = Walk(client_of(alice), actions.start_draft(alice, permit))
    walk.fill("unterlagen")
    return walk


@pytest.fixture
def large(tmp_path):
    """A PDF of half a megabyte on the person's disk."""
    path = tmp_path / "grosser-scan.pdf"
    path.write_bytes(samples.pdf(note="ä" * 250_000))
    return path


def chosen(page):
    return page.locator("input[type=file]").first


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (320, True)])
@pytest.mark.slow
def test_chosen_and_dropped_files_go_up_at_once(visit, alice, at_files, large, width, dark):
    page = visit(at_files.url("unterlagen"), user=alice, width=width, dark=dark)
    chosen(page).set_input_files(large)
    expect(page.get_by_role("status").filter(has_text="grosser-scan.pdf ist hochgeladen.")).to_be_visible()
    zone = page.locator(".s-drop").element_handle()
    page.evaluate(DROP, [zone, "gezogen.pdf", base64.b64encode(samples.pdf(note="zwei")).decode()])
    expect(page.get_by_role("listitem").filter(has_text="gezogen.pdf")).to_be_visible()
    expect(page.get_by_text("wird noch geprüft")).to_have_count(2)
    axe(page)
    visit.look(page)
    page.get_by_role("button", name="Speichern und weiter", exact=True).click()
    page.wait_for_url("**/kontakt/")
    assert {upload.name for upload in Upload.objects.all()} == {"grosser-scan.pdf", "gezogen.pdf"}


@pytest.mark.slow
def test_after_a_broken_line_the_rest_follows_and_nothing_is_sent_twice(visit, alice, at_files, large):
    page, sent, broken = visit(at_files.url("unterlagen"), user=alice), [], []

    def shaky(route):
        if route.request.method == "PATCH":
            sent.append(int(route.request.headers["upload-offset"]))
            if len(sent) in (2, 3):
                broken.append(sent[-1])
                return route.abort("connectionreset")
        return route.continue_()

    page.route("**/ankunft/**", shaky)
    chosen(page).set_input_files(large)
    expect(page.get_by_role("status").filter(has_text="ist hochgeladen.")).to_be_visible(timeout=20_000)
    assert broken == [100_000, 100_000]
    assert sorted(set(sent)) == [0, 100_000, 200_000, 300_000, 400_000, 500_000]
    assert store.read(Upload.objects.get().stored) == large.read_bytes()
    visit.problems[:] = [text for text in visit.problems if "ERR_CONNECTION_RESET" not in text]


@pytest.mark.slow
def test_another_day_the_same_file_goes_on_where_it_stopped(visit, alice, at_files, large):
    page, offsets = visit(at_files.url("unterlagen"), user=alice), []

    def first_piece_only(route):
        if route.request.method == "PATCH" and route.request.headers["upload-offset"] != "0":
            return None  # hangs until the person leaves
        return route.continue_()

    page.route("**/ankunft/**", first_piece_only)
    chosen(page).set_input_files(large)
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-label", "grosser-scan.pdf wird hochgeladen")
    expect(page.get_by_text("grosser-scan.pdf 1")).to_be_visible()
    visit.look(page)
    axe(page)
    page.unroute("**/ankunft/**")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(at_files.url("unterlagen"))
    page.on("request", lambda r: offsets.append(r.headers.get("upload-offset")) if r.method == "PATCH" else None)
    chosen(page).set_input_files(large)
    expect(page.get_by_role("status").filter(has_text="ist hochgeladen.")).to_be_visible(timeout=20_000)
    assert int(offsets[0]) >= 100_000
    assert store.read(Upload.objects.get().stored) == large.read_bytes()


def slowly(page):
    """Each piece takes a moment; what is sent meanwhile finds the file on its way."""

    def wait(route):
        if route.request.method == "PATCH":
            page.wait_for_timeout(300)
        route.continue_()

    page.route("**/ankunft/**", wait)


@pytest.mark.slow
def test_who_goes_on_while_a_file_is_on_its_way_takes_it_along(visit, alice, at_files, large):
    page = visit(at_files.url("unterlagen"), user=alice)
    slowly(page)
    chosen(page).set_input_files(large)
    page.get_by_role("button", name="Speichern und weiter", exact=True).click(no_wait_after=True)
    expect(page.get_by_text("Danach geht es von selbst weiter.")).to_be_visible()
    visit.look(page)
    page.wait_for_url("**/kontakt/")
    assert store.read(Upload.objects.get().stored) == large.read_bytes()


@pytest.mark.slow
def test_who_goes_on_while_a_file_is_refused_stays_and_reads_why(visit, alice, at_files):
    page = visit(at_files.url("unterlagen"), user=alice)
    slowly(page)
    chosen(page).set_input_files({"name": "a.exe", "mimeType": "a/b", "buffer": b"MZ" * 50})
    page.get_by_role("button", name="Speichern und weiter", exact=True).click(no_wait_after=True)
    expect(page.get_by_role("status").filter(has_text="„a.exe“: Die Datei ist ein Programm.")).to_be_visible()
    expect(page).to_have_url(re.compile("/unterlagen/$"))
    assert not Upload.objects.exists()


@pytest.mark.slow
def test_a_refused_file_is_told_and_a_cancelled_one_is_forgotten(visit, alice, at_files):
    page = visit(at_files.url("unterlagen"), user=alice)
    chosen(page).set_input_files({"name": "a.exe", "mimeType": "a/b", "buffer": b"MZ" * 50})
    expect(page.get_by_role("status").filter(has_text="„a.exe“: Die Datei ist ein Programm.")).to_be_visible()
    visit.look(page)
    assert not Upload.objects.exists()


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.slow
def test_a_locked_file_is_named_and_can_be_replaced(visit, alice, at_files, javascript):
    at_files.post("unterlagen", {"zulassung": []})
    source = samples.pdf(note="EICAR").replace(b"EICAR", EICAR)
    actions.add_upload(
        at_files.draft, "zulassung", "schein.pdf", io.BytesIO(source), media_type="application/pdf", limit=6
    )
    scans.scan(Upload.objects.get().stored_id)
    page = visit(at_files.url("unterlagen"), user=alice, javascript=javascript, width=320)
    expect(page.get_by_text("gesperrt: Schadsoftware")).to_be_visible()
    page.get_by_role("button", name="Speichern und weiter", exact=True).click()
    expect(page.get_by_text("In „schein.pdf“ ist Schadsoftware.").first).to_be_visible()
    visit.look(page)
    if javascript:
        axe(page)
    page.get_by_role("button", name="Entfernen").click()
    expect(page.get_by_text("gesperrt: Schadsoftware")).to_have_count(0)
