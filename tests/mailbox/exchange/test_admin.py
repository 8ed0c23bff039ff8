"""Operators see numbers, states and the log of a room; never a purpose, a name or an address."""

import pytest
from django.contrib.auth.models import Group

from mailbox.exchange.models import Rights
from portal.accounts import roles
from portal.accounts.models import Role

pytestmark = pytest.mark.django_db


@pytest.mark.sample(3)
@pytest.mark.parametrize("page", ["room/", "roomfile/", "room/{room}/change/"])
def test_operators_see_states_and_nothing_that_is_sealed(client, otto, line, guest, page):
    guest(Rights.BOTH)
    line.clean(b"abc", "Geheimplan.pdf")
    roles.seed()
    otto.groups.add(Group.objects.get(name=Role.OPERATOR.label))
    client.force_login(otto)
    answer = client.get("/verwaltung/exchange/" + page.format(room=line.room.pk))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert str(line.room) in text
    assert page != "roomfile/" or "in Teilen geprüft" in text
    for secret in ("Umbau", "Geheimplan", "gast@firma.invalid"):
        assert secret not in text
