"""Pictures of every page type for looking at: build/screens/index.html. Run by ./run screens."""

import html
import pathlib
import shutil
import subprocess

import pytest

from tests.browser.pages.page_types import PAGE_TYPES

pytestmark = [pytest.mark.browser, pytest.mark.screens]
TARGET = pathlib.Path(__file__).resolve().parents[3] / "build/screens"
SETTINGS = {
    "breit-hell": {},
    "schmal-dunkel": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
    "erzwungene-farben": {"forced_colors": "active"},
}


def test_pictures_of_every_page_type(house):
    shutil.rmtree(TARGET, ignore_errors=True)
    for folder in (*SETTINGS, "druck"):
        (TARGET / folder).mkdir(parents=True)
    for kind in PAGE_TYPES:
        for folder, setting in SETTINGS.items():
            page = house.show(kind, **setting)
            page.screenshot(path=TARGET / folder / f"{kind}.png", full_page=True, caret="initial")
        _print(house.show(kind), TARGET / "druck" / str(kind))
    (TARGET / "index.html").write_text(_index(), encoding="utf-8")
    assert len(list(TARGET.glob("*/*.png"))) == len(PAGE_TYPES) * (len(SETTINGS) + 1)


def _print(page, target: pathlib.Path) -> None:
    """The first sheet as a picture."""
    page.pdf(path=f"{target}.pdf", prefer_css_page_size=True, format="A4")
    command = ["pdftoppm", "-r", "60", "-png", "-singlefile", f"{target}.pdf", str(target)]
    subprocess.run(command, check=True)


def _index() -> str:
    rows = "".join(
        f"<h2>{html.escape(kind.name)}</h2><p>"
        + " ".join(f'<a href="{f}/{kind}.png"><img src="{f}/{kind}.png" alt="{f}"></a>' for f in (*SETTINGS, "druck"))
        for kind in PAGE_TYPES
    )
    style = "img{height:28rem;vertical-align:top;border:1px solid #999}"
    return f"<!doctype html><meta charset=utf-8><title>Bilder</title><style>{style}</style>{rows}"
