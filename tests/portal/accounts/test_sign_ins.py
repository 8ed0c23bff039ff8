"""Sign-in history, devices, and sessions that really end."""

import datetime as dt

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import IntegrityError, transaction
from django.test import Client

from portal.accounts import devices, sign_ins
from portal.accounts.models import SignIn
from portal.common import clock

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


def signed_in(user, agent=FIREFOX) -> Client:
    client = Client(HTTP_USER_AGENT=agent)
    client.post("/konto/login/", {"login": user.email, "password": "ein gutes Kennwort"})
    return client


@pytest.fixture
def alice(alice):
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    return alice


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox unter Linux"),
        (IPHONE, "Safari auf iPhone"),
        (EDGE, "Edge unter Windows"),
        ("", "Unbekanntes Gerät"),
        ("curl/8 <script>", "Unbekanntes Gerät"),
    ],
)
def test_a_device_has_a_coarse_name(agent, name):
    assert devices.name(agent) == name


def test_a_sign_in_leaves_when_how_and_where_and_no_network_address(alice):
    signed_in(alice)
    row = SignIn.objects.get()
    assert (row.user, row.method, row.device, row.second_factor) == (alice, "password", "Firefox unter Linux", False)
    assert not any("127.0.0.1" in str(value) for value in vars(row).values())


def test_the_admins_own_page_leaves_a_row_too(client, clara):
    client.post("/verwaltung/login/", {"username": clara.email, "password": "ein gutes Kennwort"})
    assert SignIn.objects.get().user == clara


def test_ending_one_device_ends_it_at_the_next_request_and_leaves_the_other(alice):
    here, there = signed_in(alice), signed_in(alice, IPHONE)
    [phone] = SignIn.objects.filter(device="Safari auf iPhone")
    here.post(f"/konto/sicherheit/geraete/{phone.public_id}/abmelden/")
    assert there.get("/konto/uebersicht/").status_code == 302
    assert here.get("/konto/uebersicht/").status_code == 200
    assert [row.device for row in sign_ins.present(alice)] == ["Firefox unter Linux"]


def test_signing_out_everywhere_ends_all_also_this_one(alice):
    clients = [signed_in(alice), signed_in(alice, IPHONE)]
    assert "Überall abmelden" in clients[0].get("/konto/sicherheit/ueberall-abmelden/").content.decode()
    clients[0].post("/konto/sicherheit/ueberall-abmelden/")
    assert [client.get("/konto/uebersicht/").status_code for client in clients] == [302, 302]
    assert sign_ins.present(alice) == []


def test_a_new_password_ends_the_other_devices_and_keeps_this_one_in_the_list(alice):
    here, there = signed_in(alice), signed_in(alice, IPHONE)
    here.post("/konto/password/change/", {"oldpassword": "ein gutes Kennwort", "password1": "vier blaue Stühle"})
    assert here.get("/konto/uebersicht/").status_code == 200
    assert there.get("/konto/uebersicht/").status_code == 302
    [row] = sign_ins.present(alice)
    assert row.session_key == here.session.session_key


def test_nobody_ends_a_foreign_device(alice, bob):
    there = signed_in(alice)
    client = Client()
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(f"/konto/sicherheit/geraete/{SignIn.objects.get(user=alice).public_id}/abmelden/")
    assert response.status_code == 404
    assert there.get("/konto/uebersicht/").status_code == 200


def test_a_running_request_does_not_bring_an_ended_session_back(alice):
    client = signed_in(alice)
    session = client.session
    session["x"] = 1  # read, as a view does that is still at work
    sign_ins.end_all(alice)
    with pytest.raises(UpdateError), transaction.atomic():
        session.save()
    assert client.get("/konto/uebersicht/").status_code == 302


def test_only_a_new_device_is_told_by_one_neutral_mail(alice, mailoutbox):
    signed_in(alice)
    signed_in(alice)
    assert sign_ins.sweep_notices() == 0
    signed_in(alice, IPHONE)
    assert (sign_ins.sweep_notices(), sign_ins.sweep_notices()) == (1, 0)
    [mail] = mailoutbox
    assert (mail.subject, mail.to) == ("Anmeldung auf einem neuen Gerät", [alice.email])
    assert "Alice" not in mail.body and "iPhone" not in mail.body
    assert "/konto/sicherheit/" in mail.body


def test_a_notice_that_cannot_be_sent_is_tried_again_later(alice, mailoutbox, settings):
    signed_in(alice)
    signed_in(alice, IPHONE)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    assert sign_ins.sweep_notices() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert sign_ins.sweep_notices() == 0
    with clock.frozen(clock.now() + dt.timedelta(minutes=3)):
        assert sign_ins.sweep_notices() == 1
    assert len(mailoutbox) == 1


def test_the_history_is_forgotten_after_ninety_days(alice):
    signed_in(alice)
    with clock.frozen(clock.now() + dt.timedelta(days=89)):
        assert sign_ins.sweep_history() == 0
    with clock.frozen(clock.now() + dt.timedelta(days=90, seconds=1)):
        assert list(sign_ins.history(alice)) == []
        assert sign_ins.sweep_history() == 1


@pytest.mark.parametrize(
    "wrong", [{"method": "telepathy"}, {"ended_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "session_key": "x"}]
)
def test_the_database_refuses_rows_that_lie(alice, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        SignIn.objects.create(user=alice, device="x", **{"method": "password", **wrong})
