"""Reports without an account: number and code on the page after sending, a mail without content, no postbox."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from forms_engine.cases import flow, post, strangers
from forms_engine.cases.models import Case
from forms_engine.definitions import replay
from forms_engine.submissions import actions
from mailbox.models import Message
from payments.models import Receivable
from portal.common import clock
from portal.directory.teams.models import Team, TeamForm
from tests import make
from tests.forms_engine.cases import catalogue
from tests.forms_engine.submissions import proofs

pytestmark = pytest.mark.django_db
FORM = "maengelmeldung"


def answers(mail_address: str | None) -> replay.Case:
    sample = catalogue.sample(FORM)
    return sample.model_copy(update={"answers": sample.answers | {"email": mail_address}})


def send(client: Client, mail_address: str | None = None):
    """The page after sending."""
    catalogue.publish(FORM)
    client.post(reverse("submissions:start", args=[FORM]))
    draft = catalogue.fill(actions.Draft.objects.open().get(), answers(mail_address))
    return client.post(
        reverse("cases:check", args=[draft.public_id]), {"stand": draft.version, **proofs.of(draft)}, follow=True
    )


@pytest.fixture
def clerk(clara):
    TeamForm.objects.create(team=Team.objects.get(), slug=FORM)
    return clara


def only_case() -> Case:
    return Case.objects.for_pages().get()


def test_the_page_can_be_opened_again_in_this_session_only(alice):
    visitor, signed_in = Client(), Client()
    place = send(visitor).redirect_chain[-1][0]
    assert visitor.get(place).content.count(only_case().number.encode()) == 1
    signed_in.force_login(alice)
    assert signed_in.get(place).status_code == 404
    assert Client().get(place)["Location"].startswith("/konto/login/")


def test_sending_again_leads_to_the_same_case():
    visitor = Client()
    place = send(visitor).redirect_chain[-1][0]
    draft = actions.Draft.objects.get()
    assert visitor.post(reverse("cases:check", args=[draft.public_id]))["Location"] == place


def test_no_citizen_page_of_the_case_opens_without_an_account():
    visitor = Client()
    send(visitor)
    for name in ("case", "withdraw", "book"):
        answer = visitor.get(reverse(f"cases:{name}", args=[only_case().public_id]))
        assert answer["Location"].startswith("/konto/login/"), name


def test_the_mail_tells_that_there_is_news_and_nothing_else(clerk):
    send(Client(), "alma@example.org")
    case = only_case()
    flow.finish(case, text="Die Lampe ist neu.", by=clerk)
    assert (strangers.sweep_notices(), strangers.sweep_notices()) == (1, 0)
    [sent] = mail.outbox
    assert sent.to == ["alma@example.org"] and "/stand/" in sent.body
    for secret in (case.number, "Lampe", case.title):
        assert secret not in sent.subject + sent.body


def test_who_gave_no_address_gets_no_mail(clerk):
    send(Client())
    flow.finish(only_case(), text="Die Lampe ist neu.", by=clerk)
    assert strangers.sweep_notices() == 0 and mail.outbox == []


def test_nothing_is_posted_and_nothing_asked(clerk):
    send(Client())
    for act in (flow.request_documents, flow.write):
        with pytest.raises(post.NoPostbox), transaction.atomic():
            act(only_case(), text="Bitte …", by=clerk)
    make.work()
    assert only_case().status == "in_review" and not Message.objects.exists()


def test_an_answer_is_given_once_and_ends_the_case(clerk, alice):
    send(Client())
    flow.finish(only_case(), text="Erste", by=clerk)
    with pytest.raises(flow.IllegalTransition):
        flow.finish(only_case(), text="Zweite", by=clerk)
    assert (only_case().answer, only_case().status) == ("Erste", "done")


def test_an_application_cannot_end_without_a_decision(paid_case, clara):
    with pytest.raises(flow.IllegalTransition):
        flow.finish(paid_case, text="Erledigt", by=clara)
    assert Case.objects.get(pk=paid_case.pk).status == "in_review"


def test_the_database_lets_nobody_without_an_account_owe_anything(case):
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(applicant=None)
    assert Receivable.objects.count() == 1


def test_the_code_opens_nothing_long_after_the_end(clerk):
    send(Client())
    flow.finish(only_case(), text="Erste", by=clerk)
    with clock.frozen(clock.now() + flow.codes.ANSWERS_AFTER_END):
        assert flow.codes.look_up(only_case().number, "2222-2222-2222", address="a") is None
