"""The resident parking permit, told through HTTP: from the sign-in page to the sealed letter and the open data."""

import csv
import io
import json
import re

import pytest
from django.core import mail
from django.test import Client

from forms_engine.cases.models import Case, CaseEvent
from forms_engine.submissions.models import Submission
from payments.models import Receivable
from portal.common import clock
from portal.documents import seal
from tests import make
from tests.forms_engine.submissions.walk import file
from tests.journeys.story import REFUSAL, Person, apply, decide, desk, fresh, grant, pay, row, send

pytestmark = pytest.mark.django_db
ASKED = "Bitte laden Sie die Rückseite der Zulassungsbescheinigung hoch."


def letter_of(person: Person, case: Case) -> str:
    """The address of the message that carries the decision: it heads its thread, or stands below the head."""
    inbox, decision = person.sees("/postfach/"), r'href="(/postfach/[^"]+/)">Ihr Bescheid'
    head = re.search(r'href="(/postfach/[0-9a-f-]{36}/)">', inbox)[1]
    return (re.search(decision, inbox) or re.search(decision, person.sees(head)))[1]


# --- the whole story ---


def test_alice_gets_her_permit(citizen, clerk, fake):
    case = apply_and_send_twice(citizen)
    assert "Bezahlt" in pay(citizen, case)
    # The worker has not heard of it yet: nobody is asked to pay twice.
    assert "Gebühr bezahlen" not in citizen.sees(f"/vorgaenge/{case.public_id}/") + citizen.sees("/konto/uebersicht/")
    make.work()
    assert fresh(case).status == "in_review"
    ask_and_answer(citizen, clerk, case)
    preview = decide(clerk, case, grant())
    assert "M-AB 1234" in preview and "Gärtnerplatz" in preview and "Verwaltungsgericht" in preview
    make.work()
    assert fresh(case).status == "closed"
    code = read_the_letter(citizen, case)
    anybody_can_check(code, case)
    the_city_publishes_the_count()
    a_reply_reaches_the_clerk(citizen, clerk, case)


def apply_and_send_twice(citizen) -> Case:
    draft = apply(citizen)
    check = citizen.sees(f"/antrag/{draft.public_id}/pruefen/")
    assert row(check, "Vorname") == "Alice" and "30,00" in check and "schein.pdf" in check
    case = send(citizen, draft)
    assert send(citizen, draft).pk == case.pk
    assert citizen.client.get(f"/antrag/{draft.public_id}/pruefen/")["Location"].endswith("/eingang/")
    assert (Submission.objects.count(), Case.objects.count(), Receivable.objects.count()) == (1, 1, 1)
    assert case.number in citizen.sees(f"/vorgaenge/{case.public_id}/eingang/")
    assert "Gebühr bezahlen: Bewohnerparkausweis" in citizen.sees("/konto/uebersicht/")
    return case


def ask_and_answer(citizen, clerk, case) -> None:
    assert case.number in clerk.sees("/verwaltung/vorgaenge/")
    assert clerk.sends(desk(case, "uebernehmen")) == desk(case)
    assert case.number in clerk.sees("/verwaltung/vorgaenge/?ansicht=mine")
    assert clerk.sends(desk(case, "nachfordern"), {"nachfordern-text": ASKED}) == desk(case)
    make.work()
    overview = citizen.sees("/konto/uebersicht/")
    assert f'href="/vorgaenge/{case.public_id}/#nachreichen"' in overview
    assert ASKED in citizen.sees(f"/vorgaenge/{case.public_id}/")
    answer = {"unterlagen": file("rueckseite.pdf"), "text": "Hier ist die Rückseite."}
    assert citizen.sends(f"/vorgaenge/{case.public_id}/nachreichen/", answer) == f"/vorgaenge/{case.public_id}/"
    make.work()
    assert "rueckseite.pdf" in citizen.sees(f"/vorgaenge/{case.public_id}/")
    seen = clerk.sees(desk(case))
    assert "rueckseite.pdf" in seen and "Hier ist die Rückseite." in seen
    download = re.search(rf'href="({desk(case)}unterlage/[^"]+)"', seen)[1]
    assert clerk.gets_file(download).startswith(b"%PDF")


