"""Surveys: answers stay, nobody's name does; no case, no number, no trace of who it was."""

import datetime as dt
import json
import threading

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from forms_engine.cases.models import Case
from forms_engine.definitions import actions as definitions
from forms_engine.definitions import replay
from forms_engine.definitions.queries import newer_than
from forms_engine.submissions import actions, surveys
from forms_engine.submissions.models import Draft, Submission, SurveyAnswer
from forms_engine.submissions.states import NotOpen
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.common.crypto import Envelope
from tests.forms_engine.cases import catalogue
from tests.forms_engine.submissions import proofs

pytestmark = pytest.mark.django_db
FORM = "umfrage-buergerbuero"
UNHAPPY = next(
    case
    for case in replay.load((replay.CASES / f"{FORM}.yaml").read_text(encoding="utf-8")).cases
    if "grund" in case.answers
)
THANKS = f"/antrag/danke/{FORM}/"


@pytest.fixture
def survey(db):
    return catalogue.publish(FORM)


@pytest.fixture
def visitor(survey) -> Client:
    """Somebody who has begun the survey."""
    client = Client()
    client.post(reverse("submissions:start", args=[FORM]))
    return client


@pytest.fixture
def draft(visitor) -> Draft:
    return catalogue.fill(Draft.objects.select_related("form_version__form").get(), UNHAPPY)


def check(draft: Draft) -> str:
    return reverse("cases:check", args=[draft.public_id])


def send(client: Client, draft: Draft):
    return client.post(check(draft), {"stand": draft.version, **proofs.of(draft)})


def test_sending_makes_an_answer_and_nothing_else(visitor, draft):
    assert send(visitor, draft)["Location"] == THANKS
    answer = SurveyAnswer.objects.get()
    assert answer.counted == {
        "standort": "pasing", "anliegen": ["wohnsitz", "bescheinigung"], "termin": False, "wartezeit": 90,
        "gesamt": "1",
    }  # fmt: skip
    texts = Envelope(answer.wrapped_key).open_json(answer.sealed, answer.place)
    assert texts == {"grund": "Es gab zu wenige Stühle.", "wunsch": "Mehr Plätze zum Sitzen."}
    assert not Draft.objects.exists() and not Submission.objects.exists() and not Case.objects.exists()


def test_the_last_page_says_how_long_texts_are_kept(visitor, draft):
    text = visitor.get(check(draft)).content.decode()
    assert "Was Sie mit eigenen Worten geschrieben haben, löschen wir nach 24 Monaten." in text


def test_only_a_form_with_a_decision_speaks_of_the_official_language(survey):
    page = Client().get(f"/en/antrag/{FORM}/").content.decode()
    assert "Survey about the citizens" in page and "BayVwVfG" not in page


def test_the_page_after_sending_thanks_and_names_no_number(visitor, draft):
    text = visitor.post(check(draft), {"stand": draft.version, **proofs.of(draft)}, follow=True).content.decode()
    assert "Danke für Ihre Antworten" in text and "Wir werten alle Antworten zusammen aus." in text
    assert Client().get(THANKS).status_code == 200 and Client().get("/antrag/danke/fundsache/").status_code == 404


@pytest.mark.parametrize("again", ["", "pruefen/", "besuch/", "loeschen/"])
def test_every_page_of_a_sent_survey_leads_to_the_thanks(visitor, draft, again):
    send(visitor, draft)
    path = f"/antrag/{draft.public_id}/{again}"
    assert visitor.post(path)["Location"] == visitor.get(path)["Location"] == THANKS if again else True
    assert visitor.get(path)["Location"] == THANKS
    assert Client().get(path)["Location"].startswith("/konto/login/")


def test_a_second_click_is_one_answer(visitor, draft):
    proof = {"stand": draft.version, **proofs.of(draft)}
    places = [visitor.post(check(draft), proof)["Location"] for _ in range(2)]
    surveys.send(draft)  # and the click that had read the row before the first was done
    assert places == [THANKS, THANKS] and SurveyAnswer.objects.count() == 1


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_eight_parallel_clicks_are_one_answer(draft):
    gate = threading.Barrier(8)

    def click():
        gate.wait()
        surveys.send(draft)
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert SurveyAnswer.objects.count() == 1 and not Draft.objects.exists()


def test_what_was_begun_as_an_application_never_becomes_a_survey(survey):
    source = (definitions.CATALOGUE / f"{FORM}.yaml").read_text(encoding="utf-8")
    case = definitions.publish(FORM, source.replace("kind: survey\n", ""), by=None)
    assert newer_than(survey) is None
    definitions.publish(FORM, source + "# neu\n", by=None)
    assert newer_than(case) is None and newer_than(survey).number == 3


