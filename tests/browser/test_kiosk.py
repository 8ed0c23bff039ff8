"""The countdown of a public terminal in a real browser."""

import pytest
from playwright.sync_api import expect

from portal.home import actions, kiosk
from portal.home.models import Terminal
from tests.browser.conftest import axe

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def terminal(visit, alice):
    """Alice at a terminal that announces its end at once."""
    key = actions.add_terminal("Rathaus, Gerät 1")
    page = visit("/konto/uebersicht/", user=alice)
    page.context.add_cookies([{"name": kiosk.COOKIE, "value": key, "url": visit.url}])
    return page


def set_clock(idle: int, warn: int) -> None:
    Terminal.objects.update(idle_seconds=idle, warn_seconds=warn)


def test_who_says_so_gets_more_time_as_often_as_wanted(terminal, visit):
    set_clock(21, 20)
    terminal.reload()
    visit.look(terminal)
    for _ in range(3):
        dialog = terminal.get_by_role("dialog", name="Sind Sie noch da?")
        expect(dialog).to_be_visible()
        expect(terminal.locator("#kiosk-laut")).to_have_text("Noch 20 Sekunden")
        expect(terminal.locator("#kiosk-weiter")).to_be_focused()
        terminal.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
    axe(terminal)
    assert "Guten Tag, Alice Ammer" in terminal.content()


def test_without_an_answer_the_visit_ends_and_going_back_shows_nothing(terminal):
    set_clock(21, 20)
    terminal.reload()
    terminal.wait_for_url("**/terminal/beendet/", timeout=40_000)
    axe(terminal)
    terminal.go_back()
    terminal.wait_for_load_state()
    assert "Ammer" not in terminal.content()
    assert Terminal.objects.get().ended_count == 1


def test_the_end_is_one_click_on_every_page(terminal):
    terminal.reload()
    terminal.get_by_role("button", name="Beenden und löschen").click()
    terminal.wait_for_url("**/terminal/beendet/")
    names = {cookie["name"] for cookie in terminal.context.cookies()}
    assert kiosk.COOKIE in names and "portal_sitzung" not in names
