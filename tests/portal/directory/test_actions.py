"""Seeding brings the directory to the state of the file: all or nothing, as often as one likes."""

import datetime as dt

import pytest

from portal.audit.models import AuditEntry
from portal.directory import actions, catalogue
from portal.directory.actions import Tally
from portal.directory.models import Closure, Office, OpeningHours, Organisation, Service

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_the_own_file_brings_the_offices_of_munich():
    tallies = actions.seed_munich()
    assert tallies["offices"] == Tally(created=19)
    office = Office.objects.get(slug="parkausweise")
    assert (office.address, office.phone) == ("Implerstraße 11, 81371 München", "089 233-44100")
    assert office.services.get().leika == "99108001000000"
    assert Office.objects.get(slug="buergerbuero-pasing").hours.filter(weekday=1).count() == 2


@pytest.mark.slow
def test_a_second_seed_changes_nothing_and_leaves_no_trace():
    actions.seed_munich()
    second = actions.seed_munich()
    assert set(second) == set(actions.KINDS)
    assert all(tally.unchanged and not tally.created + tally.updated for tally in second.values())
    assert AuditEntry.objects.filter(action="directory.seeded").count() == 1


@pytest.mark.slow
def test_the_file_wins_over_changed_fields_and_hours():
    actions.seed_munich()
    Office.objects.filter(slug="parkausweise").update(phone="")
    OpeningHours.objects.filter(office__slug="buergerbuero-pasing", weekday=0).update(closes=dt.time(9))
    Service.objects.get(slug="bewohnerparkausweis").offices.clear()
    tallies = actions.seed_munich()
    assert (tallies["offices"].updated, tallies["services"].updated) == (2, 1)
    assert Office.objects.get(slug="parkausweise").phone == "089 233-44100"
    assert OpeningHours.objects.get(office__slug="buergerbuero-pasing", weekday=0).closes == dt.time(13)


@pytest.mark.slow
def test_closures_and_offices_outside_the_file_stay(office):
    Closure.objects.create(office=office, first_day=dt.date(2026, 12, 1), last_day=dt.date(2026, 12, 1), reason="Umzug")
    actions.seed_munich()
    assert Closure.objects.count() == 1
    assert office.hours.count() == 2


@pytest.mark.slow
def test_a_dry_run_counts_and_writes_nothing():
    parsed = [catalogue.parse(path.read_text("utf-8")) for path in actions.own_files()]
    assert actions.seed(parsed, dry_run=True)["offices"] == Tally(created=19)
    assert not Office.objects.exists()
    assert not AuditEntry.objects.exists()


def test_an_unknown_department_undoes_the_whole_file():
    text = """
organisations: [{short: AB, name: Amt}]
offices: [{slug: a, name: A, organisation: CD, street: Weg 1, postcode: "80331"}]
"""
    with pytest.raises(catalogue.CatalogueError, match="a, organisation: Das Referat CD ist unbekannt"):
        actions.seed([catalogue.parse(text)])
    assert not Organisation.objects.exists()


def test_an_unknown_office_of_a_service_is_refused(kvr):
    text = "services: [{slug: s, title: S, organisation: KVR, offices: [nirgends]}]"
    with pytest.raises(catalogue.CatalogueError, match="Die Dienststelle nirgends ist unbekannt"):
        actions.seed([catalogue.parse(text)])
    assert not Service.objects.exists()