def read_the_letter(citizen, case) -> str:
    """Opens message and attachment; the notice told nothing. Returns the code for checking."""
    message = citizen.sees(letter_of(citizen, case))
    assert "Er ist bewilligt." in message
    pdf = citizen.gets_file(re.search(r'href="(/postfach/[^"]+/anlage/\d+/)"', message)[1])
    assert pdf == citizen.gets_file(f"/vorgaenge/{case.public_id}/schriftstueck/bescheid/")
    assert seal.verify(pdf).valid
    overview = citizen.sees("/konto/uebersicht/")
    assert f"/vorgaenge/{case.public_id}/schriftstueck/bescheid/" in overview
    assert "Sie haben keinen laufenden Antrag" in overview
    for notice in mail.outbox:
        told = notice.subject + notice.body
        assert notice.to == [citizen.user.email]
        assert not re.search(rf"Alice|Ammer|Park|Bescheid|bewilligt|{case.number}|{case.public_id}", told)
    return case.papers.get(kind="decision").code


def anybody_can_check(code, case) -> None:
    page = stranger().get(f"/pruefen/{code}/").content.decode()
    assert "Dieses Dokument ist echt" in page and case.number in page
    assert "Ammer" not in page and "M-AB" not in page


def stranger() -> Client:
    return Client()


def the_city_publishes_the_count() -> None:
    """One permit alone could point to a person: the number is blanked."""
    month = f"{clock.today():%Y-%m}"
    text = stranger().get("/daten/bewohnerparkausweise.csv").content.decode()
    [published] = csv.DictReader(io.StringIO(text))
    assert list(published.values()) == [month, "Gärtnerplatz", "", "true"]
    [same] = json.loads(stranger().get("/daten/bewohnerparkausweise.json").content)["data"]
    assert list(same.values()) == [month, "Gärtnerplatz", None, True]


def a_reply_reaches_the_clerk(citizen, clerk, case) -> None:
    letter = letter_of(citizen, case)
    citizen.sends(f"{letter}antworten/", {"body": "Vielen Dank für die schnelle Antwort."})
    make.work()
    assert "Vielen Dank für die schnelle Antwort." in clerk.sees(desk(case))
    assert CaseEvent.objects.filter(case=case, kind="citizen_wrote").exists()


@pytest.mark.slow
def test_a_refusal_names_its_reasons_and_the_remedy(citizen, clerk, paid):
    preview = decide(clerk, paid, REFUSAL)
    assert "nicht in dem Parklizenzgebiet gemeldet" in preview and "§ 45 Absatz 1b" in preview
    make.work()
    assert fresh(paid).status == "closed"
    assert "Er ist abgelehnt." in citizen.sees(letter_of(citizen, paid))
    payload = paid.papers.get(kind="decision").payload()
    assert payload["explanation"] == REFUSAL["entscheiden-explanation"]
    assert (payload["valid_from"], payload["conditions"]) == (None, [])
    assert "data" in stranger().get("/daten/bewohnerparkausweise.json").json()
    assert stranger().get("/daten/bewohnerparkausweise.json").json()["data"] == []


@pytest.mark.slow
def test_signing_twice_makes_one_decision(clerk, paid):
    decide(clerk, paid, grant())
    clerk.sends(desk(paid, "entscheiden"), REFUSAL | {"bestaetigt": "1"})
    assert "nicht ausgeführt" in clerk.sees(desk(paid))
    assert [decision.kind for decision in paid.decisions.all()] == ["granted"]


@pytest.mark.slow
def test_three_permits_of_a_month_and_area_are_counted(alice, bob, otto, clara, fake):
    for person in (alice, bob, otto):
        case = make.paid(make.case(person), fake)
        decide(Person(clara, "/verwaltung/login/"), case, grant())
    make.work()
    [published] = stranger().get("/daten/bewohnerparkausweise.json").json()["data"]
    assert (published["anzahl"], published["anzahl_zu_klein"]) == (3, False)
