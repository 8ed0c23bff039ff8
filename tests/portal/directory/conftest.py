import datetime as dt

import pytest

from portal.directory.models import Office, OpeningHours, Organisation


@pytest.fixture
def kvr(db) -> Organisation:
    return Organisation.objects.create(short="KVR", name="Kreisverwaltungsreferat")


@pytest.fixture
def office(kvr) -> Office:
    """Open Monday 8-12 and 14-18."""
    office = Office.objects.create(
        slug="stelle", name="Eine Stelle", organisation=kvr, street="Weg 1", postcode="80331", phone="089 233-96000"
    )
    for opens, closes in ((8, 12), (14, 18)):
        OpeningHours.objects.create(office=office, weekday=0, opens=dt.time(opens), closes=dt.time(closes))
    return office
