"""Loaded with -p before pytest-django: private PostgreSQL and Valkey once; xdist workers inherit their addresses."""

import os

import pytest

# Before portal/__init__ loads Celery, which would otherwise name the product's settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    if os.environ.get("PYTEST_XDIST_WORKER") or os.environ.get("PGHOST"):
        return
    from portal.launcher.services import AlreadyRunning, Missing, Services

    services = Services(f"var/test-{os.environ.get('PORTAL_TEST_SLOT', '0')}")
    early_config.add_cleanup(services.stop)
    try:
        services.start_postgres()
        services.start_valkey()
    except (Missing, AlreadyRunning) as error:
        raise pytest.UsageError(f"{error}\nEin zweiter Testlauf daneben: PORTAL_TEST_SLOT=1 ./run test") from None
