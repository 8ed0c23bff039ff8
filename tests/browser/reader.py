"""People in front of a window: one with a mouse, one with nothing but a keyboard. Each page they come to is judged."""

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as TooLong

from tests import make
from tests.browser.conftest import Visits, axe
from tests.forms_engine.submissions import samples
from tests.payments.conftest import fake  # noqa: F401 - the payment provider

WIDE = {"width": 1280, "javascript": True}
PHONE = {"width": 320, "javascript": False, "dark": True}
FOCUSED = "selector => document.activeElement?.matches(selector)"
NEXT = "main form .kern-btn--primary"  # the one button that leads on
LONGEST = 300  # stops of the Tab key on a page, header and footer included, and entries of a list


@dataclasses.dataclass
class Reader:
    """One person in front of one window. Every page they come to is looked at and judged by axe."""

    visit: Visits
    page: Page
    twin: Page | None = None  # same width and colours, with scripts, which axe needs

    def at(self, heading: str) -> None:
        """The page that was asked for has come, and is as it should be."""
        self.page.wait_for_load_state("domcontentloaded")
        title = self.page.get_by_role("heading", level=1)
        assert heading in title.inner_text(), f"{self.page.url}: {title.inner_text()}"
        self.judge()

    def judge(self) -> None:
        self.visit.look(self.page)
        if self.twin:
            address, body = self.page.url.partition("#")[0], self.page.content()
            self.twin.route(address, lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))
            self.twin.goto(address)
            self.twin.unroute(address)
        axe(self.twin or self.page)

    def goto(self, path: str, heading: str) -> None:
        response = self.page.goto(path)
        assert response is not None and response.ok, path
        self.at(heading)

    def follow(self, link: str, heading: str) -> None:
        self.page.get_by_role("main").get_by_role("link", name=link).first.click()
        self.at(heading)

    def press(self, button: str, heading: str) -> None:
        self.page.get_by_role("button", name=button).first.click()
        self.at(heading)

    def fill(self, values: dict[str, Any]) -> None:
        """Answers by the names of their fields, several of one question as a list; of files only the number counts."""
        for name, value in values.items():
            if name.endswith("-rows"):
                self._rows(name.removesuffix("-rows"), int(value))
            else:
                self._answer(f'[name="{name}"]:not([type=hidden])', value)

    def _rows(self, group: str, wanted: int) -> None:
        count = self.page.locator(f'[name="{group}-rows"]')
        while int(count.input_value()) < wanted:
            before = int(count.input_value())
            self.push(f'[name="_add_{group}"]')
            expect(count).to_have_value(str(before + 1))
            self.judge()

    def _answer(self, selector: str, value: Any) -> None:
        field = self.page.locator(selector)
        if not self.twin:  # with scripts a question may be on its way
            field.first.wait_for(state="attached")
        elif field.count() == 0:  # the next page says that it has come up
            return
        kind = field.first.evaluate("field => field.type")
        if kind != "file" and not field.first.is_visible():
            self.push(f"details:has({selector}) > summary")
        match kind:
            case "select-one":
                self.pick(selector, value)
            case "radio":
                self.choose(selector, value)
            case "checkbox":
                for one in value if isinstance(value, list) else [value]:
                    self.check(f'{selector}[value="{one}"]' if field.count() > 1 else selector)
            case "file":
                number = len(value) if isinstance(value, list) else 1
                make_one = (
                    _pdf if "application/pdf" in (field.first.get_attribute("accept") or "application/pdf") else _png
                )
                self.attach(selector, [make_one(place) for place in range(number)])
                expect(self.page.locator(".s-arriving")).to_have_count(0)  # gone up, or never begun without a script
            case _:
                self.type(selector, value)

    def pick(self, selector: str, value: str) -> None:
        self.page.locator(selector).select_option(value)

    def choose(self, selector: str, value: str) -> None:
        self.page.locator(f'{selector}[value="{value}"]').check()

    def check(self, selector: str) -> None:
        self.page.locator(selector).check()

    def attach(self, selector: str, files: list[Any]) -> None:
        self.page.locator(selector).set_input_files(files)

    def type(self, selector: str, text: str) -> None:
        self.page.locator(selector).fill(text)

    def push(self, selector: str) -> None:
        self.page.locator(selector).first.click()

    def send(self) -> None:
        self.push(NEXT)
        self.page.wait_for_load_state("domcontentloaded")  # the click itself waits only until an answer begins


