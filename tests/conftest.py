"""The cast and the test database.

Alice applies, Bob is another citizen, Clara is the clerk, Theo leads, Otto operates, Edda edits."""

import os
import time

import pytest
from django.db import connection
from django.test import Client

from portal.accounts.models import Role, RoleAssignment, User
from portal.directory.models import Office, Organisation
from portal.directory.teams.models import Team, TeamForm, TeamMember
from tests import template


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """A copy of the migrated database for each worker, made in 0.2 s."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    settings, original = connection.settings_dict, connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        template.admin(f"create database {name} template {template.migrated()} strategy file_copy")
        connection.close()
        settings["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connection.close()
        settings["NAME"] = original
        template.admin(f"drop database {name} with (force)")


def _team(*people: User) -> Team:
    """The team that handles the parking permit. `people` with the role lead it."""
    city, _ = Organisation.objects.get_or_create(short="KVR", defaults={"name": "Kreisverwaltungsreferat"})
    place = {"name": "Parkausweise", "organisation": city, "street": "Implerstraße 11", "postcode": "81371"}
    office, _ = Office.objects.get_or_create(slug="parkausweise", defaults=place)
    team, _ = Team.objects.get_or_create(name="Parkausweise", defaults={"office": office})
    TeamForm.objects.get_or_create(team=team, slug="bewohnerparkausweis")
    for user in people:
        leads = user.roles.filter(role=Role.TEAM_LEAD).exists()
        TeamMember.objects.create(team=team, user=user, leads=leads)
    return team


_password_only = Client.force_login


def _signed_in(client: Client, user: User, backend: str | None = None) -> None:
    """force_login() signs staff in as the house does: the second factor was shown in this session."""
    _password_only(client, user, backend)
    if user.is_staff:
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()


Client.force_login = _signed_in


def _person(given: str, family: str, *roles: Role, staff: bool = False) -> User:
    user = User.objects.create_user(
        f"{given.lower()}@stadt.invalid", "ein gutes Kennwort", given_name=given, family_name=family, is_staff=staff
    )
    RoleAssignment.objects.bulk_create([RoleAssignment(user=user, role=role) for role in roles])
    return user


@pytest.fixture
def alice(db) -> User:
    return _person("Alice", "Ammer")


@pytest.fixture
def bob(db) -> User:
    return _person("Bob", "Brenner")


@pytest.fixture
def clara(db) -> User:
    user = _person("Clara", "Claußen", Role.CLERK, staff=True)
    _team(user)
    return user


@pytest.fixture
def theo(db) -> User:
    user = _person("Theo", "Thaler", Role.CLERK, Role.TEAM_LEAD, staff=True)
    _team(user)
    return user


@pytest.fixture
def otto(db) -> User:
    return _person("Otto", "Obermaier", Role.OPERATOR, staff=True)


@pytest.fixture
def edda(db) -> User:
    return _person("Edda", "Engel", Role.EDITOR, staff=True)
