"""The house as the stories need it: the forms are there, the provider answers on loopback, Alice can sign in."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache

from forms_engine.cases.models import Case
from portal.accounts.models import User
from tests import make
from tests.journeys.story import Person
from tests.payments.conftest import fake  # noqa: F401 - the payment provider


@pytest.fixture(autouse=True)
def _house(db, settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"
    settings.PUBLIC_URL = "http://testserver"
    cache.clear()  # attempts are counted there
    make.permit()


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
def paid(alice, fake) -> Case:  # noqa: F811 - the fixture
    """Alice's application, sent and paid: Clara may begin."""
    return make.paid(make.case(alice), fake)
