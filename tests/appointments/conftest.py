import datetime as dt
from collections.abc import Callable

import pytest

from appointments import actions
from appointments.models import Appointment, Offering
from portal.accounts.models import User
from portal.common import clock
from portal.directory.models import Office, OpeningHours, Organisation


@pytest.fixture
def office(db) -> Office:
    """Open Monday to Friday, 8 to 12."""
    organisation = Organisation.objects.create(short="KVR", name="Kreisverwaltungsreferat")
    office = Office.objects.create(
        slug="stelle", name="Stelle", organisation=organisation, street="Weg 1", postcode="80331", phone="089 233-44100"
    )
    OpeningHours.objects.bulk_create(
        [OpeningHours(office=office, weekday=day, opens=dt.time(8), closes=dt.time(12)) for day in range(5)]
    )
    return office


@pytest.fixture
def offering(office) -> Offering:
    """15 minutes, one counter."""
    return actions.ensure_offering(
        office=office, slug="zeigen", title="Unterlagen zeigen", minutes=15, counters=1, bring="Ihren Ausweis."
    )


@pytest.fixture
def three_counters(office, offering) -> Offering:
    return actions.ensure_offering(office=office, slug="zeigen", title="", minutes=15, counters=3)


@pytest.fixture
def monday() -> Callable[..., dt.datetime]:
    """A time on Monday, 30 November 2026 (or days later), as the wall clock in Munich shows it."""

    def at(hour: int, minute: int = 0, days: int = 0) -> dt.datetime:
        return dt.datetime(2026, 11, 30, hour, minute, tzinfo=clock.BERLIN) + dt.timedelta(days=days)

    return at


@pytest.fixture
def _now(monday):
    """It is Monday, 7 o'clock."""
    with clock.frozen(monday(7)):
        yield


@pytest.fixture
def book(offering, alice) -> Callable[..., Appointment]:
    def _book(start: dt.datetime, holder: User = alice, subject: str = "case:1", key: str = "") -> Appointment:
        return actions.book(
            offering=offering, start=start, holder=holder, subject=subject, idempotency_key=key or f"{subject} {start}"
        )

    return _book
