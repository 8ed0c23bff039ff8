"""Loaded with -p before pytest-django: private PostgreSQL and Valkey once; xdist workers inherit their addresses."""

import os
import subprocess
import sys

import pytest
from hypothesis import settings

# Before portal/__init__ loads Celery, which would otherwise name the product's settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
# Every module of ours keeps its asserts where Python strips them from the product (PYTHONOPTIMIZE=1).
pytest.register_assert_rewrite("tests")
# What an example costs says more of the neighbours on the machine than of the code.
settings.register_profile("portal", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=30)
settings.load_profile("portal")


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


def pytest_addoption(parser):
    parser.addoption("--reverse", action="store_true", help="run the tests in reverse order: none may lean on another")
    parser.addoption("--part", type=int, default=1, metavar="N", help="of those named by -m full only every Nth")
    parser.addoption("--all", action="store_true", help="the slow ones, too: every fault, every way through the story")


ASKED_FOR = ("full", "screens")  # markers of tests that run only for those who name them: -m full


def _quickly(config) -> bool:
    return not config.getoption("all") and not config.option.markexpr and "::" not in "".join(config.args)


def pytest_configure(config):
    if _quickly(config):
        settings.load_profile("quick")
    if getattr(config.option, "numprocesses", None) and not config.option.collectonly:
        made = subprocess.Popen([sys.executable, "-m", "tests.template"])
        config.add_cleanup(made.wait)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    left_out = [name for name in ASKED_FOR if name not in config.option.markexpr]
    if _quickly(config):
        left_out.append("slow")
    gone = [item for item in items if any(item.get_closest_marker(name) for name in left_out)]
    if "slow" in left_out:
        gone += _beyond_samples(items)
    # Nine settings of the browser beside each other: any N that shares no factor with nine reaches pages and settings.
    whole = [item for item in items if item.get_closest_marker("full")] if config.getoption("part") > 1 else []
    gone += [item for place, item in enumerate(whole) if place % config.getoption("part")]
    config.hook.pytest_deselected(items=gone)
    dropped = set(map(id, gone))
    items[:] = [item for item in items if id(item) not in dropped]
    if config.getoption("reverse"):
        items.reverse()


def _beyond_samples(items):
    """Of a test with many cases that is marked sample(n), all but every nth case, counted from the first."""
    seen, gone = {}, []
    for item in items:
        if mark := item.get_closest_marker("sample"):
            test = item.nodeid.partition("[")[0]
            place = seen[test] = seen.get(test, -1) + 1
            if place % mark.args[0]:
                gone.append(item)
    return gone
