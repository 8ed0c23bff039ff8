"""The house as the stories need it: forms and offices, a provider on loopback, an Alice who can sign in."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache

from forms_engine.cases.models import Case
from portal.accounts.models import User
from tests import make
from tests.journeys.story import Person, apply, pay, send
from tests.payments.conftest import fake  # noqa: F401 - the payment provider


@pytest.fixture(autouse=True)
def _house(db, settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"
    settings.PUBLIC_URL = "http://testserver"
    cache.clear()  # attempts are counted there
    make.catalogue()


def confirmed(user: User) -> User:
    """The person has proved the address, so the sign-in page lets them in."""
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def citizen(alice) -> Person:
    return Person(confirmed(alice))


@pytest.fixture
def clerk(clara) -> Person:
    return Person(clara, "/verwaltung/login/")


@pytest.fixture
def paid(citizen, fake) -> Case:  # noqa: F811 - the fixture
    """Alice's application, sent and paid through the pages."""
    case = send(citizen, apply(citizen))
    pay(citizen, case)
    make.work()
    return case
