"""The person read with the session counts only if Django would have come to the same."""

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import SignIn, User

PAGE = "/konto/sicherheit/"


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


def shown_to(client) -> str:
    """Whose page it is; "" for nobody."""
    answer = client.get(PAGE)
    return answer.context["user"].given_name if answer.status_code == 200 else ""


def test_session_and_person_are_read_in_one_statement(signed_in):
    with CaptureQueriesContext(connection) as asked:
        assert shown_to(signed_in) == "Alice"
    about = [row["sql"] for row in asked if "django_session" in row["sql"] or 'FROM "accounts_user"' in row["sql"]]
    assert len([sql for sql in about if "left join accounts_user" in sql]) == 1
    assert not [sql for sql in about if sql.startswith('SELECT "accounts_user"')]


def test_a_deleted_session_ends_at_the_next_request(signed_in):
    Session.objects.all().delete()
    assert shown_to(signed_in) == ""


def test_a_deactivated_person_is_out_at_the_next_request(signed_in, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert shown_to(signed_in) == ""


def test_a_new_password_ends_other_sessions_at_the_next_request(signed_in, alice):
    alice.set_password("ein anderes Kennwort")
    alice.save()
    assert shown_to(signed_in) == ""


def test_the_session_says_who_it_is_not_the_row_of_a_sign_in(signed_in, bob):
    SignIn.objects.update(user=bob)
    assert shown_to(signed_in) == "Alice"


def test_a_session_without_a_row_of_its_sign_in_goes_on(signed_in):
    SignIn.objects.all().delete()
    assert shown_to(signed_in) == "Alice"
