"""What must hold for every page type, one function per promise. Each returns sentences; an empty list is a pass.

Checks in the same setting share one loaded page: each leaves it as it was.
"""

import io
import subprocess
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageChops
from playwright.sync_api import Page

from tests.browser.conftest import OVERFLOW, axe
from tests.browser.pages.page_types import PageType
from tests.browser.pages.visitor import House

Check = Callable[[House, PageType], list[str]]
HOUSES = {"de": "Serviceportal München", "de-simple": "Service-Portal München", "en": "Service portal München"}
WRONG = {"de": "Fehler: ", "de-simple": "Fehler: ", "en": "Error: "}
# Sheets made by script are no inline style: the page keeps its real policy.
ADD_STYLE = "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s] }"
SPACING = """*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}
p{margin-bottom:2em!important}"""
CUT_OFF = """() => [...document.querySelectorAll("main *, header *, footer *")].filter(e => {
  const style = getComputedStyle(e)
  return style.overflowY === "hidden" && e.clientHeight > 4 && e.clientWidth > 4 && e.scrollHeight > e.clientHeight + 4
}).map(e => `${e.tagName}.${e.className}: Text abgeschnitten`)"""
# Symbols are masks over a background colour, painted here because browsers write one colour in several ways.
BLANK_SYMBOLS = """() => {
  const pen = new OffscreenCanvas(1, 1).getContext("2d")
  const painted = e => {
    pen.clearRect(0, 0, 1, 1)
    pen.fillStyle = getComputedStyle(e).backgroundColor
    pen.fillRect(0, 0, 1, 1)
    return pen.getImageData(0, 0, 1, 1).data.join()
  }
  const ground = painted(document.body)
  return [...document.querySelectorAll(".kern-icon")].filter(e => e.checkVisibility() && painted(e) === ground)
    .map(e => `${e.className}: unsichtbar in erzwungenen Farben`)
}"""
MOVING = """() => [
  ...document.getAnimations().filter(a => a.playState === "running").map(a => "bewegt sich: " + a.animationName),
  ...(getComputedStyle(document.documentElement).scrollBehavior === "auto" ? [] : ["rollt sanft"]),
]"""
# Controls of the main way: buttons, fields, choices with their labels. Links inside text may be smaller.
SMALL_TARGETS = """() => {
  const most = (e, side) => {
    const own = e.getBoundingClientRect()[side]
    const label = e.labels && e.labels[0] ? e.labels[0].getBoundingClientRect()[side] : 0
    return Math.round(Math.max(own, ["radio", "checkbox"].includes(e.type) ? label : 0))
  }
  const all = "main button, main .kern-btn, main select, main input, main textarea, .p-nav a"
  const seen = [...document.querySelectorAll(all)].filter(e => e.type !== "hidden" && e.checkVisibility())
  return seen.filter(e => most(e, "height") < 44 || most(e, "width") < 44)
    .map(e => `${e.tagName} ${e.name || e.innerText}: nur ${most(e, "width")} x ${most(e, "height")} groß`)
}"""
HIDDEN_ON_PAPER = ".p-nav, .p-footer, .p-skip, .p-links, .p-demo, .p-back, .p-kiosk-bar, .p-actions"
STOPS = """() => {
  const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]'
  const groups = new Set()
  return [...document.querySelectorAll(all)].filter(e => {
    if (e.disabled || !e.checkVisibility({visibilityProperty: true})) return false
    // Not there for anybody who reads or tabs: what the Enter key of a field presses.
    if (e.tabIndex < 0 && e.getAttribute("aria-hidden") === "true") return false
    if (e.type !== "radio") return true
    const form = e.form ?? document.documentElement
    const chosen = form.querySelector(`input[type=radio][name="${CSS.escape(e.name)}"]:checked`)
    if (chosen) return chosen === e
    const group = [...document.forms].indexOf(form) + e.name
    return !groups.has(group) && groups.add(group)
  }).map((e, number) => { e.dataset.stop = number; return number })
}"""


