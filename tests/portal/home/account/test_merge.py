"""Two accounts of one person become one, by sign-ins to both, and two again; what cannot go back does not move."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from forms_engine.definitions import actions as definitions
from forms_engine.definitions.queries import current_version
from forms_engine.submissions import actions as drafts
from forms_engine.submissions.models import Draft
from mailbox import actions as mailbox
from portal.accounts import mandates
from portal.accounts.identity.models import UNDO, AccountMerge, ExternalIdentity
from portal.accounts.models import MandateKind, Role, RoleAssignment, Scope, User
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.home.account import farewell
from portal.home.account import merge as merges
from portal.home.account.farewell import Refused
from tests import make
from tests.portal.accounts.identity.conftest import bayernid, bundid, key_folder, providers_on  # noqa: F401 - fixtures
from tests.portal.accounts.identity.peer import password_sign_in

PAGE = "/konto/zusammenlegen/"


@pytest.fixture
def other(bayernid) -> User:  # noqa: F811 - the fixture above
    """The account that somebody opened with BayernID before they remembered the first one."""
    client = Client()
    bayernid.sign_in(client)
    return User.objects.get(pk=client.session["_auth_user_id"])


def _link(client, peer, person=0, way=2):
    """The button "link", with a new sign-in there."""
    question, relay = peer.ask(client, "/konto/identitaet/bayernid/verknuepfen/")
    return peer.send(client, peer.signed(peer.told(question.request_id, person, way)), relay)


def _draft(user: User) -> Draft:
    definitions.publish_catalogue()
    return drafts.start_draft(user, current_version(make.FORM))


@pytest.fixture
def offered(client, alice, other, bayernid):  # noqa: F811 - the fixture above
    password_sign_in(client, alice)
    return _link(client, bayernid)


@pytest.mark.slow
def test_a_link_to_a_known_account_offers_to_join_them_and_changes_nothing(client, offered, alice, other):
    assert offered.redirect_chain[-1][0] == PAGE
    assert "Möchten Sie Ihre zwei Konten zusammenlegen?" in offered.content.decode()
    assert ExternalIdentity.objects.get().user == other and other.is_active
    assert not alice.data.exists(), "nothing that was said about the other account"


@pytest.mark.slow
def test_ways_to_sign_in_and_drafts_move(client, alice, other, offered):
    draft = _draft(other)
    assert client.post(PAGE)["Location"] == "/konto/identitaet/"
    assert ExternalIdentity.objects.get().user == alice
    draft.refresh_from_db()
    assert draft.owner == alice and drafts.save_page(
        draft, "anliegen", {"anliegen": "neu"}, expected_version=draft.version
    )
    other.refresh_from_db()
    assert not other.is_active
    assert AuditEntry.objects.filter(action="account.merged", subject=f"user:{alice.public_id}").count() == 1


@pytest.mark.slow
def test_the_provider_now_opens_the_account_that_was_kept(client, alice, offered, bayernid):  # noqa: F811 - fixture
    client.post(PAGE)
    client.logout()
    bayernid.sign_in(client)
    assert client.session["_auth_user_id"] == str(alice.pk)


@pytest.mark.slow
def test_everything_goes_back(client, alice, other, offered):
    draft = _draft(other)
    client.post(PAGE)
    made = AccountMerge.objects.get()
    page = client.get("/konto/identitaet/").content.decode()
    assert "Rückgängig machen" in page
    assert client.post(f"{PAGE}{made.public_id}/rueckgaengig/")["Location"] == "/konto/identitaet/"
    draft.refresh_from_db()
    other.refresh_from_db()
    assert (draft.owner, ExternalIdentity.objects.get().user, other.is_active) == (other, other, True)
    assert AuditEntry.objects.filter(action="account.merge_undone").count() == 1


@pytest.mark.slow
def test_what_was_sent_meanwhile_stays(client, alice, other, offered, settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"
    draft = make.draft(other)
    client.post(PAGE)
    drafts.discard(Draft.objects.get(pk=draft.pk), by="test")
    merges.undo(AccountMerge.objects.get(), by=alice)
    draft.refresh_from_db()
    assert draft.owner == alice


@pytest.mark.slow
def test_after_thirty_days_there_is_no_way_back_and_the_other_account_goes(client, alice, other, offered):
    client.post(PAGE)
    assert merges.sweep() == 0
    with clock.frozen(clock.now() + UNDO + dt.timedelta(seconds=1)):
        with pytest.raises(Refused, match="Frist"):
            merges.undo(AccountMerge.objects.get(), by=alice)
        assert (merges.sweep(), merges.sweep()) == (1, 0)
    other.refresh_from_db()
    assert other.email.startswith("geloescht-") and AccountMerge.objects.get().finished_at


@pytest.mark.slow
def test_when_the_kept_account_is_deleted_the_other_goes_with_it(client, alice, other, offered):
    client.post(PAGE)
    farewell.delete(alice, by="test")
    assert merges.sweep() == 1
    other.refresh_from_db()
    assert other.email.startswith("geloescht-")


def _with_case(user):
    make.case(user)


def _with_message(user):
    mailbox.post(recipient=user, thread="x:1", sender="Amt", subject="Hallo", body="Text", key="x")


def _with_mandate(user):
    mandates.invite(user, "wer@stadt.invalid", mandates.Terms(MandateKind.PROXY, Scope.ALL))


def _with_role(user):
    RoleAssignment.objects.create(user=user, role=Role.CLERK)


@pytest.mark.parametrize(
    ("burden", "reason"),
    [
        (_with_case, "abgeschickt"),
        (_with_mandate, "vertritt"),
        (_with_role, "Arbeitsplatz"),
    ],
)
@pytest.mark.slow
def test_what_cannot_go_back_does_not_move(client, alice, other, offered, burden, reason, settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"
    burden(other)
    response = client.post(PAGE)
    assert response.status_code == 409 and reason in response.content.decode()
    other.refresh_from_db()
    assert other.is_active and ExternalIdentity.objects.get().user == other
    assert not AccountMerge.objects.exists()


@pytest.mark.slow
def test_two_drafts_of_the_same_form_are_not_mixed(client, alice, other, offered):
    mine, theirs = _draft(alice), _draft(other)
    assert client.post(PAGE).status_code == 409
    assert {d.pk: d.owner for d in Draft.objects.all()} == {mine.pk: alice, theirs.pk: other}


@pytest.mark.slow
def test_a_weaker_sign_in_there_than_ever_before_is_refused(client, alice, other, bayernid):  # noqa: F811 - fixture
    password_sign_in(client, alice)
    assert _link(client, bayernid, way=0).status_code == 400
    assert client.get(PAGE).status_code == 302


def test_nobody_gets_the_page_without_both_sign_ins(client, alice, other):
    password_sign_in(client, alice)
    assert client.post(PAGE)["Location"] == "/konto/identitaet/"
    assert not AccountMerge.objects.exists()


@pytest.mark.slow
def test_the_offer_ends_after_ten_minutes_and_with_the_person(client, alice, bob, other, offered):
    with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
        assert client.get(PAGE).status_code == 302
    session = client.session
    session["identity_merge"] = {**session["identity_merge"], "user": bob.pk}
    session.save()
    assert client.post(PAGE).status_code == 302 and not AccountMerge.objects.exists()


@pytest.mark.slow
def test_nobody_undoes_for_others(client, alice, bob, other, offered):
    client.post(PAGE)
    stranger = Client()
    password_sign_in(stranger, bob)
    path = f"{PAGE}{AccountMerge.objects.get().public_id}/rueckgaengig/"
    assert stranger.post(path).status_code == 404
    assert AccountMerge.objects.get().undone_at is None


@pytest.mark.slow
def test_undo_leaves_nobody_outside(client, alice, other, offered):
    client.post(PAGE)
    ExternalIdentity.objects.all().delete()
    with pytest.raises(Refused, match="gelöst"):
        merges.undo(AccountMerge.objects.get(), by=alice)
    alice.set_unusable_password()
    alice.save()
    with pytest.raises(Refused, match="Passwort"):
        merges.undo(AccountMerge.objects.get(), by=alice)


@pytest.mark.parametrize(
    "name", ["account_merge_needs_two", "account_merge_once_at_a_time", "account_merge_undone_or_finished"]
)
def test_the_database_refuses_what_makes_no_sense(alice, bob, clara, name):
    now = clock.now()
    rows = {
        "account_merge_needs_two": [{"kept": alice, "left": alice}],
        "account_merge_once_at_a_time": [{"kept": alice, "left": bob}, {"kept": clara, "left": bob}],
        "account_merge_undone_or_finished": [{"kept": alice, "left": bob, "undone_at": now, "finished_at": now}],
    }[name]
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        for row in rows:
            AccountMerge.objects.create(**row)


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_two_clicks_merge_once(alice, bob):
    done, barrier = [], threading.Barrier(2)

    def click():
        barrier.wait()
        try:
            done.append(merges.merge(alice, bob))
        except Refused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == AccountMerge.objects.count() == 1
