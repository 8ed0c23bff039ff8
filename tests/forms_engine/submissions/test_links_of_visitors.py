"""Without an account a mailed link takes the draft over into the browser in which it is used: once, for a week."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from forms_engine.submissions import actions, links, visitors
from forms_engine.submissions.models import Draft, ResumeLink
from portal.common import clock
from tests.forms_engine.cases import catalogue

pytestmark = pytest.mark.django_db
FORM, ADDRESS = "maengelmeldung", "wer@stadt.invalid"


@pytest.fixture
def visitor() -> Client:
    catalogue.publish(FORM)
    return beginning()


def beginning() -> Client:
    client = Client()
    client.post(reverse("submissions:start", args=[FORM]))
    return client


@pytest.fixture
def draft(visitor) -> Draft:
    return Draft.objects.get()


def ask(client: Client, draft: Draft, address: str = ADDRESS):
    return client.post(reverse("submissions:send_link", args=[draft.public_id]), {"mail": address})


def mailed() -> str:
    links.sweep_links()
    return re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body)[1]


def sees(client: Client, draft: Draft) -> bool:
    return client.get(reverse("submissions:page", args=[draft.public_id, "gefahr"])).status_code == 200


def test_the_link_brings_the_draft_to_another_browser_and_works_once(visitor, draft):
    assert ask(visitor, draft).status_code == 302
    path, elsewhere = mailed(), Client()
    assert mail.outbox[-1].to == [ADDRESS]
    assert elsewhere.get(path).status_code == 200 and sees(visitor, draft)  # looking moves nothing
    assert elsewhere.post(path)["Location"] == reverse("submissions:draft", args=[draft.public_id])
    assert sees(elsewhere, draft) and not sees(visitor, draft)
    assert Client().post(path).status_code == 404 and sees(elsewhere, draft)


def test_the_page_of_the_form_leads_to_it(visitor, draft):
    page = visitor.get(reverse("submissions:page", args=[draft.public_id, "gefahr"])).content.decode()
    assert reverse("submissions:send_link", args=[draft.public_id]) in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "Geben Sie Ihre E-Mail-Adresse ein"), ("wer(at)stadt", "Geben Sie die E-Mail-Adresse so ein")],
)
def test_an_address_that_is_none_gets_a_sentence_and_no_mail(visitor, draft, typed, sentence):
    answer = ask(visitor, draft, typed)
    assert answer.status_code == 422 and sentence in answer.content.decode() and typed in answer.content.decode()
    assert not ResumeLink.objects.exists()


def test_nobody_else_has_a_link_sent(visitor, draft, alice):
    signed_in = Client()
    signed_in.force_login(alice)
    assert ask(Client(), draft).status_code == 404 and ask(signed_in, draft).status_code == 404
    assert not ResumeLink.objects.exists()


def test_the_address_is_forgotten_once_the_mail_is_gone(visitor, draft):
    ask(visitor, draft)
    mailed()
    link = ResumeLink.objects.get()
    assert bytes(link.sealed) == b"" and ADDRESS not in link.address_hash


def test_an_open_draft_of_the_same_form_is_not_put_aside(visitor, draft):
    ask(visitor, draft)
    path, other = mailed(), beginning()
    answer = other.post(path)
    assert answer.status_code == 409 and "Ihr Link gilt weiter." in answer.content.decode()
    assert sees(visitor, draft) and Client().post(path).status_code == 302


def test_back_in_the_same_browser_it_simply_goes_on(visitor, draft):
    ask(visitor, draft)
    assert visitor.post(mailed()).status_code == 302 and sees(visitor, draft)


def test_the_draft_waits_as_long_as_its_link_is_good(visitor, draft):
    ask(visitor, draft)
    path, begun = mailed(), clock.now()
    with clock.frozen(begun + visitors.KEPT + dt.timedelta(days=5)):
        assert actions.sweep_drafts() == 0
        assert Client().post(path).status_code == 302
        assert actions.sweep_drafts() == 0  # in use again
    with clock.frozen(begun + visitors.KEPT + dt.timedelta(days=6, minutes=1)):
        assert actions.sweep_drafts() == 1


def test_nobody_is_mailed_without_end_by_many_drafts(visitor, draft):
    for _number in range(links.MOST_A_DAY):
        client = beginning()
        links.order(Draft.objects.latest("pk"), ADDRESS.upper())
    with pytest.raises(links.TooMany):
        links.order(draft, ADDRESS)
    answer = ask(client, Draft.objects.latest("pk"))
    assert "schon Links geschickt" in client.get(answer["Location"], follow=True).content.decode()
    assert ResumeLink.objects.count() == links.MOST_A_DAY


def test_a_sent_draft_is_not_handed_on(visitor, draft):
    ask(visitor, draft)
    path = mailed()
    actions.discard(draft, by="system:tests")
    assert Client().post(path).status_code == 404
