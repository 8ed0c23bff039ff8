import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
from django.test import Client

from forms_engine.definitions import actions as definitions
from forms_engine.submissions import actions
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.common import clock
from tests.forms_engine.submissions.walk import Walk

CATALOGUE = Path(definitions.__file__).parent / "catalogue"
NOON = dt.datetime(2026, 11, 20, 11, 0, tzinfo=dt.UTC)


@pytest.fixture
def walked(request):
    """Counts the generated sets of answers by form; told at the end of the run, whichever worker had them."""
    sets = Counter()
    yield sets
    request.node.user_properties.extend((f"sets of {form}", count) for form, count in sets.items())


def pytest_terminal_summary(terminalreporter):
    told = [getattr(report, "user_properties", ()) for kind in terminalreporter.stats.values() for report in kind]
    sets = Counter()
    for name, count in (entry for entries in told for entry in entries if entry[0].startswith("sets of ")):
        sets[name] += count
    if sets:
        terminalreporter.section("generated answers")
        for name, count in sorted(sets.items()):
            terminalreporter.line(f"{count:>7,} {name}")
        terminalreporter.line(f"{sets.total():>7,} sets of {len(sets)} forms")


@pytest.fixture(autouse=True)
def _house(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"


@pytest.fixture(autouse=True)
def _held_clock():
    with clock.frozen(NOON):
        yield


@pytest.fixture
def permit(db):
    source = (CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")
    return definitions.publish("bewohnerparkausweis", source, by=None)


@pytest.fixture
def draft(alice, permit):
    return actions.start_draft(alice, permit)


def client_of(user: User, level: TrustLevel | None = None) -> Client:
    """Signed in by password; with a level, by the BayernID that has just vouched for it, too."""
    client = Client()
    client.force_login(user)
    if level is not None:
        session = client.session
        session["identity_sign_ins"] = [{"provider": "bayernid", "level": level, "at": clock.now().isoformat()}]
        session.save()
    return client


@pytest.fixture
def walk(alice, draft) -> Walk:
    """Alice in front of her draft."""
    return Walk(client_of(alice), draft)
