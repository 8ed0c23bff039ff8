"""Opens page types: one window per person and setting, the page in its state, and what went wrong on the way."""

import dataclasses
import traceback
from typing import Any

from django.core.cache import cache
from playwright.sync_api import Browser, Page, Response

from tests.browser.conftest import Visits
from tests.browser.pages.page_types import PageType
from tests.browser.pages.world import World

FROM_TESTS = ("status of 4", "status of 5")  # the console tells the status of pages that are meant to have it


@dataclasses.dataclass
class House:
    browser: Browser
    url: str
    world: World
    guests: set[str]
    windows: dict[tuple[object, ...], Page] = dataclasses.field(default_factory=dict)
    problems: list[str] = dataclasses.field(default_factory=list)
    focus_seen: set[str] = dataclasses.field(default_factory=set)  # kinds of controls (checks.keyboard)
    shown: dict[Page, PageType] = dataclasses.field(default_factory=dict)
    faults: list[str] = dataclasses.field(default_factory=list)  # what ended requests with 500, newest last

    def note_fault(self, **_: object) -> None:
        """Receiver of got_request_exception: without it a page that fails once in an hour would keep its reason."""
        self.faults.append(traceback.format_exc()[-3000:])

    def show(self, kind: PageType, *, again: bool = True, **setting: Any) -> Page:
        """The page of this type in its state; settings are those of Playwright's new_context.

        `again=False` takes it as the last check left it, if that was about the same page type in the same setting.
        """
        cache.clear()  # the house counts attempts; we try often
        page = self._window(kind.who, setting)
        if not again and self.shown.get(page) == kind:
            return page
        response = page.goto(kind.path.format(**self.world.names))
        status = response and response.status
        assert status == kind.status, f"{kind}: {status} {''.join(self.faults[-1:])}"
        if kind.act is not None:
            kind.act(page, self.world.names)
        self.shown[page] = kind
        return page

    def source(self, kind: PageType) -> str:
        """The HTML as the server sent it, before any script."""
        answers: list[Response] = []
        page = self._window(kind.who, {})

        def keep(answer: Response) -> None:
            answers.append(answer)

        page.on("response", keep)
        self.show(kind)
        page.wait_for_load_state()
        page.remove_listener("response", keep)
        documents = [a for a in answers if a.request.resource_type == "document" and a.status not in range(300, 400)]
        return documents[-1].text()

    def _window(self, who: str, setting: dict[str, Any]) -> Page:
        key = (who, *sorted((name, str(value)) for name, value in setting.items()))
        if key not in self.windows:
            self.windows[key] = self._open(who, setting)
        return self.windows[key]

    def _open(self, who: str, setting: dict[str, Any]) -> Page:
        usual: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "locale": "de-DE", "base_url": self.url}
        context = self.browser.new_context(**usual | setting)
        context.set_default_timeout(60_000)
        cookies = self.world.sessions[who] if who else {}
        context.add_cookies([{"name": name, "value": value, "url": self.url} for name, value in cookies.items()])
        page = context.new_page()
        watch = Visits(self.browser, self.url, self.problems, self.guests)
        page.on("console", lambda message: self._console(page, message.type, message.text))
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        page.on("request", lambda request: watch._request(request.url))
        return page

    def _console(self, page: Page, kind: str, text: str) -> None:
        if "Content Security Policy" in text or (
            kind in ("error", "warning") and not any(x in text for x in FROM_TESTS)
        ):
            self.problems.append(f"{page.url}: {text}")

    def take_problems(self) -> list[str]:
        found, self.problems[:] = list(self.problems), []
        return found

    def close(self) -> None:
        for page in self.windows.values():
            page.context.close()
