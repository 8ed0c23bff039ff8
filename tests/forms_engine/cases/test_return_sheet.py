"""The page to print and put on top of papers: only for whose case it is, and only while something is asked for."""

import pytest
from django.urls import reverse

from forms_engine.cases import flow, returning
from tests.forms_engine.submissions.conftest import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(paid_case, clara):
    return flow.request_documents(paid_case, text="Den Schein.", by=clara)


def test_it_shows_the_code_as_words_and_as_a_picture(asked, alice):
    page = client_of(alice).get(reverse("cases:return_sheet", args=[asked.case.public_id])).content.decode()
    assert returning.code(asked) in page and "<svg" in page and "Ruppertstraße 19" in page


def test_nobody_else_sees_it(asked, bob):
    assert client_of(bob).get(reverse("cases:return_sheet", args=[asked.case.public_id])).status_code == 404


def test_once_nothing_is_asked_it_leads_back_to_the_case(paid_case, alice):
    answer = client_of(alice).get(reverse("cases:return_sheet", args=[paid_case.public_id]))
    assert answer.url == reverse("cases:case", args=[paid_case.public_id])


def test_the_message_in_the_postbox_names_the_code(asked, alice):
    from mailbox import queries as mailbox

    [letter] = [one for one in mailbox.thread_messages(asked.case.thread) if "brauchen noch" in one.subject]
    assert returning.code(asked) in letter.body
