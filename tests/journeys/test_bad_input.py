"""What people send by mistake or on purpose: one sentence that says what to do, status 422, and nothing changed."""

import html
import re

import pytest

from forms_engine.cases import flow
from forms_engine.cases.models import CaseDocument, CaseEvent, Decision, Paper
from mailbox.models import Message
from portal.common import clock
from portal.documents.filetypes import PDF
from portal.documents.models import StoredFile
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.walk import file
from tests.journeys.story import REFUSAL, desk, fresh, grant

pytestmark = pytest.mark.django_db
LONG = "x" * 5001
CHOOSE = "Wählen Sie aus, ob Sie bewilligen, zum Teil bewilligen oder ablehnen."


def sentences(page: str) -> list[str]:
    summary = re.search(r'id="fehler".*?</ul>', page, re.S)
    return [html.unescape(text) for text in re.findall(r'<a class="kern-link" href="#[^"]+">(.*?)</a>', summary[0])]


def state(case) -> tuple[object, ...]:
    counted = [m.objects.count() for m in (CaseDocument, CaseEvent, Decision, Message, Paper, StoredFile)]
    return (fresh(case).status, *counted)


@pytest.fixture
def asked(paid, clara):
    flow.request_documents(paid, text="Bitte die Rückseite.", by=clara)
    return paid


EMPTY = "Wählen Sie mindestens eine Datei aus oder schreiben Sie uns eine Nachricht."
HAND_IN = {
    "nothing": ({}, EMPTY),
    "spaces": ({"text": "  \n "}, EMPTY),
    "too many words": ({"text": LONG}, "Kürzen Sie Ihre Nachricht auf höchstens 5.000 Zeichen."),
    "0 bytes": ({"unterlagen": file("leer.pdf", b"")}, "„leer.pdf“: Die Datei ist leer"),
    "50 MB": (
        {"unterlagen": file("gross.pdf", samples.pdf() + bytes(50_000_000))},
        "kleiner als 10\N{NO-BREAK SPACE}MB",
    ),
    "a program": ({"unterlagen": file("rechnung.pdf", b"MZ\x90\0" + bytes(200))}, "„rechnung.pdf“: "),
    "a script": ({"unterlagen": file("bild.png", b"#!/bin/sh\nrm -rf /\n")}, "„bild.png“: "),
    "six files": ({"unterlagen": [file(f"{n}.pdf") for n in range(6)]}, "höchstens 5 Dateien"),
    "one of two bad": ({"unterlagen": [file("gut.pdf"), file("leer.pdf", b"")]}, "„leer.pdf“: "),
    "locked": ({"unterlagen": file("zu.pdf", samples.locked_pdf())}, "„zu.pdf“: "),
}


@pytest.mark.parametrize("name", HAND_IN)
@pytest.mark.slow
def test_f33_a_bad_answer_to_a_request_is_refused_with_a_sentence(citizen, asked, name):
    sent, sentence = HAND_IN[name]
    before = state(asked)
    page = citizen.sends(f"/vorgaenge/{asked.public_id}/nachreichen/", sent, status=422)
    [said] = sentences(page)
    assert sentence in said and said.endswith(".")
    assert "<title>Fehler: " in page
    assert state(asked) == before


@pytest.mark.slow
def test_the_words_survive_a_bad_file(citizen, asked):
    sent = {"text": "Mein langer Text", "unterlagen": file("leer.pdf", b"")}
    assert "Mein langer Text</textarea>" in citizen.sends(
        f"/vorgaenge/{asked.public_id}/nachreichen/", sent, status=422
    )


def test_a_good_file_is_stored_with_its_judged_kind(citizen, asked):
    citizen.sends(f"/vorgaenge/{asked.public_id}/nachreichen/", {"unterlagen": file("a.exe", samples.pdf())})
    assert CaseDocument.objects.get().stored.media_type == PDF


@pytest.mark.slow
def test_handing_in_what_nobody_asked_for_says_so_and_keeps_nothing(citizen, paid):
    before = state(paid)
    path = f"/vorgaenge/{paid.public_id}/"
    assert citizen.sends(f"{path}nachreichen/", {"unterlagen": file()}) == path
    assert "nichts mehr angefordert" in citizen.sees(path)
    assert state(paid) == before


