"""What is stuck is named with its reason; what is due can be worked off by hand; a letter out of bounds is parked."""

import datetime as dt
import io
import json
import time

import pytest
from django.core.management import CommandError, call_command

from forms_engine.cases import bounds, flow, issuing, letters, papers, stuck
from forms_engine.cases.models import Case, Decision, DecisionKind, Paper
from portal.common import clock

pytestmark = pytest.mark.django_db


def run(command: str, *args: str) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command(command, *args, stdout=out)
    except CommandError as error:
        return out.getvalue(), error.returncode
    return out.getvalue(), 0


def later(**how: float):
    return clock.frozen(clock.now() + dt.timedelta(**how))


def test_nothing_is_stuck_in_a_fresh_house(case):
    assert run("cases_stuck") == ("Nichts steckt fest.\n", 0)


def test_a_parked_letter_is_named_with_its_reason(case):
    papers.park(case.papers.get(), "Das Schreiben ließ sich nicht in 60 Sekunden setzen")
    out, code = run("cases_stuck", "--json")
    (row,) = json.loads(out)["stuck"]
    assert code == 1 and row["number"] == case.number and "60 Sekunden" in row["why"]


def test_a_late_letter_a_still_case_and_an_unsigned_proposal_are_named(paid_case, clara):
    end = clock.today() + dt.timedelta(days=90)
    said = {"valid_from": clock.today(), "valid_until": end, "area": "Altstadt"}
    flow.propose(paid_case, flow.Outcome(DecisionKind.GRANTED, **said), by=clara)
    with later(days=30):
        whys = {row.what: row.why for row in stuck.found()}
    assert "überfällig" in whys["paper"] and "zweite Unterschrift" in whys["proposal"]
    assert whys["case"] == "liegt still (nicht übernommen), Frist versäumt"


def test_a_case_that_moved_is_not_stuck(paid_case, clara):
    Case.objects.filter(pk=paid_case.pk).update(changed_at=clock.now() - dt.timedelta(days=30))
    flow.write(paid_case, text="Guten Tag", by=clara)
    assert [row for row in stuck.found() if row.what == "case"] == []


@pytest.mark.slow
def test_due_letters_are_worked_off_by_hand_once(case):
    out, code = run("decisions_issue", "--json")
    said = json.loads(out)
    assert (said["due"], said["issued"], said["parked"], code) == (1, 1, 0, 0)
    assert run("decisions_issue")[0] == "Fällig: 0, zugestellt: 0, angehalten: 0.\n"


@pytest.mark.slow
def test_what_cannot_be_issued_is_told_and_ends_with_one(case, monkeypatch):
    monkeypatch.setattr(issuing, "check_pdf", lambda pdf: ["kaputt"])
    out, code = run("decisions_issue", "--limit", "5")
    assert (out, code) == ("Fällig: 1, zugestellt: 0, angehalten: 1.\n", 1)


# --- a letter that wants too much ---


def hang(*_: object) -> bytes:
    time.sleep(5)
    return b""


def swell(*_: object) -> bytes:
    return bytes(2 * bounds.MEGABYTES * 2**20)


@pytest.mark.slow
@pytest.mark.parametrize(("how", "words"), [(hang, "nicht in 0.2 Sekunden"), (swell, "mehr als")])
def test_a_letter_out_of_bounds_stays_decided_and_is_parked_with_the_reason(paid_case, clara, monkeypatch, how, words):
    monkeypatch.setattr(bounds, "SECONDS", 0.2)
    end = clock.today() + dt.timedelta(days=90)
    decision = flow.decide(
        paid_case, kind=DecisionKind.GRANTED, by=clara, valid_from=clock.today(), valid_until=end, area="Altstadt"
    )
    monkeypatch.setattr(letters, "render", how)
    assert not issuing.issue(decision.paper.id)
    paper = Paper.objects.get(decision=decision)
    assert paper.state == "parked" and words in paper.last_error
    assert Decision.objects.get().issued_at is None and Case.objects.get().status == "decided"
    monkeypatch.undo()
    assert papers.retry(paper.id) and issuing.issue(paper.id)
