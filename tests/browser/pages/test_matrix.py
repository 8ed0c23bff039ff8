"""Every page type in every setting of the browser: ./run pages. A sample of it runs with all other tests."""

import pytest

from tests.browser.pages import checks
from tests.browser.pages.page_types import PAGE_TYPES

pytestmark = [pytest.mark.browser, pytest.mark.full]


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", PAGE_TYPES, ids=str)
def test_page(house, kind, check):
    assert check(house, kind) == []
