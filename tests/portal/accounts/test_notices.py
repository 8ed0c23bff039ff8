"""What a person wishes about e-mails and letters takes effect; the notice of a decision goes out whatever they wish."""

import pytest
from django.db import IntegrityError, transaction

from forms_engine.cases import payloads, queries
from forms_engine.cases.models import DecisionKind
from mailbox import actions as mailbox
from mailbox.models import Kind, Message, Notice
from portal.accounts import notices
from portal.accounts.models import Preferences, User
from tests import make
from tests.portal.accounts.test_mandates import signed_in

WISHES = {"language": "de", "tell_new_device": "on", **dict.fromkeys(notices.CHOICES.values(), "now")}


def noticed(user, kind) -> bool:
    with transaction.atomic():
        made = mailbox.post(recipient=user, sender="Amt", subject="x", body="x", thread="x", kind=kind)
    return Notice.objects.filter(message=made).exists()


@pytest.mark.parametrize("kind", [k for k in Kind if k != Kind.DECISION])
def test_each_choice_silences_its_kind_and_only_that(alice, kind):
    wishes = WISHES | {notices.CHOICES[kind]: "none"}
    signed_in(alice).post("/konto/profil/sprache-und-hinweise/", wishes)
    assert {k: noticed(alice, k) for k in Kind} == {k: k != kind for k in Kind}
    assert Message.objects.of(alice).count() == len(Kind)  # everything lies in the postbox


def test_without_any_wish_everything_is_told_and_with_all_off_still_the_decision(alice):
    assert all(noticed(alice, kind) for kind in Kind)
    Preferences.objects.create(user=alice, **dict.fromkeys(notices.CHOICES.values(), "none"))
    assert [kind for kind in Kind if noticed(alice, kind)] == [Kind.DECISION]


@pytest.mark.parametrize("kind", [k for k in Kind if k != Kind.DECISION])
def test_a_kind_may_wait_for_the_mail_of_the_day(alice, kind):
    signed_in(alice).post("/konto/profil/sprache-und-hinweise/", WISHES | {notices.CHOICES[kind]: "daily"})
    assert all(noticed(alice, kind) for kind in Kind)
    assert Notice.objects.exclude(digest_on=None).get().message.kind == kind


def test_the_page_says_what_is_missing_or_unknown(alice):
    for wrong in ("", "weekly"):
        page = signed_in(alice).post("/konto/profil/sprache-und-hinweise/", WISHES | {"mail_message": wrong})
        assert page.status_code == 200
        assert not Preferences.objects.filter(user=alice).exists()


def test_the_database_knows_when_a_mail_may_come(alice):
    with pytest.raises(IntegrityError, match="preferences_mail_message_known"), transaction.atomic():
        Preferences.objects.create(user=alice, mail_message="weekly")


def test_every_kind_but_the_decision_has_a_choice():
    assert set(notices.CHOICES) == set(Kind) - {Kind.DECISION}


@pytest.fixture
def case(alice, settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"
    return make.case(alice)


def test_clerks_read_of_language_and_signs(case, alice, clara):
    assert queries.wishes(case) == []
    Preferences.objects.create(user=alice, language="de-leicht", sign_language=True)
    page = signed_in(clara).get(f"/verwaltung/vorgaenge/{case.public_id}/").content.decode()
    assert "Sprache: Leichte Sprache, Gebärdensprache bei Terminen" in page


@pytest.mark.parametrize("large", [True, False])
def test_decisions_come_in_the_print_that_was_asked_for(case, alice, clara, large):
    Preferences.objects.create(user=alice, large_print=large)
    refused = payloads.Outcome(DecisionKind.REFUSED)
    assert payloads.decision(case, refused, clerk=str(clara))["large_print"] is large


@pytest.mark.parametrize(("model", "wrong"), [(Message, {"kind": "x"}), (Message, {"level": 9}), (User, {"kind": "x"})])
def test_the_database_knows_the_kinds(alice, model, wrong):
    row = Message(mailbox=mailbox.open_mailbox(alice), thread="x", direction="city", sender="x", **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save() if model is Message else User.objects.filter(pk=alice.pk).update(**wrong)
