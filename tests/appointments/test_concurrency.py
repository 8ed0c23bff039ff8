"""64 people press the same button at the same moment. Real threads, real transactions, the real server."""

import contextlib
import datetime as dt
import functools
import http.client
import threading
import urllib.parse
from collections import Counter as Tally
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client

from appointments import actions, queries
from appointments.models import Appointment, AppointmentEvent, Counter
from portal.accounts.models import User
from portal.common import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
CROWD = 64


def _crowd(size: int = CROWD) -> list[User]:
    return User.objects.bulk_create([User(email=f"p{n}@stadt.invalid", password="!") for n in range(size)])


def _all_at_once(jobs: list[Callable[[], Any]], *, in_database: bool = True) -> list[Any]:
    """Run every job in a thread of its own, released together. A job's exception is its outcome."""
    barrier, outcomes = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(index: int, job: Callable[[], Any]) -> None:
        try:
            if in_database:
                connection.ensure_connection()
            barrier.wait(60)
            outcomes[index] = job()
        except Exception as error:  # noqa: BLE001 - an outcome like any other, judged by the test
            outcomes[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return outcomes


def _start(offering) -> dt.datetime:
    return queries.free_starts(offering, clock.today(), offering.horizon_days)[20]


def _booking(offering, start, holder, subject, key) -> Callable[[], Appointment]:
    return lambda: actions.book(offering=offering, start=start, holder=holder, subject=subject, idempotency_key=key)


def _kinds(outcomes: list[Any]) -> dict[str, int]:
    return dict(Tally(type(outcome).__name__ for outcome in outcomes))


def _no_one_is_doubled() -> bool:
    return queries.conflicts() == []


def test_64_people_on_one_slot_give_one_winner_and_63_clear_answers(offering):
    start = _start(offering)
    jobs = [_booking(offering, start, person, f"case:{person.pk}", "k") for person in _crowd()]
    outcomes = _all_at_once(jobs)
    assert _kinds(outcomes) == {"Appointment": 1, "SlotTaken": CROWD - 1}
    assert all(
        len(o.alternatives) == 5 and start not in o.alternatives for o in outcomes if not isinstance(o, Appointment)
    )
    assert (Appointment.objects.count(), AppointmentEvent.objects.count()) == (1, 1)


@pytest.mark.slow
def test_only_the_winner_ever_inserts(offering):
    """The others are turned away behind the lock: their rows would wait for each other inside the index."""
    start = _start(offering)
    _all_at_once([_booking(offering, start, person, f"case:{person.pk}", "k") for person in _crowd()])
    with connection.cursor() as cursor:
        cursor.execute("select last_value from appointments_appointment_id_seq")  # counts rolled back inserts, too
        assert cursor.fetchone()[0] == Appointment.objects.get().pk


@pytest.mark.slow
def test_64_people_on_one_slot_at_three_counters_give_three_winners(three_counters):
    start = _start(three_counters)
    jobs = [_booking(three_counters, start, person, f"case:{person.pk}", "k") for person in _crowd()]
    assert _kinds(_all_at_once(jobs)) == {"Appointment": 3, "SlotTaken": CROWD - 3}
    assert sorted(Appointment.objects.values_list("counter__number", flat=True)) == [1, 2, 3]


@pytest.mark.slow
def test_one_person_pressing_64_times_has_one_appointment(three_counters):
    start, (alice,) = _start(three_counters), _crowd(1)
    outcomes = _all_at_once([_booking(three_counters, start, alice, "case:1", "k")] * CROWD)
    assert {outcome.pk for outcome in outcomes} == {Appointment.objects.get().pk}
    assert AppointmentEvent.objects.count() == 1


@pytest.mark.slow
def test_one_case_in_many_windows_has_one_appointment(three_counters):
    """Other keys, other times: the subject alone holds them together."""
    (alice,) = _crowd(1)
    starts = queries.free_starts(three_counters, clock.today(), 60)[:16]
    jobs = [_booking(three_counters, start, alice, "case:1", f"k{n}") for n, start in enumerate(starts)]
    assert _kinds(_all_at_once(jobs)) == {"Appointment": 1, "AlreadyBooked": 15}
    assert Appointment.objects.count() == 1


@pytest.mark.slow
def test_many_people_on_many_slots_moving_and_cancelling_never_meet_at_a_counter(three_counters):
    """Each books, moves twice and cancels half of the time, over six starts: about 250 collisions, no deadlock."""
    starts = queries.free_starts(three_counters, clock.today(), 60)[:6]

    def life(person: User, number: int) -> Callable[[], str]:
        def run() -> str:
            try:
                mine = _booking(three_counters, starts[number % 6], person, f"case:{person.pk}", "k")()
            except actions.SlotTaken:
                return "none"
            for step in (1, 3):
                with contextlib.suppress(actions.SlotTaken):
                    mine = actions.rebook(mine, start=starts[(number + step) % 6], by=person)
            if number % 2:
                actions.cancel(mine, by=person)
            return "done"

        return run

    outcomes = _all_at_once([life(person, number) for number, person in enumerate(_crowd(48))])
    assert set(_kinds(outcomes)) == {"str"}, [o for o in outcomes if isinstance(o, Exception)]
    assert _no_one_is_doubled()
    assert "done" in outcomes


@pytest.mark.slow
def test_moving_into_one_free_slot_leaves_everyone_with_exactly_one_appointment(three_counters):
    people = _crowd(32)
    starts = queries.free_starts(three_counters, clock.today(), 60)
    mine = [_booking(three_counters, starts[n], p, f"case:{p.pk}", "k")() for n, p in enumerate(people)]
    Counter.objects.filter(number__gt=1).update(active=False)
    outcomes = _all_at_once(
        [lambda a=a, p=p: actions.rebook(a, start=starts[40], by=p) for a, p in zip(mine, people, strict=True)]
    )
    assert _kinds(outcomes) == {"Appointment": 1, "SlotTaken": 31}
    assert Appointment.objects.occupying().count() == 32
    assert _no_one_is_doubled()


@pytest.mark.slow
def test_without_the_application_the_database_still_lets_one_through(offering):
    """Plain inserts, no lock, no look before. (Not what the application does: a stampede of these is slow.)"""
    start, people, counter = _start(offering), _crowd(16), Counter.objects.get()

    def insert(person: User) -> None:
        with transaction.atomic():
            Appointment.objects.create(
                offering=offering,
                counter=counter,
                holder=person,
                during=(start, start + dt.timedelta(minutes=15)),
                subject=f"case:{person.pk}",
                idempotency_key="k",
            )

    outcomes = _all_at_once([lambda p=p: insert(p) for p in people])
    assert outcomes.count(None) == 1
    assert all(isinstance(outcome, IntegrityError | OperationalError) for outcome in outcomes if outcome is not None)
    assert Appointment.objects.count() == 1


def _session(person: User) -> str:
    client = Client()
    client.force_login(person)
    assert client.session[SESSION_KEY]
    return client.cookies["portal_sitzung"].value


def _press(browser: http.client.HTTPConnection, session: str, path: str, start: dt.datetime) -> tuple[int, str]:
    token = "a" * 32
    body = urllib.parse.urlencode({"start": start.isoformat(), "csrfmiddlewaretoken": token})
    headers = {
        "Cookie": f"portal_sitzung={session}; csrftoken={token}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    with contextlib.closing(browser):
        browser.request("POST", path, body, headers)
        response = browser.getresponse()
        return response.status, response.read().decode()


def _open_browser(address: str) -> http.client.HTTPConnection:
    """Connected beforehand, one after the other: the test server has a short queue at its door."""
    browser = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=120)
    browser.connect()
    return browser


@pytest.mark.slow
def test_64_browsers_on_one_slot_get_one_redirect_and_63_pages_with_alternatives(three_counters, live_server):
    people = _crowd()
    starts = queries.free_starts(three_counters, clock.today(), 60)
    wanted = starts[-1]
    mine = [_booking(three_counters, starts[n // 3], p, f"case:{p.pk}", "k")() for n, p in enumerate(people)]
    Counter.objects.filter(number__gt=1).update(active=False)
    jobs = [
        functools.partial(
            _press, _open_browser(live_server.url), _session(p), f"/termine/{a.public_id}/verschieben/", wanted
        )
        for p, a in zip(people, mine, strict=True)
    ]
    outcomes = _all_at_once(jobs, in_database=False)
    assert Tally(outcome[0] for outcome in outcomes) == {302: 1, 422: CROWD - 1}
    losers = [page for status, page in outcomes if status == 422]
    assert all("Diese Zeit hat gerade jemand anderes gebucht" in page for page in losers)
    assert all("Die nächsten freien Termine" in page and page.count('type="radio"') >= 5 for page in losers)
    assert Appointment.objects.filter(during__startswith=wanted).count() == 1
    assert Appointment.objects.occupying().count() == CROWD
    assert _no_one_is_doubled()
