import pytest
from django.test import Client

from forms_engine.definitions import actions, queries
from forms_engine.definitions.models import Form, FormVersion
from portal.directory.teams.models import TeamForm
from tests.conftest import _team
from tests.forms_engine.definitions.conftest import SMALL

BASE = "/verwaltung/formulare/klein"


@pytest.fixture
def draft(clara) -> FormVersion:
    """A draft of Clara's team."""
    TeamForm.objects.create(team=_team(), slug="klein")
    return actions.write_draft("klein", SMALL, by=clara)


@pytest.fixture
def desk(clara, draft) -> Client:
    client = Client()
    client.force_login(clara)
    return client


def now() -> FormVersion:
    """What is in work, as it stands."""
    found = queries.in_work(Form.objects.get(slug="klein"))
    assert found is not None
    return found


def send(client: Client, path: str, **data):
    """Posts with the lock that the page carries."""
    return client.post(f"{BASE}/{path}", {"stand": now().sha256, **data}, follow=True)
