"""A few page types in the cheap settings, with every run of the tests. The whole matrix: test_matrix.py."""

import pytest

from tests.browser.pages import checks
from tests.browser.pages.page_types import PAGE_TYPES

pytestmark = pytest.mark.browser
SAMPLE = ("start", "leistung", "anmelden-fehler", "uebersicht", "antrag-person-fehler", "vorgang-nachforderung")
CHEAP = (checks.frame, checks.light, checks.dark_on_a_phone, checks.without_scripts, checks.zoomed)


@pytest.mark.parametrize("kind", [kind for kind in PAGE_TYPES if kind.name in SAMPLE], ids=str)
@pytest.mark.slow
def test_page(house, kind):
    assert [problem for check in CHEAP for problem in check(house, kind)] == []
