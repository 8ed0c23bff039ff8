"""Rules of a form act by themselves: once, only when it is time, and never where a human has to sign."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from forms_engine.cases import automation, filed, flow, rules
from forms_engine.cases.models import Case, CaseDate, CaseTask, Decision, Paper, RuleRun
from forms_engine.cases.wording import engine
from forms_engine.definitions import actions as definitions
from forms_engine.definitions import document, replay, schema
from forms_engine.definitions.automation import judge
from forms_engine.definitions.evaluate import evaluate
from forms_engine.definitions.models import FormVersion
from portal.directory.models import Office
from portal.directory.teams.models import Team, TeamForm
from tests import make
from tests.forms_engine.cases.wording.test_texts import published

pytestmark = pytest.mark.django_db


def source(*rules, passes="true", **decision):
    """The parking permit with other rules. A grant goes through if `passes` holds."""
    data = document.read((definitions.CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8"))
    data["casework"]["rules"] = list(rules)
    for point in data["decision"]["checklist"]:
        point["passes"] = passes
    data["decision"] |= {"four_eyes": False} | decision
    return document.write(data)


def granting(sample=0):
    return {"key": "von-selbst", "when": "true", "grant": {"sample": sample, "legal_basis": "Test-Gesetz § 1"}}


@pytest.fixture
def sent(alice, fake, clara):
    """Publishes the form with these rules; Alice's case under it, paid unless said otherwise."""

    def send(*rules, pay=True, scanned=True, **more):
        definitions.publish("bewohnerparkausweis", source(*rules, **more), by=None)
        case = make.case(alice)
        if scanned:
            make.work()
        return make.paid(case, fake) if pay else case

    return send


@pytest.fixture
def elsewhere_team(clara):
    """A second team that handles the permit, at an office of its own."""
    here = Team.objects.get(name="Parkausweise").office
    place = {"name": "Außenstelle", "organisation": here.organisation, "street": "Marienplatz 8", "postcode": "80331"}
    team = Team.objects.create(name="Außenstelle", office=Office.objects.create(slug="aussenstelle", **place))
    TeamForm.objects.create(team=team, slug="bewohnerparkausweis")
    return team


@pytest.mark.slow
def test_a_rule_gives_the_team_a_task_and_a_deadline(sent):
    rule = {"key": "eins", "when": "anliegen == 'neu'"}
    case = sent(rule | {"task": {"title": "Melderegister", "days": 3}, "deadline": {"reason": "Zusage", "days": 5}})
    assert [task.text for task in filed.tasks(case)] == ["Melderegister"]
    assert [date.text for date in filed.dates(case)] == ["Zusage"]
    assert CaseTask.objects.get().author is None and CaseDate.objects.get().kind == "internal"


@pytest.mark.slow
def test_a_rule_that_does_not_hold_or_rests_on_nothing_does_nothing(sent):
    task = {"task": {"title": "x"}}
    case = sent(
        {"key": "eins", "when": "anliegen == 'ersatz'"} | task, {"key": "zwei", "when": "umbau_bis > today"} | task
    )
    assert not CaseTask.objects.exists() and RuleRun.objects.get(case=case).held == []


@pytest.mark.slow
def test_before_the_fee_is_paid_no_rule_acts(sent):
    case = sent({"key": "eins", "when": "true", "task": {"title": "x"}}, pay=False)
    assert case.status == "awaiting_payment" and not RuleRun.objects.exists() and not CaseTask.objects.exists()


@pytest.mark.slow
def test_rules_act_once_however_often_they_are_called(sent):
    case = sent({"key": "eins", "when": "true", "task": {"title": "x"}})
    assert not automation.apply(case.pk) and CaseTask.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleRun.objects.create(case=case)


@pytest.mark.slow
def test_a_route_leads_only_where_a_team_handles_the_form(sent):
    case = sent({"key": "eins", "when": "true", "route": {"team": "Nachlass"}})
    assert case.office.slug == "parkausweise"
    assert "Nachlass" in filed.tasks(case)[0].text


@pytest.mark.slow
def test_a_route_gives_the_case_to_the_office_of_the_team(sent, elsewhere_team):
    case = sent({"key": "eins", "when": "true", "route": {"team": elsewhere_team.name}})
    assert case.office == elsewhere_team.office
    assert case.events.filter(kind="routed", actor="system:rules").exists()


@pytest.mark.slow
def test_a_case_whose_checks_all_pass_is_granted_without_a_clerk(sent):
    case = sent(granting())
    decision = Decision.objects.get(case=case)
    assert (decision.kind, str(decision.author)) == ("granted", "Automatische Bearbeitung")
    text = Paper.objects.get(kind="decision").payload()["explanation"]
    assert "automatisch" in text and "Test-Gesetz § 1" in text
    assert not decision.author.is_active and not decision.author.has_usable_password()


