"""Absence cover: who is named sees the work for these days, and signs nothing that they could not sign before."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from forms_engine.cases import covering, flow, lists
from forms_engine.cases.models import Deputy
from portal.common import clock
from portal.directory.teams.models import TeamMember

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(days=7)


def named(clara, theo, first=None, days=WEEK) -> Deputy:
    first = first or clock.today()
    return covering.name(clara, theo, first=first, last=first + days)


def mine(clerk) -> list[str]:
    return [row.case.number for row in lists.page(clerk, lists.Choice("mine"))]


def test_the_deputy_sees_what_waits_for_the_absent_one_and_only_then(paid_case, clara, theo):
    flow.claim(paid_case, by=clara)
    assert mine(theo) == []
    named(clara, theo)
    assert mine(theo) == mine(clara) == [paid_case.number]
    with clock.frozen(clock.now() + WEEK * 2):
        assert mine(theo) == []


def test_who_left_the_team_covers_nobody(paid_case, clara, theo):
    flow.claim(paid_case, by=clara)
    named(clara, theo)
    TeamMember.objects.filter(user=theo).delete()
    assert mine(theo) == []


def test_a_deputy_is_a_colleague_and_one_a_day(clara, theo, otto):
    with pytest.raises(covering.NoColleague):
        covering.name(clara, otto, first=clock.today(), last=clock.today())
    named(clara, theo)
    with pytest.raises(covering.Overlapping):
        named(clara, theo, clock.today() + WEEK)
    assert named(clara, theo, clock.today() + WEEK + dt.timedelta(days=1))


def test_the_cover_ends_by_the_absent_one_only(clara, theo):
    row = named(clara, theo)
    assert not covering.end(theo, row.pk) and covering.end(clara, row.pk)


def test_the_page(clara, theo):
    desk, address, today = Client(), reverse("workplace:deputies"), clock.today()
    desk.force_login(clara)
    data = {"deputy": str(theo.public_id), "first_day": f"{today:%d.%m.%Y}", "last_day": f"{today + WEEK:%d.%m.%Y}"}
    assert "ersten Tag" in desk.post(address, data | {"first_day": ""}).content.decode()
    assert "nach dem ersten" in desk.post(address, data | {"first_day": "1.1.2090"}).content.decode()
    assert str(theo) in desk.post(address, data, follow=True).content.decode()
    assert "schon jemand" in desk.post(address, data).content.decode()
    pk = Deputy.objects.get().pk
    other = Client()
    other.force_login(theo)
    assert other.post(reverse("workplace:end_deputy", args=[pk])).status_code == 404
    desk.post(reverse("workplace:end_deputy", args=[pk]))
    assert not Deputy.objects.exists()


def test_the_database_refuses_what_cannot_be(clara, theo):
    named(clara, theo)
    today = clock.today()
    for wrong in (
        {"deputy": clara, "first_day": today + WEEK * 3, "last_day": today + WEEK * 4},
        {"deputy": theo, "first_day": today + WEEK * 3, "last_day": today + WEEK * 2},
        {"deputy": theo, "first_day": today + WEEK, "last_day": today + WEEK},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Deputy.objects.create(absent=clara, **wrong)
