"""A mailed link leads back to the draft: once, for a week, only for the account the draft belongs to."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from forms_engine.submissions import actions, links
from forms_engine.submissions.models import ResumeLink
from portal.common import clock
from tests.forms_engine.submissions.conftest import client_of


def asked(walk) -> str:
    """The path in the mail that was sent for a link the person asked for."""
    walk.client.post(reverse("submissions:send_link", args=[walk.draft.public_id]))
    assert links.sweep_links() == 1
    return re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body)[1]


def test_the_link_works_once_for_the_drafts_account(walk):
    path = asked(walk)
    assert walk.client.get(path).status_code == 200  # looking uses nothing up
    back = walk.client.post(path)
    assert back["Location"] == reverse("submissions:draft", args=[walk.draft.public_id])
    assert walk.client.get(path).status_code == 404
    assert walk.client.post(path).status_code == 404


def test_the_mail_says_nothing_of_the_matter(walk, alice):
    asked(walk)
    sent = mail.outbox[-1]
    assert sent.to == [alice.email]
    said = (sent.subject + re.sub(r"http\S+", "", sent.body)).lower()
    assert not [word for word in ("parkausweis", "alice", "ammer", "antrag") if word in said]


def test_without_a_sign_in_or_for_somebody_else_it_opens_nothing(walk, bob):
    path = asked(walk)
    assert Client().get(path)["Location"].startswith("/konto/")
    assert client_of(bob).get(path).status_code == 404
    assert client_of(bob).post(path).status_code == 404
    assert walk.client.post(path).status_code == 302  # nobody used it up


def test_a_new_link_makes_the_older_one_void_and_three_an_hour_are_enough(walk):
    first, second = asked(walk), asked(walk)
    assert walk.client.get(first).status_code == 404
    assert walk.client.get(second).status_code == 200
    asked(walk)
    with pytest.raises(links.TooMany):
        links.order(walk.draft)


def test_after_a_week_it_is_over(walk):
    path = asked(walk)
    with clock.frozen(clock.now() + links.LIFETIME + dt.timedelta(minutes=1)):
        assert links.find(path.strip("/").split("/")[-1]) is None


def test_a_closed_draft_is_not_opened_and_no_mail_goes_out(walk):
    links.order(walk.draft)
    actions.discard(walk.draft, by="system:tests")
    links.sweep_links()
    assert mail.outbox == []


def test_once_the_mail_is_gone_the_row_opens_nothing(walk):
    asked(walk)
    assert bytes(ResumeLink.objects.get().sealed) == b""


def test_the_database_refuses_a_second_living_link(walk):
    link = links.order(walk.draft)
    with pytest.raises(IntegrityError), transaction.atomic():
        ResumeLink.objects.create(draft=walk.draft, token_hash="x", expires_at=link.expires_at)