@pytest.mark.slow
@pytest.mark.parametrize("passes", ["false", "umbau_bis > today", "anliegen == 'ersatz'"])
def test_one_check_that_fails_or_is_unknown_stops_the_grant(passes, sent):
    case = sent(granting(), passes=passes)
    assert not Decision.objects.exists() and case.status == "in_review"


@pytest.mark.slow
def test_where_two_have_to_sign_nothing_is_granted(sent):
    case = sent(granting(), four_eyes="anliegen == 'neu'")
    assert not Decision.objects.exists() and case.status == "in_review"
    assert RuleRun.objects.get(case=case).held == ["von-selbst"]  # left to a human, and not tried in vain


@pytest.mark.slow
def test_a_file_that_is_not_scanned_yet_needs_a_human(sent):
    case = sent({"key": "eins", "when": "false", "task": {"title": "x"}}, pay=False, scanned=False)
    case.status, case.receivable = "in_review", None
    assert not automation.may_grant(case)
    make.work()
    assert automation.may_grant(case)


@pytest.mark.slow
def test_a_case_somebody_has_taken_is_left_to_them(sent, clara):
    case = sent({"key": "eins", "when": "false", "task": {"title": "x"}})
    assert automation.may_grant(case)
    flow.claim(case, by=clara)
    assert not automation.may_grant(Case.objects.for_pages().get(pk=case.pk))


@pytest.mark.slow
def test_a_fee_that_is_open_needs_a_human(sent):
    case = sent(granting(), pay=False)
    case.status = "in_review"
    assert case.fee_is_due and not automation.may_grant(case)


@pytest.mark.slow
def test_all_are_drawn_at_a_hundred_per_cent(sent):
    case = sent(granting(100))
    assert not Decision.objects.exists() and RuleRun.objects.get(case=case).sampled
    assert "Stichprobe" in filed.tasks(case)[0].text


@pytest.mark.slow
def test_the_sample_is_the_same_every_time_and_about_as_large_as_said(sent):
    case = sent({"key": "eins", "when": "false", "task": {"title": "x"}})
    drawn = []
    for _ in range(500):
        case.public_id = type(case)._meta.get_field("public_id").default()
        drawn.append(automation._drawn(case, 20))
        assert automation._drawn(case, 20) == drawn[-1]
    assert 60 < sum(drawn) < 140


def test_the_catalogues_rules_hold_for_what_they_name():
    text = (definitions.CATALOGUE / "maengelmeldung.yaml").read_text(encoding="utf-8")
    definition = schema.load(text)
    cases = replay.load((replay.CASES / "maengelmeldung.yaml").read_text(encoding="utf-8")).cases
    for case in cases:
        held = {rule.key for rule in judge(definition, evaluate(definition, case.answers, today=case.today)).held}
        dangerous = case.answers.get("kategorie") in {"ampel", "gehweg", "radweg", "schlagloch", "verkehrsschild"}
        assert held == ({"verkehrssicherheit"} if dangerous else set())


@pytest.mark.slow
def test_an_old_version_keeps_its_rules(sent, alice):
    case = sent({"key": "eins", "when": "true", "task": {"title": "alt"}}, pay=False)
    definitions.publish(
        "bewohnerparkausweis", source({"key": "eins", "when": "true", "task": {"title": "neu"}}), by=None
    )
    Case.objects.filter(pk=case.pk).update(status="in_review")
    assert automation.apply(case.pk) and filed.tasks(case)[0].text == "alt"
    assert FormVersion.objects.filter(form__slug="bewohnerparkausweis").count() == 2
    assert rules.deciding(case)


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_rules_act_once_if_two_workers_apply_them_at_once(sent):
    case = sent({"key": "eins", "when": "true", "task": {"title": "x"}}, pay=False)
    Case.objects.filter(pk=case.pk).update(status="in_review")
    gate, acted = threading.Barrier(4), []

    def work():
        gate.wait()
        acted.append(automation.apply(case.pk))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(acted) == [False, False, False, True] and CaseTask.objects.count() == 1


@pytest.mark.slow
def test_a_letter_that_would_be_too_long_needs_a_human(sent, fake, theo, edda, monkeypatch):
    case = sent(granting(), pay=False)
    published(theo, edda)
    monkeypatch.setattr(engine, "MAX_RENDERED", 10)
    case = make.paid(case, fake)
    assert [task.text for task in filed.tasks(case)] == [automation.TOO_LONG_TASK]
    assert not Decision.objects.exists() and Case.objects.get(pk=case.pk).status == "in_review"
    assert RuleRun.objects.get(case=case).held == ["von-selbst"]