def test_an_account_takes_part_without_its_name(survey, alice):
    client = Client()
    client.force_login(alice)
    assert "Umfrage beginnen" in client.get(f"/antrag/{FORM}/").content.decode()
    client.post(f"/antrag/{FORM}/")
    draft = catalogue.fill(Draft.objects.select_related("form_version__form").get(), UNHAPPY)
    assert draft.owner is None and send(client, draft)["Location"] == THANKS
    with pytest.raises(actions.NotAllowed):
        actions.start_draft(alice, survey)


def test_no_row_of_the_house_leads_from_an_answer_to_a_session_or_a_person(visitor, draft, alice):
    before = AuditEntry.objects.count()
    send(visitor, draft)
    answer = SurveyAnswer.objects.get()
    known = {str(draft.public_id), draft.visitor, visitor.session.session_key, visitor.session["visitor"], "127.0.0.1"}
    row = json.dumps({field.attname: str(getattr(answer, field.attname)) for field in answer._meta.concrete_fields})
    assert not [held for held in known if held in row]
    assert AuditEntry.objects.count() == before  # no moment either
    assert str(answer.pk) not in str([session.get_decoded() for session in Session.objects.all()])
    points_here = [m for m in apps.get_models() for f in m._meta.concrete_fields if f.related_model is SurveyAnswer]
    assert points_here == [] and {f.related_model for f in answer._meta.fields if f.is_relation} == {
        type(answer.form_version)
    }


def test_beginning_and_deleting_a_survey_leaves_no_moment_in_the_record(visitor, draft):
    visitor.post(f"/antrag/{draft.public_id}/loeschen/")
    assert not AuditEntry.objects.filter(subject__startswith="draft:").exists()
    with pytest.raises(NotOpen):
        surveys.send(draft)


def test_what_another_window_changed_or_left_open_is_not_sent(visitor, draft):
    with pytest.raises(actions.Changed):
        surveys.send(draft, read=draft.version - 1)
    Draft.objects.filter(pk=draft.pk).update(page_versions={})
    with pytest.raises(actions.Incomplete):
        surveys.send(draft)
    assert Draft.objects.open().exists() and not SurveyAnswer.objects.exists()


def test_a_survey_is_never_frozen_to_a_submission(draft):
    with pytest.raises(actions.NotAllowed), transaction.atomic():
        actions.freeze(draft, by=None)


def row(survey, **values) -> SurveyAnswer:
    return SurveyAnswer(form_version=survey, **{"month": dt.date(2026, 11, 1), **values})


@pytest.mark.parametrize("wrong", [{"month": dt.date(2026, 11, 22)}, {"wrapped_key": b"k"}, {"sealed": b"s"}])
def test_the_database_refuses_a_day_a_key_for_nothing_and_texts_without_a_key(survey, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        row(survey, **wrong).save()


@pytest.mark.parametrize("change", [{"counted": {}}, {"sealed": b"other"}, {"sealed": b""}, {"wrapped_key": None}])
def test_the_database_refuses_to_change_an_answer(survey, change):
    row(survey, counted={"gesamt": "1"}, wrapped_key=b"k", sealed=b"s").save()
    with pytest.raises(IntegrityError), transaction.atomic():
        SurveyAnswer.objects.update(**change)
    assert SurveyAnswer.objects.update(wrapped_key=b"rotated") == 1


@pytest.mark.parametrize(("day", "gone"), [(dt.date(2028, 11, 30), 0), (dt.date(2028, 12, 1), 1)])
def test_texts_go_after_two_years_and_what_is_counted_stays(survey, day, gone):
    surveys.made(survey, dt.date(2026, 11, 1), {"gesamt": "1", "wunsch": "Mehr Stühle"}).save()
    surveys.made(survey, dt.date(2026, 11, 1), {"gesamt": "2"}).save()
    with clock.frozen(dt.datetime.combine(day, dt.time(12), clock.BERLIN)):
        assert surveys.sweep_texts() == gone and surveys.sweep_texts() == 0
    rows = SurveyAnswer.objects.order_by("counted__gesamt")
    assert [answer.counted for answer in rows] == [{"gesamt": "1"}, {"gesamt": "2"}]
    assert rows.filter(sealed=b"", wrapped_key=None).count() == 1 + gone


def test_the_command_shows_first_what_it_would_delete(survey, capsys):
    surveys.made(survey, dt.date(2026, 11, 1), {"gesamt": "1", "wunsch": "Mehr Stühle"}).save()
    with clock.frozen(dt.datetime(2028, 12, 1, 12, tzinfo=dt.UTC)):
        call_command("surveys_purge", "--dry-run")
        assert f"{survey.form.slug} 11.2026: Texte in 1 Antworten" in capsys.readouterr().out
        assert SurveyAnswer.objects.filter(wrapped_key__isnull=False).count() == 1
        call_command("surveys_purge")
        assert "Texte in 1 Antworten gelöscht" in capsys.readouterr().out
    assert not SurveyAnswer.objects.filter(wrapped_key__isnull=False).exists()
