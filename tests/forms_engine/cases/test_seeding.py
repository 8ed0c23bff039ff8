"""Invented cases look like sent ones, and only a demo gets them."""

import pytest
from django.core.management import CommandError, call_command

from forms_engine.cases import chain, lists, seeding
from forms_engine.cases.models import Case, FileNumber, Paper
from forms_engine.submissions import queries as answers
from mailbox.models import Message
from portal.common import references
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(seeding, "BATCH", 40)
    monkeypatch.setattr(seeding, "PEOPLE", 7)


def test_invented_cases_open_are_found_and_have_numbers_without_gaps(clara, capsys):
    make.permit()
    call_command("cases_seed", count=100)
    case = Case.objects.for_pages().filter(status="in_review").order_by("-pk").first()
    assert answers.answers(case.submission)["vorname"] == case.applicant.given_name
    assert all(references.is_file_number(number) for number in Case.objects.values_list("number", flat=True))
    assert FileNumber.objects.get().last == 100 == Case.objects.count() and list(chain.verify()) == []
    assert case.number in [row.case.number for row in lists.page(clara, lists.Choice(text=case.applicant.family_name))]
    assert not Paper.objects.exists() and not Message.objects.exists()
    assert "100 Vorgänge" in capsys.readouterr().out


def test_outside_the_demo_nothing_is_invented(settings):
    make.permit()
    settings.DEMO = False
    with pytest.raises(CommandError, match="nur in der Demo"):
        call_command("cases_seed", count=10)
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("count", "why"), [(0, "zwischen 1 und"), (2_000_001, "zwischen 1 und"), (10, "Kein Formular")]
)
def test_too_few_too_many_or_without_forms_is_refused(count, why):
    with pytest.raises(CommandError, match=why):
        call_command("cases_seed", count=count)
