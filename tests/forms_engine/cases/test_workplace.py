"""The clerk's desk when the session has run out: nothing typed is lost, and nobody else finds it."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from portal.common import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(clara):
    client = Client()
    client.force_login(clara)
    return client


def later(**how: float):
    return clock.frozen(clock.now() + dt.timedelta(**how))


def target(answer) -> str:
    """Where the sign-in page leads afterwards."""
    return parse_qs(urlsplit(answer.url).query)["next"][0]


def test_what_was_typed_too_late_is_sent_after_signing_in_again(at_desk, clara, paid_case):
    path = reverse("workplace:write", args=[paid_case.public_id])
    before = paid_case.events.count()
    with later(minutes=31):
        answer = at_desk.post(path, {"schreiben-text": "Bitte rufen Sie an."})
        at_desk.force_login(clara)
        page = at_desk.get(target(answer)).content.decode()
        assert "Bitte rufen Sie an." in page and "Ihre Eingaben sind noch da" in page
        assert paid_case.events.count() == before
        at_desk.post(path, {"schreiben-text": "Bitte rufen Sie an."})
    assert paid_case.events.count() == before + 1


def test_somebody_else_at_the_same_desk_does_not_find_it(at_desk, theo, paid_case):
    path = reverse("workplace:write", args=[paid_case.public_id])
    with later(minutes=31):
        kept = target(at_desk.post(path, {"schreiben-text": "Geheim"}))
        at_desk.force_login(theo)
        answer = at_desk.get(kept)
    assert answer.status_code == 405 and b"Geheim" not in answer.content
