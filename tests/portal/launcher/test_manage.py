"""A command finds the tables that it needs, whatever the database has seen."""

import psycopg
import pytest
from django.db import connection

from portal.launcher import manage


@pytest.fixture
def database(db, monkeypatch):
    """A database of its own, empty; called with a name, the launcher looks there."""
    name = f"{connection.settings_dict['NAME']}_launcher"
    with psycopg.connect(dbname="postgres", autocommit=True) as server:
        server.execute(f'create database "{name}"')
        monkeypatch.setenv("PGDATABASE", name)
        yield name
        server.execute(f'drop database "{name}" with (force)')


def test_a_migrated_database_is_taken_as_it_is(db, monkeypatch):
    monkeypatch.setenv("PGDATABASE", connection.settings_dict["NAME"])
    assert not manage.is_behind()


def test_an_empty_database_is_set_up(database):
    assert manage.is_behind()


def test_a_database_of_yesterday_is_brought_to_today(database):
    with connection.cursor() as cursor:
        cursor.execute("select app, name from django_migrations")
        rows = cursor.fetchall()
    with psycopg.connect(autocommit=True) as other:
        other.execute("create table django_migrations (app text, name text)")
        other.cursor().executemany("insert into django_migrations values (%s, %s)", rows)
        assert not manage.is_behind()
        other.execute("delete from django_migrations where app = 'topics'")
    assert manage.is_behind()
