import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def fresh_counters():
    """Attempts are counted in the cache, which outlives a test."""
    cache.clear()