class Typist(Reader):
    """Has no pointer: Tab leads to everything, Enter and Space press, arrows choose."""

    def __post_init__(self) -> None:
        # Playwright takes the dialog for files away only while somebody listens; begun with the key it comes too late.
        self.page.on("filechooser", lambda chooser: None)

    def pick(self, selector: str, value: str) -> None:
        self._arrows(selector, value)

    def choose(self, selector: str, value: str) -> None:
        self._arrows(selector, value)
        if not self.page.evaluate("document.activeElement.checked"):  # the first of a group: an arrow would leave it
            self.page.keyboard.press("Space")

    def check(self, selector: str) -> None:
        self._reach(selector)
        if not self.page.evaluate("document.activeElement.checked"):
            self.page.keyboard.press("Space")

    def attach(self, selector: str, files: list[Any]) -> None:
        self._reach(selector)
        for patience in (5_000, 5_000, 30_000):  # on a busy machine Chromium now and then swallows the key: press again
            with contextlib.suppress(TooLong), self.page.expect_file_chooser(timeout=patience) as chooser:
                self.page.keyboard.press("Space")
                break
        chooser.value.set_files(files)

    def type(self, selector: str, text: str) -> None:
        self._reach(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def push(self, selector: str) -> None:
        self._reach(selector)
        if self.page.evaluate("document.activeElement.matches('summary')"):
            self.page.keyboard.press("Enter")
            return
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.keyboard.press("Enter")

    def _arrows(self, selector: str, value: str) -> None:
        self._reach(selector)
        for _ in range(LONGEST):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{self.page.url}: no arrow leads to {selector} {value}")

    def _reach(self, selector: str) -> None:
        for _ in range(LONGEST):
            if self.page.evaluate(FOCUSED, selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{self.page.url}: Tab does not lead to {selector}")


def _pdf(number: int) -> dict[str, Any]:
    return {"name": f"schein-{number + 1}.pdf", "mimeType": "application/pdf", "buffer": samples.pdf(note=str(number))}


def _png(number: int) -> dict[str, Any]:
    return {"name": f"bild-{number + 1}.png", "mimeType": "image/png", "buffer": samples.png(width=number + 2)}


@pytest.fixture
def house(visit, live_server, fake, settings, tmp_path):  # noqa: F811 - the fixture
    """Forms, offices and the payment page, which is the one foreign address of the story."""
    settings.FILE_STORE, settings.PUBLIC_URL = tmp_path / "files", live_server.url
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives | {"form-action": ["'self'", fake.url]}}
    visit.guests.add(fake.url)
    make.catalogue()
    return visit


@pytest.fixture
def readers(visit) -> Callable[..., Reader]:
    """A window of its own for a person, in a given width and so on."""

    def sit_down(path: str, kind: type[Reader] = Reader, **how: Any) -> Reader:
        window, twin = _own(visit, path, how), None
        if not how["javascript"]:
            twin = _own(visit, path, how | {"javascript": True})
        return kind(visit, window, twin)

    return sit_down


def _own(visit: Visits, path: str, how: dict[str, Any]) -> Page:
    """A window that the next person with these settings does not get."""
    page = visit(path, **how)
    key = next(key for key, tab in visit.tabs.items() if tab is page)
    visit.tabs[(len(visit.tabs), *key)] = visit.tabs.pop(key)
    return page
