"""The table of page types is complete. That every line leads to its page is a matter of the matrix (checks.frame)."""

import re

from django.urls import Resolver404, resolve

from tests.architecture.test_access import ADDRESSES
from tests.browser.pages.page_types import NO_PAGE, PAGE_TYPES

CLERKS = (
    "admin:",
    "workplace:",
    "builder:",
    "preview:",
    "results:",
    "intake:",
    "retention:",
    "newsdesk:",
    "emergency:",
)


def test_every_address_of_citizens_has_a_page_type():
    """A new page without a line in page_types.py is a page that nobody looks at."""
    shown = {name for kind in PAGE_TYPES if (name := _named(kind.path))}
    citizens = {name for name in ADDRESSES if not name.startswith(CLERKS)}
    assert citizens - shown - NO_PAGE == set()
    assert NO_PAGE - citizens == set()
    assert NO_PAGE & shown == set()


def _named(path: str) -> str | None:
    if path.startswith(("/probe/", "/gibt-es-nicht/")):
        return None
    for sample in ("00000000-0000-0000-0000-000000000007", "1-x", "7"):
        try:
            return resolve(re.sub(r"\{\w+\}", sample, path).partition("?")[0]).view_name
        except Resolver404:
            continue
    return None


def test_every_page_type_has_a_name_of_its_own():
    names = [kind.name for kind in PAGE_TYPES]
    assert sorted(set(names)) == sorted(names)
