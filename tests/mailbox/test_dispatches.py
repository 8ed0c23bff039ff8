"""Parcels to courts and authorities: at least once under one key, whatever the other side does; never silent."""

import datetime as dt
import io
import json
import uuid
import zipfile

import pytest
from django.db import IntegrityError, connection, transaction
from lxml import etree

from mailbox import court_mail, dispatches, parcel_states
from mailbox.channels import CHANNELS, Document, Parcel, bebpo, fitconnect
from mailbox.models import Channel, Dispatch, DispatchEvent
from portal.common import clock
from portal.documents import store
from tests.mailbox import authority

NOON = dt.datetime(2026, 11, 2, 12, 0, tzinfo=clock.BERLIN)
COURT = {"safe_id": "DE.Justiz.1", "name": "Verwaltungsgericht München"}


@pytest.fixture(autouse=True)
def spool_folder(settings, tmp_path):
    settings.MAILBOX_SPOOL = tmp_path / "spool"
    return settings.MAILBOX_SPOOL / "bebpo"


@pytest.fixture
def sender(settings):
    with authority.running() as running:
        settings.FITCONNECT_URL = running.url
        yield running


@pytest.fixture
def order(pdf):
    def made(channel, to, about=None, at=NOON):
        files = [dispatches.Filed(pdf, "Klageerwiderung.pdf")]
        with clock.frozen(at), transaction.atomic():
            return dispatches.order(channel, to=to, about=about or {}, files=files, thread="case:1")

    return made


@pytest.fixture
def parcel(order, sender):
    return order(Channel.FITCONNECT, {"destination": "d-1"}, {"service": "99107023005000"})


@pytest.fixture
def brief(order):
    return order(Channel.BEBPO, COURT, {"subject": "Streitsache", "file_number": "M 1 K 26.1", "own_number": "KVR-1"})


def sent(dispatch, minutes=0):
    with clock.frozen(NOON + dt.timedelta(minutes=minutes)):
        return dispatches.send(dispatch.pk)


def test_each_channel_exists_and_can_hand_over():
    assert set(CHANNELS) == set(Channel.values)
    assert all(callable(dispatches.channels.get(name).hand_over) for name in CHANNELS)


@pytest.mark.django_db
def test_a_parcel_reaches_the_other_side_whole_and_is_sealed_here(parcel, sender, pdf):
    assert sent(parcel) == "handed"
    taken = sender.parcels[str(parcel.public_id)]
    assert (taken["destination"], taken["documents"][0]["sha256"]) == ("d-1", pdf.sha256)
    row = Dispatch.objects.get()
    assert b"d-1" not in bytes(row.sealed_to)
    assert row.reference == f"s-{str(row.public_id)[:8]}"


@pytest.mark.django_db
@pytest.mark.parametrize(("fault", "error"), [(503, "HTTP 503"), (429, "HTTP 429"), ("drop", "RemoteDisconnected")])
def test_a_partner_that_is_down_is_asked_again_with_the_same_key(parcel, sender, fault, error):
    sender.plan.append(fault)
    assert (sent(parcel), Dispatch.objects.get().last_error) == ("queued", error)
    assert sent(parcel) is None  # not due yet
    assert sent(parcel, minutes=2) == "handed"
    assert sender.heard == [str(parcel.public_id)] * 2


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["lose", "garbage"])
def test_an_answer_that_got_lost_makes_no_second_parcel(parcel, sender, fault):
    sender.plan.append(fault)
    assert sent(parcel) == "queued"
    assert sent(parcel, minutes=2) == "handed"
    assert len(sender.parcels) == 1


@pytest.mark.django_db
def test_a_slow_partner_is_not_waited_for(parcel, sender, monkeypatch):
    monkeypatch.setattr(fitconnect, "TIMEOUT", 0.2)
    sender.plan.append(1.5)
    assert (sent(parcel), Dispatch.objects.get().last_error) == ("queued", "TimeoutError")


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [400, 409, 422])
def test_what_the_partner_never_takes_stands_still_and_is_seen(parcel, sender, fault):
    sender.plan.append(fault)
    assert sent(parcel) == "failed"
    assert Dispatch.objects.get().last_error == f"HTTP {fault}"


@pytest.mark.django_db
def test_after_the_last_try_it_fails_loudly(parcel, sender):
    Dispatch.objects.update(attempts=dispatches.MAX_ATTEMPTS - 1)
    sender.plan.append(503)
    assert sent(parcel) == "failed"


@pytest.mark.django_db
def test_a_worker_that_died_is_followed_by_one_with_the_same_key(parcel, sender):
    with clock.frozen(NOON):
        assert dispatches._claim(parcel.pk)
        assert dispatches.due() == []
    with clock.frozen(NOON + dispatches.LEASE + dt.timedelta(minutes=1)):
        assert dispatches.due() == [parcel.pk]
        assert dispatches.send(parcel.pk) == "handed"


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "end"), [("accepted", "confirmed"), ("rejected", "failed"), ("sent", "handed")])
def test_the_partner_is_asked_until_it_knows(parcel, sender, state, end):
    sent(parcel)
    sender.states[str(parcel.public_id)] = state
    with clock.frozen(NOON + dt.timedelta(hours=1)):
        assert parcel_states.sweep() == 1
        assert parcel_states.ask(parcel.pk) == (state != "sent")
        assert not parcel_states.ask(parcel.pk)
    assert Dispatch.objects.get().state == end


@pytest.mark.django_db
def test_without_a_partner_it_waits_and_says_why(order, settings):
    settings.FITCONNECT_URL = ""
    assert sent(order(Channel.FITCONNECT, {"destination": "d"})) == "queued"
    assert Dispatch.objects.get().last_error == "no sender configured"


