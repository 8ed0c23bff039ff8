"""Rooms of the exchange in a browser: by tus and over a broken line, without a script, on a phone, in the dark."""

import re

import pytest
from playwright.sync_api import expect

from mailbox.exchange import actions, scanning
from mailbox.exchange.models import RoomFile, Upload
from tests.browser.conftest import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"


@pytest.fixture
def room(alice):
    return actions.open_room(alice, purpose="Pläne für den Umbau", days=7)


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "Pläne <b>.zip"
    path.write_bytes(bytes(range(256)) * 4000)
    return path


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (320, True)])
@pytest.mark.sample(2)
def test_files_go_up_by_themselves_and_stand_in_the_list(visit, alice, room, plan, width, dark):
    page = visit(f"/austausch/{room}/", user=alice, width=width, dark=dark)
    with page.expect_navigation():
        page.locator("input[type=file]").set_input_files(plan)
    expect(page.get_by_text("Pläne _b_.zip").first).to_be_visible()
    expect(page.get_by_text("wird noch auf Viren geprüft")).to_be_visible()
    axe(page)
    assert scanning.scan(RoomFile.objects.get().pk)
    page.get_by_role("link", name="Stand aktualisieren").click()
    with page.expect_download() as found:
        page.get_by_role("link", name="Pläne _b_.zip", exact=True).click()
    assert found.value.path().read_bytes() == plan.read_bytes()


@pytest.mark.slow
def test_a_line_that_breaks_is_gone_on_with_from_where_it_broke(visit, alice, room, plan, monkeypatch):
    page = visit(f"/austausch/{room}/", user=alice)
    broken = []

    def cut(route):
        if route.request.method == "PATCH" and len(broken) < 2:
            broken.append(1)
            route.abort()
        else:
            route.continue_()

    page.route("**/austausch/tus/**", cut)
    with page.expect_navigation():
        page.locator("input[type=file]").set_input_files(plan)
    page.unroute("**/austausch/tus/**")
    expect(page.get_by_text("wird noch auf Viren geprüft")).to_be_visible()
    assert (len(broken), Upload.objects.count()) == (2, 1)
    visit.problems[:] = [problem for problem in visit.problems if "ERR_FAILED" not in problem]


@pytest.mark.slow
def test_the_same_file_chosen_another_day_goes_on(visit, alice, room, plan):
    page = visit(f"/austausch/{room}/", user=alice)
    page.route("**/austausch/tus/**", lambda r: r.abort() if r.request.method == "PATCH" else r.continue_())
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 201):
        page.locator("input[type=file]").set_input_files(plan)  # it is begun, and then the line is dead
    expect(page.get_by_text("Pläne <b>.zip 0 %")).to_be_visible()
    page.unroute("**/austausch/tus/**")
    page.evaluate("addEventListener('beforeunload', e => e.stopImmediatePropagation(), true)")
    page = visit(f"/austausch/{room}/", user=alice)
    expect(page.get_by_text("0 % angekommen")).to_be_visible()
    with page.expect_navigation():
        page.locator("input[type=file]").set_input_files(plan)
    assert Upload.objects.get().is_whole
    visit.problems[:] = [problem for problem in visit.problems if "ERR_FAILED" not in problem]


@pytest.mark.slow
def test_what_the_room_cannot_hold_is_said(visit, alice, room, plan):
    type(room).objects.update(quota=1000)
    page = visit(f"/austausch/{room}/", user=alice)
    page.locator("input[type=file]").set_input_files(plan)
    expect(page.get_by_text("Die Datei ist zu groß, oder der Raum ist voll.")).to_be_visible()
    visit.problems[:] = [problem for problem in visit.problems if "413" not in problem]


@pytest.mark.slow
def test_without_a_script_the_button_sends_the_file(visit, alice, room, plan):
    page = visit(f"/austausch/{room}/", user=alice, javascript=False)
    page.locator("input[type=file]").set_input_files(plan)
    page.get_by_role("button", name="Hochladen").click()
    expect(page.get_by_text("Die Datei ist hochgeladen.")).to_be_visible()
    assert RoomFile.objects.get().size == plan.stat().st_size
    assert re.search("wird noch auf Viren", page.content())