# The stop that has the focus: where it is, what lies on top of it, and which kind of control it is.
STOP = """() => {
  const e = document.activeElement
  if (e.dataset.stop === undefined) return null
  const first = e.getClientRects()[0]
  const top = document.elementFromPoint(first.x + first.width / 2, first.y + first.height / 2)
  const own = [e, ...(e.labels ?? [])]
  const box = (e.closest(".p-card") ?? e).getBoundingClientRect()
  const frame = e.closest("header, footer, main, nav, dialog")
  return {
    stop: Number(e.dataset.stop),
    name: e.name || e.innerText || e.type,
    covered: !(top && (top.contains(e) || own.some(o => o.contains(top)))),
    box: [box.x, box.y, box.width, box.height],
    look: [e.tagName, e.type, e.className, e.parentElement.className, frame?.tagName].join(" "),
  }
}"""


def frame(house: House, kind: PageType) -> list[str]:
    """Language, title and first heading; nothing in the console, no strange host."""
    house.take_problems()
    page = house.show(kind)
    page.wait_for_load_state()
    wrong = [*house.take_problems()]
    title, headings = page.title(), page.locator("h1").count()
    if page.locator("html").get_attribute("lang") != kind.language:
        wrong.append("die Seite sagt ihre Sprache nicht")
    if headings != 1:
        wrong.append(f"{headings} Überschriften erster Stufe")
    named, marked = title.endswith(f" – {HOUSES[kind.language]}"), title.startswith(WRONG[kind.language])
    if not kind.foreign and not (named and marked == (kind.wrong or kind.disputed)):
        wrong.append(f"Titel: {title}")
    return wrong


def light(house: House, kind: PageType) -> list[str]:
    return _axe(house.show(kind, again=False))


def dark_on_a_phone(house: House, kind: PageType) -> list[str]:
    page = house.show(kind, color_scheme="dark", viewport={"width": 320, "height": 640})
    return _axe(page) + _too_wide(page) + page.evaluate(SMALL_TARGETS)


def without_scripts(house: House, kind: PageType) -> list[str]:
    """The state is reached without a script, too, and looks whole on a phone."""
    page = house.show(kind, java_script_enabled=False, viewport={"width": 320, "height": 640})
    primary = page.locator("main form .kern-btn--primary")
    dead = [b.inner_text() for b in primary.all() if b.is_visible() and b.is_disabled()]
    return _too_wide(page) + [f"ohne Skript nicht zu bedienen: {text}" for text in dead]


def zoomed(house: House, kind: PageType) -> list[str]:
    """200 % zoom; then double text and wide spacing at full width (WCAG 1.4.4, 1.4.10, 1.4.12)."""
    page = house.show(kind, viewport={"width": 640, "height": 450}, device_scale_factor=2)
    wrong = _too_wide(page)
    page = house.show(kind, again=False)
    for css in ("html{font-size:200%!important}", SPACING):
        page.evaluate(ADD_STYLE, css)
        wrong += _too_wide(page) + page.evaluate(CUT_OFF)
    page.evaluate(ADD_STYLE, "")
    return wrong


def forced_colours(house: House, kind: PageType) -> list[str]:
    page = house.show(kind, forced_colors="active")
    wrong = page.evaluate(BLANK_SYMBOLS)
    target = page.locator("main a:visible, main button:visible, main input:visible").first
    if target.count():
        target.focus()
        style = target.evaluate("e => { const s = getComputedStyle(e); return s.outlineStyle + s.outlineWidth }")
        card = target.evaluate(
            "e => { const c = e.closest('.p-card'); return c ? getComputedStyle(c).outlineStyle : '' }"
        )
        if style in ("none0px", "none3px") and card != "solid":
            wrong.append(f"kein Fokus in erzwungenen Farben: {style}")
    return wrong


