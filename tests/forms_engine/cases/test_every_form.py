"""Each form of the catalogue from sending to its proper end: the clerk's page, the letter, the postbox."""

import datetime as dt
import io
import re

import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from forms_engine.cases import flow, rules
from forms_engine.cases.decision_form import DecisionForm
from forms_engine.cases.models import Case, Paper
from forms_engine.submissions import actions
from mailbox.models import Message
from mailbox.queries import letter
from portal.common import clock, references
from portal.directory.teams.models import Team, TeamForm
from portal.documents import store
from portal.documents.render import check_pdf
from tests import make
from tests.forms_engine.cases import catalogue
from tests.forms_engine.submissions import proofs

pytestmark = pytest.mark.django_db
QUICK = {"hundesteuer-befreiung", "meldebescheinigung", "maengelmeldung"}
RESULT_ONLY = "einbuergerung-schnell-check"
SURVEY = "umfrage-buergerbuero"
SENT = [slug for slug in catalogue.FORMS if slug not in (RESULT_ONLY, SURVEY)]
REPORTS = ["anliegen-beschwerde-barriere", "fundsache", "maengelmeldung"]


def each(slugs: list[str]):
    marked = [pytest.param(slug, marks=() if slug in QUICK else pytest.mark.slow) for slug in slugs]
    return pytest.mark.parametrize("slug", marked)


@pytest.fixture
def team(clara, theo):
    """Clara and Theo handle every form."""
    team = Team.objects.get()
    TeamForm.objects.bulk_create([TeamForm(team=team, slug=slug) for slug in SENT], ignore_conflicts=True)
    return team


@pytest.fixture
def at_desk(clara, team):
    client = Client()
    client.force_login(clara)
    return client


def sent(slug: str, person) -> Case:
    """The person's case of a form, with the form's own test data."""
    sample = catalogue.sample(slug)
    draft = catalogue.fill(actions.start_draft(person, catalogue.publish(slug)), sample)
    return flow.submit(draft, by=person)


def held(slug: str):
    return clock.frozen(catalogue.noon(catalogue.sample(slug).today))


def page(client: Client, case: Case) -> str:
    answer = client.get(reverse("workplace:case", args=[case.public_id]))
    assert answer.status_code == 200
    return answer.content.decode()


def favourable(case: Case) -> dict[str, str]:
    """The decision form as the clerk finds it, with the favourable end chosen."""
    term, charge = rules.term(case), rules.charge(case)
    explained = "Sie bekommen 200 Euro im Monat." if rules.deciding(case).grant_explained else ""
    data = {"kind": str(rules.positive(case)), "explanation": explained}
    if term:
        data |= {"valid_from": f"{term.start:%d.%m.%Y}", "valid_until": f"{term.end:%d.%m.%Y}" if term.end else ""}
    if charge and not charge.is_fixed:
        data["fee"] = f"{charge.lowest / 100:.2f}".replace(".", ",")
    if case.definition.meaning.area:
        data["area"] = "Gärtnerplatz"
    return {f"entscheiden-{name}": value for name, value in data.items()}


def send_decision(client: Client, case: Case, data: dict[str, object]) -> None:
    address = reverse("workplace:decide", args=[case.public_id])
    shown = client.post(address, data)
    assert shown.status_code == 200, getattr(shown.context.get("form"), "errors", "")
    assert isinstance(shown.context["form"], DecisionForm)
    client.post(address, {**data, "bestaetigt": "1"})


def fresh(case: Case) -> Case:
    return Case.objects.for_pages().get(pk=case.pk)


def text_of(paper: Paper) -> str:
    read = pypdf.PdfReader(io.BytesIO(store.read(paper.stored)))
    return " ".join(" ".join(one.extract_text() for one in read.pages).split())


def letters(case: Case) -> list[str]:
    """The texts of the case's finished papers, each fit for the archive and in the postbox."""
    make.work()
    papers = list(Paper.objects.filter(case=case).select_related("stored", "message").order_by("id"))
    for paper in papers:
        assert paper.state == "issued", paper.last_error
        assert check_pdf(store.read(paper.stored)) == []
        assert paper.message.mailbox.user == case.party
    return [text_of(paper) for paper in papers]


