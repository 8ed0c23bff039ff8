"""The calendar file, read back by the rules of RFC 5545."""

import dataclasses
import datetime as dt
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from appointments import ics

ENTRY = ics.Entry(
    uid="11111111-2222-4333-8444-555555555555",
    sequence=2,
    changed_at=dt.datetime(2026, 11, 30, 7, 0, tzinfo=dt.UTC),
    starts=dt.datetime(2026, 12, 1, 8, 30, tzinfo=dt.UTC),
    ends=dt.datetime(2026, 12, 1, 8, 45, tzinfo=dt.UTC),
    summary="Unterlagen zeigen – Parkausweise",
    location="Parkausweise, Implerstraße 11, 81371 München",
    description="Wartenummer: 1-114\nBringen Sie; ja, alles \\ mit.",
    url="https://stadt.invalid/termine/1/",
    organizer="portal@stadt.invalid",
    organizer_name="Landeshauptstadt München",
    cancelled=False,
)
UNESCAPED = {"\\n": "\n", "\\;": ";", "\\,": ",", "\\\\": "\\"}
no_controls = st.text(st.characters(blacklist_categories=["Cs", "Cc"], whitelist_characters="\n"))


def _read(data: bytes) -> dict[str, str]:
    """Unfold, split, unescape: property (with parameters) -> text."""
    lines = data.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")
    pairs = (line.split(":", 1) for line in lines)
    return {name: re.sub(r"\\[n;,\\]", lambda match: UNESCAPED[match[0]], text) for name, text in pairs}


def test_everything_comes_back():
    found = _read(ics.render(ENTRY))
    assert (found["UID"], found["SEQUENCE"]) == (ENTRY.uid, "2")
    assert (found["DTSTART"], found["DTEND"]) == ("20261201T083000Z", "20261201T084500Z")
    assert (found["SUMMARY"], found["LOCATION"]) == (ENTRY.summary, ENTRY.location)
    assert (found["DESCRIPTION"], found["URL"]) == (ENTRY.description, ENTRY.url)
    assert (found["METHOD"], found["STATUS"]) == ("PUBLISH", "CONFIRMED")
    assert found['ORGANIZER;CN="Landeshauptstadt München"'] == "mailto:portal@stadt.invalid"


def test_a_cancelled_one_takes_the_same_entry_out_of_the_calendar():
    found = _read(ics.render(dataclasses.replace(ENTRY, cancelled=True, sequence=3)))
    assert (found["METHOD"], found["STATUS"], found["SEQUENCE"]) == ("CANCEL", "CANCELLED", "3")
    assert found["UID"] == ENTRY.uid


def test_the_file_is_framed_and_required_parts_stand_once():
    lines = ics.render(ENTRY).split(b"\r\n")
    assert lines[:2] == [b"BEGIN:VCALENDAR", b"VERSION:2.0"]
    assert lines[-3:] == [b"END:VEVENT", b"END:VCALENDAR", b""]
    for name in (b"PRODID", b"UID", b"DTSTAMP", b"DTSTART", b"DTEND"):
        assert sum(line.startswith(name + b":") for line in lines) == 1


@settings(deadline=None)
@given(no_controls, no_controls)
@example("a" * 400, "xü€𝄞" * 100)
def test_any_text_comes_back_in_lines_of_75_octets(location, description):
    data = ics.render(dataclasses.replace(ENTRY, location=location, description=description))
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no character cut in two
    found = _read(data)
    assert (found["LOCATION"], found["DESCRIPTION"]) == (location, description)


@pytest.mark.parametrize("name", ['Stadt "A"', "Stadt\r\nATTENDEE:x"])
def test_a_name_cannot_break_out_of_its_quotes(name):
    data = ics.render(dataclasses.replace(ENTRY, organizer_name=name))
    assert b"\r\nATTENDEE" not in data
    assert data.count(b'"') == 2


def test_summer_time_is_written_as_the_moment_it_is():
    summer = dt.datetime.fromisoformat("2026-07-01T10:30:00+02:00")
    assert _read(ics.render(dataclasses.replace(ENTRY, starts=summer)))["DTSTART"] == "20260701T083000Z"