def still(house: House, kind: PageType) -> list[str]:
    return house.show(kind, reduced_motion="reduce").evaluate(MOVING)


def on_paper(house: House, kind: PageType) -> list[str]:
    """The navigation stays on the screen, the words get onto the paper."""
    page = house.show(kind, again=False)
    heading = page.locator("h1").first.inner_text()
    page.emulate_media(media="print")
    hidden = [] if kind.foreign else page.locator(HIDDEN_ON_PAPER).all()
    wrong = [f"auf dem Papier: {part.get_attribute('class')}" for part in hidden if part.is_visible()]
    text = subprocess.run(["pdftotext", "-", "-"], input=page.pdf(format="A4"), capture_output=True, check=True)
    page.emulate_media(media="screen")
    if _letters(heading) not in _letters(text.stdout.decode()):
        wrong.append(f"nicht auf dem Papier: {heading}")
    return wrong


def keyboard(house: House, kind: PageType) -> list[str]:
    """Tab meets every control once, in the order of the page, shows where it is, is never hidden, and gets out."""
    page = house.show(kind, again=False, reduced_motion="reduce")
    stops = page.evaluate(STOPS)
    page.evaluate("() => { const b = document.body; b.tabIndex = -1; b.focus(); b.removeAttribute('tabindex') }")
    wrong, met = [], []
    for _ in range(len(stops) + 3):
        page.keyboard.press("Tab")
        at = page.evaluate(STOP)
        if at is None:
            if met:
                break
            continue
        if met == stops and at["stop"] == stops[0]:
            break  # out at the end and in again at the beginning, without a halt at the browser's own controls
        met.append(at["stop"])
        if at["covered"]:
            wrong.append(f"verdeckt: {at['name']}")
        if at["look"] not in house.focus_seen:
            wrong += _focus_shows(page, at)
            house.focus_seen.add(at["look"])
    if met != stops:
        missing = [
            page.locator(f'[data-stop="{n}"]').evaluate("e => e.outerHTML.slice(0, 90)") for n in {*stops} - {*met}
        ]
        wrong.append(f"Reihenfolge {met} statt {stops}, nicht erreicht: {missing}")
    return wrong


def _focus_shows(page: Page, at: dict[str, Any]) -> list[str]:
    """Focus changes enough pixels at and around the control. Asked once of each kind of control."""
    focused = page.locator(f'[data-stop="{at["stop"]}"]')
    x, y, width, height = at["box"]
    size = page.viewport_size or {"width": 0, "height": 0}
    x, y, right, bottom = max(0, x - 8), max(0, y - 8), x + width + 8, y + height + 8
    clip = {"x": x, "y": y, "width": min(right, size["width"]) - x, "height": min(bottom, size["height"]) - y}
    with_focus = _picture(page, clip)
    focused.evaluate("e => e.blur()")
    changed = sum(ImageChops.difference(with_focus, _picture(page, clip)).histogram()[40:])
    focused.evaluate("e => e.focus({focusVisible: true, preventScroll: true})")
    enough = changed >= clip["width"] + clip["height"]
    return [] if enough else [f"Fokus kaum zu sehen: {at['name']}, {changed} Punkte"]


def _picture(page: Page, clip: dict[str, float]) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot(clip=clip, caret="initial"))).convert("L")


def _axe(page: Page) -> list[str]:
    try:
        axe(page)
    except AssertionError as found:
        return [str(found).partition("\nassert")[0]]
    return []


def _too_wide(page: Page) -> list[str]:
    wide = page.evaluate(OVERFLOW)
    return [f"zu breit: {wide}"] if wide else []


def _letters(text: str) -> str:
    """Only what survives hyphenation and line breaks."""
    return "".join(letter for letter in text if letter.isalnum())


CHECKS: tuple[Check, ...] = (
    frame,
    light,
    dark_on_a_phone,
    without_scripts,
    zoomed,
    forced_colours,
    still,
    on_paper,
    keyboard,
)
