"""A real Chromium against the live server, with the product's real Content Security Policy.

`visit` opens pages. Whatever a test opens must stay free of CSP messages, script errors, requests to other hosts and
sideways scrolling: that is checked for every page at the end of the test, without the test having to ask.
PORTAL_SHOTS=FOLDER keeps a picture of every page for looking at."""

import dataclasses
import functools
import gzip
import itertools
import os
import pathlib
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, Locator, Page, Response, expect, sync_playwright

from portal.accounts.levels import TrustLevel
from tests.forms_engine.submissions.conftest import client_of

AXE = (pathlib.Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text(encoding="utf-8")
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# The words of buttons that send nothing.
DEAD_BUTTONS = """() => [...document.querySelectorAll('button[type=submit], input[type=submit]')]
    .filter(button => !button.form).map(button => button.textContent || button.value)"""
# What sticks out at the right edge, as "tag.class (pixels)"; empty if the page does not scroll sideways.
OVERFLOW = """() => {
  const root = document.documentElement
  if (root.scrollWidth <= root.clientWidth) return ""
  const right = e => Math.round(Math.max(e.getBoundingClientRect().right, e.scrollWidth))
  const out = [...document.body.querySelectorAll("*")].filter(e => right(e) > root.clientWidth)
  return out.slice(-5).map(e => `${e.tagName}.${e.className} (${right(e)})`).join(", ") || "?"
}"""
_shots = itertools.count(1)


def _to_the_end(action):
    """`action` of a locator, which returns once the page it leads to is read to its end.

    Playwright waits only until the next page begins to arrive: what is read at once (`is_visible`, `count`) was then
    missing whenever the machine was busy."""

    @functools.wraps(action)
    def arrive(locator: Locator, *args, **kwargs) -> None:
        action(locator, *args, **kwargs)
        locator.page.wait_for_load_state()

    return arrive


@pytest.fixture(scope="package")  # its event loop must not outlive the browser tests: pyHanko needs the thread
def chromium() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not program:
        pytest.fail("Kein Chromium gefunden: apt-get install chromium")
    # Playwright's synchronous interface runs an event loop in this thread, which Django would take for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        for action in (Locator.click, Locator.press):
            patch.setattr(Locator, action.__name__, _to_the_end(action))
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclasses.dataclass
class Visits:
    """Opens pages in contexts of their own and remembers what went wrong in them."""

    browser: Browser
    url: str
    problems: list[str] = dataclasses.field(default_factory=list)
    guests: set[str] = dataclasses.field(default_factory=set)  # origins beside our own that a story may visit
    tabs: dict[tuple[object, ...], Page] = dataclasses.field(default_factory=dict)
    level: TrustLevel | None = None  # what whoever is signed in has shown, beyond the password

    def __call__(
        self,
        path: str,
        *,
        width: int = 1280,
        javascript: bool = True,
        dark: bool = False,
        forced_colors: bool = False,
        user=None,
        status: int = 200,
    ) -> Page:
        """The tab of this setting, now on `path`: one tab per width, scheme, person and so on."""
        setting = (width, javascript, dark, forced_colors, user and user.pk)
        page = self.tabs.get(setting) or self._tab(setting, width, javascript, dark, forced_colors, user)
        response = page.goto(path)
        assert response is not None and response.status == status, f"{path}: {response and response.status}"
        self.look(page)
        return page

    def _tab(self, setting, width, javascript, dark, forced_colors, user) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900 if width > 600 else 640},
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            forced_colors="active" if forced_colors else "none",
            reduced_motion="reduce",
            locale="de-DE",
            base_url=self.url,
        )
        context.set_default_timeout(30_000)
        if user is not None:
            context.add_cookies([self._session(user)])
        page = context.new_page()
        page.on("console", lambda message: self._console(page, message.type, message.text))
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        page.on("request", lambda request: self._request(request.url))
        self.tabs[setting] = page
        return page

    def look(self, page: Page) -> None:
        """Checks that nothing sticks out sideways and no button is dead; keeps a picture if asked."""
        if dead := page.evaluate(DEAD_BUTTONS):
            self.problems.append(f"{page.url}: gehören zu keinem Formular: {dead}")
        if wide := page.evaluate(OVERFLOW):
            self.problems.append(f"{page.url}: zu breit bei {page.viewport_size}: {wide}")
        if folder := os.environ.get("PORTAL_SHOTS"):
            name = urlsplit(page.url).path.strip("/").replace("/", "-") or "start"
            size = page.viewport_size or {"width": 0}
            path = f"{folder}/{next(_shots):03}-{name}-{size['width']}.png"
            page.screenshot(
                path=path, full_page=True, caret="initial"
            )  # hiding it would inject a style, against the CSP

    def _session(self, user) -> dict[str, str]:
        client = client_of(user, self.level)
        name = django_settings.SESSION_COOKIE_NAME
        return {"name": name, "value": client.cookies[name].value, "url": self.url}

    def _console(self, page: Page, kind: str, text: str) -> None:
        # The console also reports the status of a page that is meant to be a 404.
        if "Content Security Policy" in text or (kind == "error" and "status of 4" not in text):
            self.problems.append(f"{page.url}: {text}")

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        # chrome*: the browser's own viewer of PDF.
        ours = parts.scheme in ("data", "blob", "chrome", "chrome-extension")
        if not ours and f"{parts.scheme}://{parts.netloc}" not in {self.url, *self.guests}:
            self.problems.append(f"fremde Anfrage: {url}")


@pytest.fixture
def visit(chromium, live_server) -> Iterator[Visits]:
    visits = Visits(chromium, live_server.url)
    yield visits
    for page in visits.tabs.values():
        visits.look(page)
        page.context.close()
    assert not visits.problems, "\n".join(visits.problems)


def axe(page: Page) -> None:
    """Fails with rule, sentence and element for every violation of WCAG 2.0 to 2.2 A and AA and of good practice."""
    found = violations(page)
    assert found == [], f"{page.url} {page.viewport_size}\n" + "\n".join(found)


def focused(page: Page, target: str) -> None:
    """The element with this id has the focus, or gets it as soon as the page is drawn (autofocus)."""
    expect(page.locator(f'[id="{target}"]')).to_be_focused()


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    # Its preloading would copy @import-ed sheets into style elements, which our policy forbids and no rule here needs.
    result = page.evaluate(
        "tags => axe.run(document, {preload: false, runOnly: {type: 'tag', values: tags}})", AXE_TAGS
    )
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


class Weight:
    """Bytes of a first visit, as the product serves them: text compressed, fonts and pictures as they are."""

    def __init__(self, page: Page) -> None:
        self.responses: list[Response] = []
        page.on("response", self._keep)

    def _keep(self, response: Response) -> None:
        self.responses.append(response)

    def total(self) -> int:
        """Bodies are fetched here and not as they come: one on its way would be missing, or lost with the page."""
        return sum(self._bytes(response) for response in self.responses if response.status == 200)

    def _bytes(self, response: Response) -> int:
        body, kind = response.body(), response.headers.get("content-type", "")
        return len(gzip.compress(body)) if kind.startswith("text/") or "javascript" in kind else len(body)
