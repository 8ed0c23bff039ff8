"""What a form says about the work on its cases: fees, terms, places."""

import datetime as dt
import re

import pytest
from django.db import IntegrityError, transaction

from forms_engine.cases import flow, queries, rules
from forms_engine.cases.decision_form import DecisionForm, Wanted
from forms_engine.cases.models import Case, Decision, DecisionKind
from forms_engine.definitions import actions as definitions
from forms_engine.definitions import schema
from forms_engine.submissions import actions
from portal.common import clock
from portal.directory.models import Office, Organisation
from tests import make
from tests.forms_engine.cases import catalogue

pytestmark = pytest.mark.django_db
FRAME, WITH_DECISION = "gaststaettenerlaubnis-voruebergehend", "freischankflaeche"


def sent(slug: str, person) -> Case:
    sample = catalogue.sample(slug)
    with clock.frozen(catalogue.noon(sample.today)):
        draft = catalogue.fill(actions.start_draft(person, catalogue.publish(slug)), sample)
        return fresh(flow.submit(draft, by=person))


def fresh(case: Case) -> Case:
    return Case.objects.for_pages().get(pk=case.pk)


def form(case: Case, **data: str) -> DecisionForm:
    kinds = [DecisionKind.GRANTED, DecisionKind.REFUSED]
    wanted = Wanted(kinds, [("grund", "Grund")], [], "", rules.term(case), rules.charge(case))
    return DecisionForm(data, wanted=wanted)


def test_a_fee_with_the_decision_is_owed_when_it_is_signed(alice, clara, fake):
    case = sent(WITH_DECISION, alice)
    assert (case.status, case.receivable, rules.charge(case)) == ("in_review", None, rules.Charge(18000, 18000))
    decision = flow.decide(case, kind=DecisionKind.GRANTED, by=clara, fee_cents=18000)
    owed = fresh(case).receivable
    assert (owed.amount_cents, decision.paper.payload()["fee"]["kassenzeichen"]) == (18000, owed.kassenzeichen)
    assert list(queries.waiting_for(alice)) == [case] and fresh(case).fee_is_due
    make.paid(fresh(case), fake)
    assert (fresh(case).status, case.events.filter(kind="paid").count()) == ("decided", 1)


def test_a_refusal_costs_nothing(alice, clara):
    case = sent(WITH_DECISION, alice)
    reason = case.definition.decision.refusal_reasons[0].key
    flow.decide(case, kind=DecisionKind.REFUSED, by=clara, reasons=[reason], explanation="Zu eng.", fee_cents=18000)
    assert fresh(case).receivable is None


@pytest.mark.parametrize(("typed", "cents"), [("30,00", 3000), ("45,5", 4550), ("2000", 200000)])
def test_the_clerk_sets_the_fee_within_its_frame(alice, typed, cents):
    decided = form(sent(FRAME, alice), kind="granted", fee=typed)
    assert decided.is_valid(), decided.errors
    assert decided.outcome().fee_cents == cents


@pytest.mark.parametrize("typed", ["", "29,99", "2000,01", "-40", "viel"])
def test_a_fee_outside_its_frame_is_refused_with_a_sentence(alice, typed):
    decided = form(sent(FRAME, alice), kind="granted", fee=typed)
    assert not decided.is_valid() and list(decided.errors) == ["fee"]
    assert decided.errors["fee"][0].startswith("Geben Sie ")


def test_a_fee_beside_the_work_does_not_hold_it_up(alice, fake):
    source = (definitions.CATALOGUE / "gewerbeanmeldung.yaml").read_text(encoding="utf-8")
    text = source.replace("\nfee:\n", "\nfee:\n  due: after\n")
    sample = catalogue.sample("gewerbeanmeldung")
    with clock.frozen(catalogue.noon(sample.today)):
        version = definitions.publish("gewerbeanmeldung", text, by=None)
        case = flow.submit(catalogue.fill(actions.start_draft(alice, version), sample), by=alice)
    assert (case.status, case.receivable.state, case.pays_first) == ("in_review", "open", False)
    make.paid(case, fake)
    assert (fresh(case).status, case.events.filter(kind="paid").count()) == ("in_review", 1)


@pytest.mark.parametrize(("amount", "both"), [(18000, True), (18001, False)])
def test_from_an_amount_on_two_have_to_sign(alice, clara, amount, both):
    case = sent(WITH_DECISION, alice)
    words = case.definition.decision.model_copy(update={"four_eyes": amount})
    case.submission.form_version.__dict__["definition"] = case.definition.model_copy(update={"decision": words})
    assert rules.four_eyes(case, 18000) is both
    assert rules.four_eyes(case, None) is both  # the fixed fee of its answers
    if both:
        with pytest.raises(flow.NeedsSecondClerk):
            flow.decide(case, kind=DecisionKind.GRANTED, by=clara, fee_cents=18000)
        assert not Decision.objects.exists()


@pytest.mark.parametrize(("said", "fits"), [(50000, True), ("true", True), (0, False), (-5, False)])
def test_an_amount_is_a_word_of_the_language(said, fits):
    source = (definitions.CATALOGUE / "freischankflaeche.yaml").read_text(encoding="utf-8")
    text = re.sub(r"\n  four_eyes:.*", "", source).replace("\ndecision:\n", f"\ndecision:\n  four_eyes: {said}\n")
    try:
        assert str(schema.load(text).decision.four_eyes).lower() == str(said) and fits
    except schema.DefinitionError:
        assert not fits


def test_what_ends_needs_an_end_and_what_does_not_may_have_none(alice):
    case = sent("hundesteuer-befreiung", alice)
    assert rules.term(case).ends and "valid_until" in form(case, kind="granted").errors
    open_ended = rules.Term(dt.date(2027, 1, 1), None, ends=False)
    wanted = Wanted([DecisionKind.GRANTED, DecisionKind.REFUSED], [], [], "", open_ended, None)
    assert DecisionForm({"kind": "granted", "valid_from": "1.1.2027"}, wanted=wanted).is_valid()


def test_without_a_team_the_case_is_at_the_office_that_the_form_names(alice):
    organisation = Organisation.objects.create(short="SKA", name="Stadtkämmerei")
    place = {"organisation": organisation, "street": "Seidlstraße 27", "postcode": "80335"}
    office = Office.objects.create(slug="stadtkaemmerei-hundesteuer", name="Hundesteuer", **place)
    case = sent("hundesteuer-anmeldung", alice)
    assert case.office == office
    assert rules.letterhead(case)["street"] == "Seidlstraße 27"


def test_file_numbers_begin_as_the_form_or_the_department_says():
    permit = schema.load((definitions.CATALOGUE / "hundesteuer-anmeldung.yaml").read_text(encoding="utf-8"))
    plain = permit.model_copy(update={"casework": permit.casework.model_copy(update={"letters": None})})
    office = Office(organisation=Organisation(short="MOR"))
    assert [rules.file_letters(permit, office), rules.file_letters(plain, office)] == ["SKA", "MOR"]
    assert rules.file_letters(plain, Office(organisation=Organisation(short="straße"))) == "LHM"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "refused", "valid_from": dt.date(2027, 1, 1)},
        {"kind": "granted", "valid_from": dt.date(2027, 1, 2), "valid_until": dt.date(2027, 1, 1)},
        {"kind": "granted", "valid_until": dt.date(2027, 1, 1)},
    ],
)
def test_the_database_refuses_terms_that_make_no_sense(case, clara, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(case=case, author=clara, **wrong)
