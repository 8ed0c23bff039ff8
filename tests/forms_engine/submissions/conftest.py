import datetime as dt
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