@pytest.mark.slow
@each([slug for slug in SENT if slug not in REPORTS])
def test_an_application_is_decided_and_the_letter_lies_in_the_postbox(slug, alice, clara, theo, at_desk, fake):
    with held(slug):
        case = sent(slug, alice)
    if case.status == "awaiting_payment":  # the provider lives today
        case = make.paid(case, fake)
    with held(slug):
        assert "Prüfliste" in page(at_desk, case)
        send_decision(at_desk, case, favourable(case))
        if rules.four_eyes(case):
            other = Client()
            other.force_login(theo)
            assert "Gegenzeichnen und zustellen" in page(other, fresh(case))
            other.post(reverse("workplace:approve", args=[case.public_id]))
        assert fresh(case).status == "decided"
        receipt, decision = letters(case)
    rule = case.definition
    for words in (case.number, rules.sender(case), str(rule.decision.granted_title), clara.get_full_name()):
        assert words in decision, words
    instructed = rule.decision.outcome == "granted" and rule.decision.remedy_for_grants is not False
    assert ("Rechtsbehelfsbelehrung" in decision) == instructed
    assert "None" not in decision + receipt
    assert fresh(case).status == "closed"


@pytest.mark.slow
@each(REPORTS)
def test_a_report_of_an_account_ends_with_an_answer_in_the_postbox(slug, alice, at_desk):
    with held(slug):
        case = sent(slug, alice)
        assert "Antworten und abschließen" in page(at_desk, case)
        at_desk.post(reverse("workplace:finish", args=[case.public_id]), {"erledigen-text": "Die Lampe ist neu."})
        [receipt] = letters(case)
    assert "Ihre Meldung erhalten" in receipt and fresh(case).status == "done"
    bodies = [letter(message).body for message in Message.objects.select_related("mailbox__user")]
    assert any("Die Lampe ist neu." in body for body in bodies)


@each(REPORTS)
def test_a_report_without_an_account_is_answered_beside_its_status(slug, at_desk):
    visitor, sample = Client(), catalogue.sample(slug)
    with held(slug):
        catalogue.publish(slug)
        assert visitor.post(reverse("submissions:start", args=[slug])).status_code == 302
        draft = catalogue.fill(actions.Draft.objects.get(), sample)
        sent_with = {"stand": draft.version, **proofs.of(draft)}
        answer = visitor.post(reverse("cases:check", args=[draft.public_id]), sent_with, follow=True)
        shown = answer.content.decode()
        case = Case.objects.get()
        [code] = re.findall(r"p-nowrap\">([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})<", shown)
        assert case.number in shown and case.applicant is None
        at_desk.post(reverse("workplace:finish", args=[case.public_id]), {"erledigen-text": "Die Lampe ist neu."})
        told = Client().post("/stand/", {"number": case.number, "code": code}).content.decode()
    assert "Die Lampe ist neu." in told and "Erledigt" in told
    assert not Message.objects.exists() and not Paper.objects.exists()


def test_a_form_that_only_tells_a_result_is_walked_without_an_account():
    catalogue.publish(RESULT_ONLY)
    visitor = Client()
    visitor.post(reverse("submissions:start", args=[RESULT_ONLY]))
    draft = actions.Draft.objects.get()
    answer = visitor.post(
        reverse("submissions:page", args=[draft.public_id, "wohnort"]), {"in_muenchen": "nein"}, follow=True
    )
    assert "anderer-wohnort" in answer.redirect_chain[-1][0]


@pytest.mark.slow
def test_a_refusal_names_reason_and_remedy(alice, at_desk):
    slug = "hundesteuer-befreiung"
    with held(slug):
        case = sent(slug, alice)
        reason = rules.deciding(case).refusal_reasons[0]
        data = {"kind": "refused", "reasons": [reason.key], "explanation": "Der Nachweis fehlt."}
        send_decision(at_desk, case, {f"entscheiden-{name}": value for name, value in data.items()})
        _receipt, decision = letters(case)
    assert str(reason.text) in decision and "Der Nachweis fehlt." in decision and "Rechtsbehelfsbelehrung" in decision


def test_numbers_terms_and_senders_are_those_of_the_form(alice):
    with held("meldebescheinigung"):
        case = sent("hundesteuer-anmeldung", alice)
    assert references.is_file_number(case.number) and case.number.startswith("SKA-")
    assert case.due_on == dt.date(2026, 11, 22) + dt.timedelta(days=28)
    assert rules.sender(case).startswith("Stadtkämmerei") and rules.offering(case) is None
