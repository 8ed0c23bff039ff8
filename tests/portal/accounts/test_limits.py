"""Guesses are counted in rows: per account, for five minutes, whatever happens to the cache."""

import datetime as dt
import threading

import pytest
from django.contrib.auth import get_user
from django.core.cache import cache
from django.db import connection

from portal.accounts import limits
from portal.accounts.models import SignInAttempt
from portal.common import clock


def test_the_sixth_guess_in_five_minutes_is_refused_and_does_not_prolong_the_wait(db):
    for _ in range(5):
        limits.attempt("password", "a@b.de")
    with pytest.raises(limits.TooMany):
        limits.attempt("password", " A@B.de")
    assert SignInAttempt.objects.count() == 5
    with clock.frozen(clock.now() + limits.WINDOW + dt.timedelta(seconds=1)):
        limits.attempt("password", "a@b.de")


def test_right_guesses_do_not_count_and_do_not_forgive_wrong_ones(db):
    limits.attempt("password", "a@b.de")
    for _ in range(9):
        limits.forgive(limits.attempt("password", "a@b.de"))
    assert SignInAttempt.objects.count() == 1


def test_the_rows_tell_no_address(db):
    limits.attempt("password", "alice@stadt.invalid")
    assert "alice" not in SignInAttempt.objects.get().key


def test_a_flushed_cache_forgives_no_wrong_password(client, alice):
    for _ in range(5):
        client.post("/konto/login/", {"login": alice.email, "password": "falsch"})
        cache.clear()
    page = client.post("/konto/login/", {"login": alice.email, "password": "ein gutes Kennwort"}).content.decode()
    assert "Das waren zu viele Versuche" in page
    assert not get_user(client).is_authenticated


def test_attempts_are_forgotten_after_a_day(db):
    limits.attempt("password", "a@b.de")
    assert limits.sweep_attempts() == 0
    with clock.frozen(clock.now() + limits.KEPT + dt.timedelta(seconds=1)):
        assert limits.sweep_attempts() == 1


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_of_twenty_guesses_at_once_at_most_five_are_looked_at():
    passed, barrier = [], threading.Barrier(20)

    def guess():
        barrier.wait()
        try:
            passed.append(limits.attempt("password", "a@b.de"))
        except limits.TooMany:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) <= 5


def test_guesses_at_the_admins_page_count_with_those_at_the_citizens_page(client, clara):
    for _ in range(5):
        client.post("/verwaltung/login/", {"username": clara.email, "password": "falsch"})
    page = client.post("/verwaltung/login/", {"username": clara.email, "password": "ein gutes Kennwort"})
    assert "Das waren zu viele Versuche" in page.content.decode()
    page = client.post("/konto/login/", {"login": clara.email, "password": "ein gutes Kennwort"})
    assert "Das waren zu viele Versuche" in page.content.decode()
    assert not get_user(client).is_authenticated