@pytest.mark.slow
def test_handing_in_after_the_decision_is_no_error_page(citizen, clerk, asked):
    clerk.sends(desk(asked, "entscheiden"), grant() | {"bestaetigt": "1"})
    before = state(asked)
    citizen.sends(f"/vorgaenge/{asked.public_id}/nachreichen/", {"unterlagen": file()})
    assert state(asked) == before


@pytest.mark.slow
def test_an_answer_that_crosses_the_decision_is_not_taken(alice, asked, clara):
    flow.decide(asked, kind="refused", by=clara, reasons=["laenge"])
    before = state(asked)
    assert not flow.hand_in(asked, files=[], text="Hier bin ich.", by=alice)
    assert state(asked) == before


PAST = grant() | {"entscheiden-valid_from": "1.1.2020", "entscheiden-valid_until": "1.1.2021"}
BACKWARDS = grant() | {"entscheiden-valid_until": f"{clock.today():%d.%m.%Y}"}
CLERK = {
    "ask nothing": ("nachfordern", {}, ["Schreiben Sie, welche Unterlage Sie brauchen."]),
    "ask spaces": ("nachfordern", {"nachfordern-text": "  "}, ["Schreiben Sie, welche Unterlage Sie brauchen."]),
    "ask a novel": ("nachfordern", {"nachfordern-text": LONG}, ["Kürzen Sie den Text auf höchstens 5.000 Zeichen."]),
    "write nothing": ("schreiben", {}, ["Schreiben Sie eine Nachricht."]),
    "write a novel": ("schreiben", {"schreiben-text": LONG}, ["Kürzen Sie die Nachricht auf höchstens 5.000 Zeichen."]),
    "decide nothing": ("entscheiden", {}, [CHOOSE]),
    "decide oddly": ("entscheiden", {"entscheiden-kind": "vielleicht"}, [CHOOSE]),
    "grant without dates": (
        "entscheiden",
        {"entscheiden-kind": "granted"},
        [
            "Geben Sie an, ab wann die Bewilligung gilt.",
            "Geben Sie an, bis wann die Bewilligung gilt.",
            "Wählen Sie aus, für welches Gebiet die Bewilligung gilt.",
        ],
    ),
    "grant for the past": ("entscheiden", PAST, ["Das Ende muss in der Zukunft liegen."]),
    "grant backwards": ("entscheiden", BACKWARDS, ["Das Ende muss nach dem Beginn liegen."]),
    "grant for nowhere": (
        "entscheiden",
        grant() | {"entscheiden-area": "Schwabing-Mitte"},
        ["Wählen Sie ein Gebiet aus der Liste."],
    ),
    "a day that is none": (
        "entscheiden",
        grant() | {"entscheiden-valid_from": "31.2.2027"},
        [
            "Geben Sie an, ab wann die Bewilligung gilt. Schreiben Sie Tag, Monat und Jahr, zum Beispiel 27.3.2027.",
        ],
    ),
    "refuse without anything": (
        "entscheiden",
        {"entscheiden-kind": "refused"},
        ["Wählen Sie mindestens einen Ablehnungsgrund aus.", "Begründen Sie die Ablehnung im Einzelfall."],
    ),
    "refuse for a made-up reason": (
        "entscheiden",
        REFUSAL | {"entscheiden-reasons": ["erfunden"]},
        ["Wählen Sie nur Gründe aus der Liste."],
    ),
    "a novel of reasons": (
        "entscheiden",
        REFUSAL | {"entscheiden-explanation": LONG},
        ["Kürzen Sie die Begründung auf höchstens 5.000 Zeichen."],
    ),
}


@pytest.mark.parametrize("name", CLERK)
@pytest.mark.parametrize("signed", ["", "1"])
@pytest.mark.slow
def test_f33_a_bad_form_of_a_clerk_is_refused_with_a_sentence(clerk, paid, name, signed):
    verb, sent, expected = CLERK[name]
    before = state(paid)
    page = clerk.sends(desk(paid, verb), sent | ({"bestaetigt": signed} if signed else {}), status=422)
    assert sentences(page) == expected
    assert "<title>Fehler: " in page
    assert state(paid) == before


@pytest.mark.slow
def test_asking_twice_asks_once(clerk, asked):
    before = state(asked)
    clerk.sends(desk(asked, "nachfordern"), {"nachfordern-text": "Noch einmal."})
    assert "nicht ausgeführt" in clerk.sees(desk(asked))
    assert state(asked) == before