@pytest.mark.django_db(transaction=True)
def test_ordering_needs_the_transaction_of_its_cause():
    with pytest.raises(RuntimeError):
        dispatches.order(Channel.BEBPO, to={}, about={}, files=[], thread="case:1")


# --- court mail ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_court_mail_lies_in_the_folder_as_xjustiz_with_its_documents(brief, spool_folder, pdf):
    assert sent(brief) == "handed"
    manifest = json.loads((spool_folder / "out" / f"{brief.public_id}.json").read_text())
    with zipfile.ZipFile(spool_folder / "out" / manifest["parts"][0]["file"]) as package:
        assert package.namelist() == ["xjustiz_nachricht.xml", "0001-Klageerwiderung.pdf"]
        root = etree.fromstring(package.read("xjustiz_nachricht.xml"))
        assert package.read("0001-Klageerwiderung.pdf") == store.read(pdf)
    said = [element.text for element in root.iter() if element.text]
    assert {"M 1 K 26.1", "Streitsache", str(brief.public_id), "0001-Klageerwiderung.pdf"} <= set(said)
    assert etree.QName(root).localname == bebpo.MESSAGE


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "end"), [("accepted", "confirmed"), ("eeb", "confirmed"), ("rejected", "failed")])
def test_a_receipt_is_told_once_and_kept(brief, spool_folder, kind, end):
    sent(brief)
    inbox = spool_folder / "in"
    inbox.mkdir()
    said = {"key": str(brief.public_id), "kind": kind, "at": "2026-11-03T10:00:00+01:00", "id": "q-1", "sha256": "ab"}
    for name in ("1.json", "2.json"):
        (inbox / name).write_text(json.dumps(said))
    assert court_mail.sweep() == 2
    assert Dispatch.objects.get().state == end
    assert DispatchEvent.objects.filter(once=f"{kind}:q-1").count() == 1
    assert len(list((inbox / "done").iterdir())) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"key": 7}',
        b"\xff",
        json.dumps({"key": str(uuid.uuid4()), "kind": "accepted", "at": "2026-11-03T10:00:00+01:00", "id": 1}).encode(),
        json.dumps({"key": str(uuid.uuid4()), "kind": "accepted", "at": "2026-11-03T10:00:00", "id": 1}).encode(),
    ],
)
def test_what_is_no_receipt_of_ours_is_put_aside(spool_folder, data):
    (spool_folder / "in").mkdir(parents=True)
    (spool_folder / "in" / "x.json").write_bytes(data)
    assert court_mail.poll() == {"foreign": 1}


def _parcel(count=1, **change):
    documents = tuple(Document(f"{n}.pdf", "application/pdf", b"x" * 10) for n in range(count))
    return Parcel(**{"key": uuid.UUID(int=7), "at": NOON, "to": COURT, "about": {}, "documents": documents} | change)


def test_too_many_documents_are_split_with_a_common_reference(spool_folder):
    bebpo.Bebpo().hand_over(_parcel(1001))
    manifest = json.loads(next((spool_folder / "out").glob("*.json")).read_text())
    assert len({part["id"] for part in manifest["parts"]}) == 2
    for part in manifest["parts"]:
        with zipfile.ZipFile(spool_folder / "out" / part["file"]) as package:
            assert str(uuid.UUID(int=7)).encode() in package.read("xjustiz_nachricht.xml")


def test_too_many_bytes_are_split_and_nothing_is_lost(monkeypatch):
    monkeypatch.setattr(bebpo, "MOST_BYTES", 25)
    groups = list(bebpo.split(_parcel(5).documents))
    assert [len(group) for group in groups] == [2, 2, 1]
    assert [document for group in groups for document in group] == list(_parcel(5).documents)


def test_equal_parcels_give_equal_packages():
    assert bebpo._zip(_parcel(), _parcel().documents, "a", "1/1") == bebpo._zip(
        _parcel(), _parcel().documents, "a", "1/1"
    )


@pytest.mark.parametrize("change", [{"to": {}}, {"documents": ()}])
def test_what_no_court_could_take_is_refused_for_good(change):
    assert bebpo.Bebpo().hand_over(_parcel(**change)).permanent


def test_hostile_words_stay_words(spool_folder):
    about = {"subject": "<script>\x00\x1b&", "own_number": "]]>"}
    with zipfile.ZipFile(io.BytesIO(bebpo._zip(_parcel(), _parcel(about=about).documents, "a", "1/1"))) as package:
        etree.fromstring(package.read("xjustiz_nachricht.xml"))


# --- what the database refuses ---------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "by"),
    [
        ({"state": "lost"}, "dispatch_state_known"),
        ({"channel": "demail"}, "dispatch_channel_known"),
        ({"channel": "letter"}, "dispatch_letter_has_delivery"),
        ({"state": "sending"}, "dispatch_lease_while_sending"),
    ],
)
def test_impossible_parcels_are_refused(brief, change, by):
    with pytest.raises(IntegrityError, match=by), transaction.atomic():
        Dispatch.objects.update(**change)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["update mailbox_dispatchevent set kind = 'x'", "delete from mailbox_dispatchevent"]
)
def test_events_of_parcels_do_not_change(brief, statement):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# --- disposal --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_parcel_whose_key_is_gone_stands_still_and_is_seen(parcel, sender):
    Dispatch.objects.update(wrapped_key=None)
    assert sent(parcel) == "failed"
    assert Dispatch.objects.get().last_error == "KeyDestroyed"
    assert not sender.parcels
