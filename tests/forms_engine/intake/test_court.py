"""Post of a court: in the pile before anybody reads it, once, at the team of its case, with the receipt it asks for."""

import datetime as dt
import io
import os
import zipfile

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from forms_engine.cases import casefile, filed
from forms_engine.cases.models import Case, CaseTask
from forms_engine.cases.states import Status, advance
from forms_engine.intake import letters, xjustiz
from forms_engine.intake.models import InboundItem
from forms_engine.intake.sources import court
from forms_engine.intake.states import State
from mailbox import dispatches
from mailbox.models import Channel
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.directory.teams.models import Team, TeamMember
from tests.forms_engine.intake.conftest import drop, workers
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.conftest import client_of

pytestmark = pytest.mark.django_db
XML = """<?xml version="1.0" encoding="UTF-8"?>
<tns:nachricht.gds.uebermittlungSchriftgutobjekte.0005005 xmlns:tns="http://www.xjustiz.de">
 <tns:nachrichtenkopf>
  <tns:aktenzeichen.empfaenger><tns:az.empfaenger>{number}</tns:az.empfaenger></tns:aktenzeichen.empfaenger>
  <tns:auswahl_absender><tns:absender.gericht><code>VG München</code></tns:absender.gericht></tns:auswahl_absender>
  <tns:eigeneNachrichtenID>n-1</tns:eigeneNachrichtenID>
  <tns:nachrichtenuebergreifenderProzess>{parcel}</tns:nachrichtenuebergreifenderProzess></tns:nachrichtenkopf>
 <tns:grunddaten><tns:betreff>Klage gegen den Bescheid</tns:betreff></tns:grunddaten>
 <tns:schriftgutobjekte><tns:dokument><tns:fachspezifischeDaten><tns:anzeigename>Klageschrift</tns:anzeigename>
  <tns:ruecksendungEEB.erforderlich>{eeb}</tns:ruecksendungEEB.erforderlich></tns:fachspezifischeDaten></tns:dokument>
 </tns:schriftgutobjekte></tns:nachricht.gds.uebermittlungSchriftgutobjekte.0005005>"""


def package(number="", parcel="", eeb="true", xml=XML, name=xjustiz.MESSAGE) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr(name, xml.format(number=number, parcel=parcel, eeb=eeb))
        packed.writestr("0001-Klageschrift.pdf", samples.pdf())
    return target.getvalue()


@pytest.fixture
def inbox(settings, tmp_path):
    settings.MAILBOX_SPOOL = tmp_path / "spool"
    (tmp_path / "spool" / "bebpo" / "inbox").mkdir(parents=True)
    return tmp_path / "spool" / "bebpo" / "inbox"


def comes(inbox, data: bytes, name="osci-1.zip") -> InboundItem:
    drop(inbox, name, data)
    call_command("intake_poll", "--source", "court", "--once")
    workers()
    return InboundItem.objects.latest("pk")


def page(clerk: Client, name: str, *args) -> str:
    return clerk.get(reverse(name, args=args)).content.decode()


def test_a_court_asks_for_a_receipt_and_the_team_has_a_task_with_a_day(inbox, asked, clara):
    item = comes(inbox, package(asked.case.number.replace("-", " ")))
    assert (item.state, item.suggested, item.source) == (State.TRIAGE, asked.case, "court")
    desk = client_of(clara)
    told = page(desk, "intake:item", item.public_id)
    for words in ("Klage gegen den Bescheid", "VG München", "Klageschrift", "(eEB)", asked.case.number):
        assert words in told
    task = CaseTask.objects.get()
    assert (task.due_on, task.assigned_to) == (clock.today() + dt.timedelta(days=7), None)
    assert "Empfangsbekenntnis (eEB) abgeben: VG München" in page(desk, "workplace:case", asked.case.public_id)
    assert "eEB" in desk.get(reverse("workplace:tasks"), {"liste": "team"}).content.decode()
    assert AuditEntry.objects.get(action="case.task_added").actor == "system:intake"


@pytest.mark.slow
def test_the_raw_bytes_are_stored_before_anybody_reads_them(inbox, asked):
    drop(inbox, "osci-1.zip", package("x"))
    assert court.poll(inbox).taken == 1
    item = InboundItem.objects.get()
    assert (item.state, item.facts) == (State.RECEIVED, {"name": "osci-1.zip"}) and item.raw.size == item.size
    assert not list(inbox.glob("*.zip")) and (inbox / "done" / "osci-1.zip").exists()


@pytest.mark.slow
def test_the_same_message_is_one_item_and_one_task(inbox, asked):
    data = package(asked.case.number)
    comes(inbox, data)
    comes(inbox, data)
    assert InboundItem.objects.count() == CaseTask.objects.count() == 1
    copy = comes(inbox, data, "osci-2.zip")
    assert (copy.state, copy.duplicate_of) == (State.DUPLICATE, InboundItem.objects.earliest("pk"))
    assert CaseTask.objects.count() == 1


