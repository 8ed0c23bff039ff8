"""The page of results and the CSV file: who sees them, what they show, what they cost."""

import csv
import datetime as dt
import html
import io

import pytest
from django.test import Client

from forms_engine.definitions import actions as definitions
from forms_engine.submissions.models import SurveyAnswer
from portal.audit.models import AuditEntry
from portal.common.crypto import Envelope, new_wrapped_key
from portal.directory.teams.models import Team, TeamForm
from tests.forms_engine.cases import catalogue

pytestmark = pytest.mark.django_db
FORM = "umfrage-buergerbuero"
PAGE = f"/verwaltung/formulare/{FORM}/auswertung/"
CSV = f"{PAGE}antworten.csv"
OCTOBER, NOVEMBER = dt.date(2026, 10, 1), dt.date(2026, 11, 1)


@pytest.fixture
def survey(db):
    return catalogue.publish(FORM)


def answered(survey, count: int, *, month: dt.date = NOVEMBER, text: str = "", **counted) -> None:
    rows = [SurveyAnswer(form_version=survey, month=month, counted=counted) for _ in range(count)]
    for row in rows if text else ():
        row.wrapped_key = new_wrapped_key()
        row.sealed = Envelope(row.wrapped_key).seal_json({"wunsch": text}, row.place)
    SurveyAnswer.objects.bulk_create(rows)


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def desk(edda, survey) -> Client:
    return signed_in(edda)


def shown(client: Client, query: str = "") -> str:
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def table(client: Client, **posted) -> list[list[str]]:
    data = b"".join(client.post(CSV, posted).streaming_content)
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_editors_and_the_team_of_the_form_see_it_and_nobody_else(survey, edda, clara, otto, alice):
    assert signed_in(edda).get(PAGE).status_code == 200
    desk = signed_in(clara)
    assert (desk.get(PAGE).status_code, desk.post(CSV).status_code) == (404, 404)
    TeamForm.objects.create(team=Team.objects.get(), slug=FORM)
    assert (desk.get(PAGE).status_code, desk.post(CSV).status_code) == (200, 200)
    assert signed_in(otto).get(PAGE).status_code in (403, 404) and signed_in(alice).get(PAGE).status_code == 302


def test_the_page_of_the_form_leads_there_also_when_it_is_withdrawn(desk, survey, edda):
    home = PAGE.removesuffix("auswertung/")
    assert f'href="{PAGE}"' in desk.get(home).content.decode()
    definitions.withdraw(survey, by=edda, note="Die Umfrage ist zu Ende.")
    assert f'href="{PAGE}"' in desk.get(home).content.decode() and desk.get(PAGE).status_code == 200


def test_questions_of_versions_that_were_no_surveys_have_no_chart(desk, survey):
    source = (definitions.CATALOGUE / f"{FORM}.yaml").read_text(encoding="utf-8").replace("kind: survey\n", "")
    definitions.publish(FORM, source.replace("name: gesamt", "name: anders").replace("gesamt in", "anders in"), by=None)
    answered(survey, 6, gesamt="5")
    page = shown(desk)
    assert 'id="frage-gesamt"' in page and 'id="frage-anders"' not in page


def test_a_form_that_is_no_survey_has_no_results(desk):
    catalogue.publish("maengelmeldung")
    assert desk.get(PAGE.replace(FORM, "maengelmeldung")).status_code == 404


def test_chart_and_table_say_the_same(desk, survey):
    answered(survey, 12, gesamt="5", termin=True, wartezeit=7, anliegen=["ausweis", "wohnsitz"])
    answered(survey, 8, gesamt="2", termin=False, anliegen=["ausweis"])
    page = shown(desk)
    assert (
        "<strong>20 Antworten</strong>" in page and page.count('<svg class="b-chart"') == page.count("<title id=") == 5
    )
    assert "Sehr zufrieden: 12; Zufrieden: 0; Teils zufrieden: 0; Unzufrieden: 8; Sehr unzufrieden: 0" in page
    assert '<th scope="row">Unzufrieden</th><td class="w-table__number">8</td>' in page
    assert '<th scope="row">Ausweis oder Reisepass</th><td class="w-table__number">20</td>' in page
    assert '<th scope="row">keine Angabe</th><td class="w-table__number">8</td>' in page  # no waiting time


def test_handfuls_are_put_together(desk, survey):
    answered(survey, 9, gesamt="5")
    answered(survey, 2, gesamt="1")
    page = shown(desk)
    assert "Zusammen: Sehr zufrieden, Sehr unzufrieden" in page and ">2<" not in page and ">9<" not in page


def test_less_than_five_answers_show_nothing(desk, survey):
    page = shown(desk)
    assert "Noch hat niemand geantwortet." in page and "CSV-Datei herunterladen" not in page
    answered(survey, 4, gesamt="5", text="Mehr Stühle")
    page = shown(desk)
    assert "Weniger als 5 Antworten" in page and "b-chart" not in page and ">4<" not in page


def test_texts_stand_in_the_file_only(desk, survey):
    answered(survey, 6, gesamt="5", text="=HYPERLINK(1)")
    assert "HYPERLINK" not in shown(desk) and "„Verbesserung“" in shown(desk)
    head, *lines = table(desk)
    assert head[:3] == ["Monat", "Fassung", "Bürgerbüro"]
    assert {line[head.index("Verbesserung")] for line in lines} == {"'=HYPERLINK(1)"}
    assert {line[head.index("Insgesamt")] for line in lines} == {"Sehr zufrieden"} and len(lines) == 6


def test_texts_whose_time_is_over_are_empty_cells(desk, survey):
    answered(survey, 6, gesamt="5", text="Mehr Stühle")
    SurveyAnswer.objects.update(wrapped_key=None, sealed=b"")
    head, *lines = table(desk)
    assert {line[head.index("Verbesserung")] for line in lines} == {""} and len(lines) == 6


def test_a_period_counts_its_own_months_only(desk, survey):
    answered(survey, 5, month=OCTOBER, gesamt="1")
    answered(survey, 7, month=NOVEMBER, gesamt="5")
    assert "<strong>12 Antworten</strong>" in shown(desk)
    assert "<strong>5 Antworten</strong> aus dem Monat Oktober 2026" in shown(desk, "?von=2026-10&bis=2026-10")
    assert "<strong>12 Antworten</strong>" in shown(desk, "?von=2026-11&bis=2026-10")
    assert "<strong>12 Antworten</strong>" in shown(desk, "?von=gestern&bis='")
    assert {line[0] for line in table(desk, von="2026-11", bis="2026-11")[1:]} == {"2026-11"}


def test_each_export_stands_in_the_record(desk, survey, edda):
    answered(survey, 6, gesamt="5")
    assert desk.get(CSV).status_code == 405 and not AuditEntry.objects.filter(action="survey.exported").exists()
    table(desk)
    entry = AuditEntry.objects.get(action="survey.exported")
    assert (entry.actor, entry.subject) == (str(edda.public_id), f"form:{FORM}")
    assert entry.data == {"months": "2026-11..2026-11", "answers": 6}


@pytest.mark.slow
def test_the_cost_does_not_grow_with_the_answers(desk, survey, django_assert_max_num_queries):
    answered(survey, 3000, gesamt="5", anliegen=["ausweis"], wartezeit=20)
    with django_assert_max_num_queries(25):
        shown(desk)
    with django_assert_max_num_queries(25):
        assert len(table(desk)) == 3001
