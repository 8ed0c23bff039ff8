"""The operator's proof."""

import json

import pytest
from django.core.management import call_command
from django.db import connection

from appointments.models import Appointment
from portal.common import clock
from portal.directory.models import Closure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now")]


def test_a_sound_calendar_passes(book, monday, capsys):
    book(monday(9))
    call_command("appointments_check")
    assert capsys.readouterr().out == "1 Termine geprüft, 0 mit Befund.\n"


def test_a_closed_day_is_reported_and_ends_with_1(book, monday, office, capsys):
    mine = book(monday(9))
    Closure.objects.create(office=office, first_day=clock.today(), last_day=clock.today(), reason="Umzug")
    with pytest.raises(SystemExit) as end:
        call_command("appointments_check")
    assert end.value.code == 1
    assert (
        f"Termin {mine.public_id}, Stelle, 30.11.2026 09:00 Uhr: liegt an einem Schließtag." in capsys.readouterr().out
    )


def test_an_overlap_is_found_without_the_help_of_the_constraint(book, monday, bob, capsys):
    book(monday(9))
    book(monday(10), bob, "case:2")
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table appointments_appointment drop constraint appointment_no_double_booking")
    Appointment.objects.filter(holder=bob).update(during=(monday(9, 10), monday(9, 25)))
    with pytest.raises(SystemExit):
        call_command("appointments_check", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["checked"] == 2
    assert [row["problem"] for row in found["conflicts"]] == ["overlap", "overlap"]