@pytest.mark.slow
def test_a_known_message_id_with_other_bytes_is_told_and_stays(inbox, asked):
    comes(inbox, package(asked.case.number))
    drop(inbox, "osci-1.zip", package("anders"))
    told = court.poll(inbox)
    assert told.problems == ["osci-1.zip kam schon mit anderem Inhalt und bleibt liegen."]
    assert InboundItem.objects.count() == 1 and (inbox / "osci-1.zip").exists()


@pytest.mark.slow
def test_what_answers_a_parcel_of_ours_finds_its_case(inbox, asked, bob):
    about = {"subject": "Akte", "file_number": "", "own_number": asked.case.number}
    with transaction.atomic():
        sent = dispatches.order(Channel.BEBPO, to={"safe_id": "x"}, about=about, files=[], thread=asked.case.thread)
    item = comes(inbox, package("", parcel=str(sent.public_id), eeb="false"))
    assert item.suggested == asked.case and "antwortet auf unsere Sendung" in item.problem
    assert not CaseTask.objects.exists()


@pytest.mark.slow
def test_without_a_case_the_pile_says_so_and_filing_makes_the_task(inbox, asked, clara):
    item = comes(inbox, package("KVR-2026-999999-9"))
    assert item.suggested is None and not CaseTask.objects.exists()
    desk = client_of(clara)
    assert "verlangt ein elektronisches Empfangsbekenntnis" in page(desk, "intake:queue")
    desk.post(reverse("intake:file", args=[item.public_id]), {"ablegen-number": asked.case.number})
    assert CaseTask.objects.get().case == asked.case
    assert "0001-Klageschrift.pdf" in page(desk, "workplace:case", asked.case.public_id)


@pytest.mark.slow
def test_filing_where_it_was_proposed_makes_no_second_task(inbox, asked, clara):
    item = comes(inbox, package(asked.case.number))
    client_of(clara).post(reverse("intake:file", args=[item.public_id]), {"ablegen-number": asked.case.number})
    item.refresh_from_db()
    assert item.case == asked.case and CaseTask.objects.count() == 1


@pytest.mark.slow
def test_only_the_team_of_the_case_sees_it(inbox, asked, clara):
    item = comes(inbox, package(asked.case.number))
    TeamMember.objects.filter(user=clara).delete()
    Team.objects.create(name="Andere", office=Team.objects.get().office).members.create(user=clara)
    assert client_of(clara).get(reverse("intake:item", args=[item.public_id])).status_code == 404


@pytest.mark.slow
def test_a_task_that_came_after_the_end_of_a_case_stands_in_the_list(inbox, asked, clara):
    old = casefile.add_task(asked.case, title="Vorher", due_on=clock.today(), to=None, by=clara)
    advance(Case.objects.filter(pk=asked.case.pk), Status.WITHDRAWN)
    comes(inbox, package(asked.case.number))
    rows = [written.row for written in filed.task_list(clara, team=True)]
    assert len(rows) == 1 and old not in rows


BOMB = '<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04 nothing", "beschädigt"),
        (package(xml="<a"), "beschädigt"),
        (package(xml=BOMB), "beschädigt"),
        (package(name="anders.xml"), "fehlt die XJustiz-Nachricht"),
    ],
)
def test_what_is_broken_or_hostile_is_left_to_a_person(data, said):
    with pytest.raises(letters.Unreadable, match=said):
        xjustiz.read(data)


def test_more_than_a_message_may_carry_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(xjustiz, "MAX_BYTES", 100)
    with pytest.raises(letters.Unreadable, match="zu groß"):
        xjustiz.read(package())


@pytest.mark.slow
def test_a_broken_message_stands_in_the_pile(inbox, db):
    item = comes(inbox, b"PK\x03\x04 nothing")
    assert item.state == State.TRIAGE and "beschädigt" in item.problem


@pytest.mark.slow
def test_a_court_may_send_more_than_others(inbox, asked, settings, clara):
    plan = os.urandom(settings.INTAKE_MAX_BYTES + 1)
    target = io.BytesIO(package(asked.case.number))
    with zipfile.ZipFile(target, "a") as packed:
        packed.writestr("0002-Plan.bin", plan)
    item = comes(inbox, target.getvalue())
    assert item.state == State.TRIAGE and item.size > settings.INTAKE_MAX_BYTES
    assert max(part.stored.size for part in item.parts.all()) == len(plan)
    assert not (inbox / "zu-gross").exists() or not list((inbox / "zu-gross").iterdir())
