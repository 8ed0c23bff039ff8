"""What one address did in the last minute (portal.common.limits) does not count in the next test."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nobody_has_tried() -> None:
    cache.clear()
