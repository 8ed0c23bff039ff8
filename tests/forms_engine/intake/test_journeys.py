"""What arrives, from the door to the case page."""

import pytest
from django.core import mail as outbox
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from forms_engine.cases import returning
from forms_engine.cases.models import Case
from forms_engine.intake import receipts
from forms_engine.intake.models import InboundItem
from forms_engine.intake.states import State
from tests.forms_engine.intake.conftest import drop, mail, workers
from tests.forms_engine.submissions import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(clara):
    client = Client()
    client.force_login(clara)
    return client


@pytest.fixture
def folder(settings, tmp_path):
    settings.INTAKE_MAIL_FOLDER = tmp_path / "mails"
    settings.INTAKE_MAIL_FOLDER.mkdir()
    return settings.INTAKE_MAIL_FOLDER


@pytest.mark.slow
def test_a_mail_with_the_return_code_lies_on_the_case_page(asked, folder, at_desk):
    code = returning.code(asked)
    drop(folder, "1.eml", mail(f"Re: {code}", "Anbei der Schein.", [("Schein.pdf", "application/pdf", samples.pdf())]))
    call_command("intake_poll", "--source", "eml", "--once")
    assert [path.name for path in (folder / "done").iterdir()] == ["1.eml"]
    workers()
    item = InboundItem.objects.get()
    assert (item.state, item.case) == (State.FILED, asked.case)
    page = at_desk.get(reverse("workplace:case", args=[asked.case.public_id])).content.decode()
    assert "Schein.pdf" in page and "Nachricht vom" in page and "Post eingegangen" in page
    asked.refresh_from_db()
    assert asked.answered_at and Case.objects.get(pk=asked.case_id).status == "in_review"


@pytest.mark.slow
def test_an_unknown_mail_is_triaged_and_filed_by_a_clerk(asked, folder, at_desk):
    drop(folder, "2.eml", mail("Eine Frage", "Wo bleibt mein Ausweis? <script>alert(1)</script>"))
    call_command("intake_poll", "--once")
    workers()
    item = InboundItem.objects.get()
    assert item.state == State.TRIAGE
    assert str(item.public_id) in at_desk.get(reverse("intake:queue")).content.decode()
    page = at_desk.get(reverse("intake:item", args=[item.public_id])).content.decode()
    assert "Wo bleibt mein Ausweis? &lt;script&gt;" in page and "(nicht geprüft)" in page
    answer = at_desk.post(reverse("intake:file", args=[item.public_id]), {"ablegen-number": asked.case.number.lower()})
    assert answer.url == reverse("workplace:case", args=[asked.case.public_id])
    assert "Nachricht vom" in at_desk.get(answer.url).content.decode()
    assert at_desk.get(reverse("intake:item", args=[item.public_id])).status_code == 200


@pytest.mark.slow
def test_the_sender_is_told_once_a_day(folder, asked):
    drop(folder, "1.eml", mail("Erste Frage"))
    drop(folder, "2.eml", mail("Zweite Frage"))
    call_command("intake_poll", "--once")
    workers()
    outbox.outbox.clear()
    receipts.sweep_receipts()
    receipts.sweep_receipts()
    (told,) = outbox.outbox
    assert told.to == ["erika@example.org"] and told.extra_headers["Auto-Submitted"] == "auto-replied"
    assert "Frage" not in told.body
