"""The cast and the test database.

Alice applies, Bob is another citizen, Clara is the clerk, Theo leads, Otto operates, Edda edits."""

import fcntl
import hashlib
import os
import pathlib
import tempfile
import time

import django
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client

from portal.accounts.models import Role, RoleAssignment, User
from portal.directory.models import Office, Organisation
from portal.directory.teams.models import Team, TeamForm, TeamMember

NO_TRUNCATE = {
    "audit_auditentry": "audit_no_truncate",
    "mailbox_messageevent": "mailbox_event_no_truncate",
    "cases_caseevent": "case_event_no_truncate",
    "accounts_consent": "consent_no_truncate",
    "payments_posting": "payments_posting_no_truncate",
    "payments_postingline": "payments_line_no_truncate",
}


def _migration_digest() -> str:
    digest = hashlib.sha256(django.__version__.encode() + pathlib.Path(__file__).read_bytes())
    for config in sorted(apps.get_app_configs(), key=lambda c: c.label):
        for file in sorted((pathlib.Path(config.path) / "migrations").glob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _admin(sql: str):
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """One migrated template database per state of the migrations; each worker clones it in 0.2 s."""
    template = f"tpl_{_migration_digest()}"
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    settings, original = connection.settings_dict, connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        with open(pathlib.Path(tempfile.gettempdir()) / f"{template}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _admin(f"select 1 from pg_database where datname = '{template}'"):
                _admin(f"drop database if exists {template}_x with (force)")
                _admin(f"create database {template}_x")
                connection.close()
                settings["NAME"] = f"{template}_x"
                call_command("migrate", verbosity=0, interactive=False)
                # Tests with real transactions end in a flush; their own tests switch the triggers on again.
                with connection.cursor() as cursor:
                    for table, trigger in NO_TRUNCATE.items():
                        cursor.execute(f"alter table {table} disable trigger {trigger}")
                connection.close()
                settings["NAME"] = original
                _admin(f"alter database {template}_x rename to {template}")
            _admin(f"create database {name} template {template} strategy file_copy")
        connection.close()
        settings["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connection.close()
        settings["NAME"] = original
        _admin(f"drop database {name} with (force)")


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
