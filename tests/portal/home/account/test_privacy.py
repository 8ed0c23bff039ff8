"""Who saw what, all of it to take away, and the end of the account."""

import datetime as dt
import io
import json
import os
import threading
import time
import zipfile

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from appointments.models import Appointment
from forms_engine.cases import fees, flow, readings
from forms_engine.cases.models import Case
from forms_engine.definitions.queries import current_version
from forms_engine.submissions import actions as submissions
from forms_engine.submissions.models import Draft
from mailbox import actions as mailbox
from mailbox.models import Mailbox, Message, Notice
from portal.accounts import mandates, profile
from portal.accounts.identity.models import ExternalIdentity
from portal.accounts.levels import TrustLevel
from portal.accounts.models import Evidence, MandateKind, PersonDatum, PersonKey, Scope, SignIn, User
from portal.accounts.parties import companies, wards
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.common.crypto import KeyDestroyed
from portal.documents.scans import queue as scans
from portal.home.account import dossier, farewell
from tests import make
from tests.portal.accounts.identity.conftest import key_folder, providers_on  # noqa: F401 - fixtures
from tests.portal.accounts.parties.test_companies import FACTS

PASSWORD = "ein gutes Kennwort"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"


def signed_in(user, *, proven=False) -> Client:
    client = Client()
    EmailAddress.objects.get_or_create(user=user, email=user.email, primary=True, verified=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    if proven:
        client.post("/konto/reauthenticate/", {"password": PASSWORD})
    return client


def unpacked(user) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(dossier.stream(user))))


# --- access log ---


@pytest.mark.slow
def test_what_a_clerk_opens_stands_in_the_persons_log_and_only_there(alice, bob, clara):
    case, clerk = make.case(alice), signed_in(clara)
    file = case.submission.files.get()
    clerk.get(f"/verwaltung/vorgaenge/{case.public_id}/")
    clerk.get(f"/verwaltung/vorgaenge/{case.public_id}/")
    clerk.get(f"/verwaltung/vorgaenge/{case.public_id}/anlage/{file.public_id}/")
    page = signed_in(alice).get("/konto/daten/zugriffe/").content.decode()
    assert page.count("Vorgang angesehen") == 1 and page.count("Unterlage geöffnet") == 1
    assert case.number in page and "Clara" not in page
    assert "Bisher hat niemand" in signed_in(bob).get("/konto/daten/zugriffe/").content.decode()


@pytest.mark.slow
def test_looks_of_agents_strangers_and_operators_are_named_as_such(alice, bob, otto):
    mandates.establish(alice, bob, mandates.Terms(MandateKind.PROXY, Scope.ALL), Evidence.INVITED)
    draft = make.draft(bob)
    Draft.objects.filter(pk=draft.pk).update(acting_for=alice)
    case = flow.submit(Draft.objects.get(pk=draft.pk), by=bob)
    make.work()
    letter = Message.objects.get(mailbox__user=alice)
    his, admin = signed_in(bob), signed_in(otto)
    his.get(f"/vorgaenge/{case.public_id}/")
    his.get(f"/postfach/{letter.public_id}/")
    Client().post("/stand/", {"number": case.number, "code": case.fresh_code})
    assert admin.get(f"/verwaltung/payments/receivable/{case.receivable.pk}/change/").status_code == 200
    told = [(str(r.who).partition(", Komm")[0], str(r.what)) for r in readings.page(alice).readings]
    assert told == [
        ("Kreisverwaltungsreferat", "Zahlung angesehen"),
        ("ohne Anmeldung, mit Ihrem Statuscode", "Stand mit dem Statuscode abgefragt"),
        ("Bob Brenner", "Nachricht geöffnet"),
        ("Bob Brenner", "Vorgang angesehen"),
    ]


def test_what_the_profile_put_into_a_form_is_told(alice):
    make.catalogue()
    draft = submissions.start_draft(alice, current_version(make.FORM))
    submissions.save_page(draft, "anliegen", {"anliegen": "neu"}, expected_version=0)
    client = signed_in(alice)
    for page, values in list(make.NEW_PERMIT.items())[1:3]:
        submissions.save_page(Draft.objects.get(), page, values, expected_version=9)
    client.get(f"/antrag/{draft.public_id}/person/")
    [entry] = readings.page(alice).readings
    assert (str(entry.who), str(entry.why)) == ("Sie selbst", "Ausfüllen eines Antrags")


@pytest.mark.slow
def test_old_looks_are_found_page_by_page_and_no_key_is_a_page(alice, clara):
    case = make.case(alice)
    day = dt.timedelta(days=1)
    for number in range(readings.PAGE + 5):
        with clock.frozen(clock.now() - 3650 * day + number * day):
            AuditEntry.objects.create(action="case.read", subject=f"case:{case.public_id}", actor=str(clara.public_id))
    first = readings.page(alice)
    second = readings.page(alice, first.older)
    assert (len(first.readings), len(second.readings), second.older) == (readings.PAGE, 5, None)
    assert len(readings.everything(alice)) == readings.PAGE + 5
    client = signed_in(alice)
    for key in (str(first.older), "x", "9" * 40, "-1"):
        assert client.get("/konto/daten/zugriffe/", {"vor": key}).status_code == 200


# --- export ---


def test_every_row_that_names_a_person_is_taken_away_or_known_to_hold_nothing():
    """A new model that points at a person has to be put into the archive, or here with its reason."""
    named = {
        f"{model._meta.app_label}.{model.__name__}"
        for model in apps.get_models()
        if any(f.is_relation and f.related_model is User for f in model._meta.get_fields() if f.concrete)
    }
    assert named - IN_THE_ARCHIVE == set(WITHOUT_CONTENT)


IN_THE_ARCHIVE = {
    *("accounts.Consent", "accounts.Mandate", "accounts.Matter", "accounts.Company", "accounts.PersonDatum"),
    *("accounts.Preferences", "accounts.SignIn", "accounts.ExternalIdentity", "mfa.Authenticator"),
    *("submissions.Draft", "submissions.Submission", "cases.Case", "cases.CaseDocument"),
    *("mailbox.Mailbox", "mailbox.Message", "payments.Receivable", "appointments.Appointment"),
    *("home.Question", "topics.Reader", "exchange.Room"),
}
WITHOUT_CONTENT = {
    "accounts.AccountMerge": "two accounts of the same person; its deeds are in the record",
    "topics.Issue": "names the editors",
    "definitions.Pause": "names the editor",
    "mailbox.EmergencyLook": "names the staff; the owner's log shows it with its reason",
    "mailbox.Export": "lives a day; holds what is in the archive",
    "cases.LetterTemplate": "names the clerks who wrote and published it",
    "cases.DecisionRun": "names the clerks who prepared and approved it",
    "cases.Deputy": "days at work",
    "cases.LetterPreview": "lives an hour, sealed under a key of its own",
    "directory.TeamMember": "a place at work",
    "fim.FimSource": "names the editor",
    "account.EmailAddress": "the address stands among the facts of the account",
    "accounts.KeptPost": "lives an hour, sealed under a ticket only the browser has",
    "accounts.PendingSignIn": "lives fifteen minutes",
    "accounts.PersonKey": "the key that opens what is in the archive",
    "accounts.RoleAssignment": "a role at work",
    "admin.LogEntry": "a deed at work",
    "cases.CaseDate": "names the clerk; the city's own day",
    "cases.CaseLink": "names the clerk",
    "cases.CaseNote": "names the clerk; inner notes, sealed with the key of the case",
    "cases.CaseParty": "names the clerk; who else takes part, sealed with the key of the case",
    "cases.CaseTask": "names the clerk; work, sealed with the key of the case",
    "cases.ChecklistTick": "names the clerk",
    "cases.Replacement": "names the clerk",
    "cases.SavedFilter": "a clerk's view of the queue",
    "cases.Decision": "names the clerk; the letter is in the archive",
    "cases.DocumentRequest": "names the clerk; the letter is in the archive",
    "cases.Disposal": "names the staff who let a case go",
    "intake.InboundItem": "names the clerk; what was filed is among the documents of the case",
    "definitions.FormVersion": "names the editor",
    "definitions.DraftRevision": "names the editor",
    "definitions.ReplayCase": "names the editor; the answers are invented",
    "cases.Proposal": "names the clerk; what became of it is in the archive",
    "submissions.RegisterEntry": "the sample register of the demo; a real one stands elsewhere and answers for itself",
    "socialaccount.SocialAccount": "not used: see ExternalIdentity",
}


def test_the_archive_holds_everything_of_the_person_and_nothing_of_others(alice, bob):
    profile.record(alice, source="bundid", data={"birth_date": ("1985-04-03", TrustLevel.HIGH)})
    case, other = make.case(alice), make.case(bob)
    assert scans.scan(case.submission.files.get().stored_id)
    with unpacked(alice) as archive:
        assert archive.testzip() is None
        text = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".json"))
        files = [name for name in archive.namelist() if name.startswith("vorgaenge/")]
        assert [archive.read(name)[:5] for name in files] == [b"%PDF-"]
    assert case.number in text and "M-AB 1234" in text and "1985-04-03" in text
    assert other.number not in text and "bob@stadt.invalid" not in text
    assert str(other.submission.files.get().public_id) not in str(files)


def test_secrets_are_in_no_archive(alice):
    signed_in(alice)
    with unpacked(alice) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert alice.password not in text and SignIn.objects.get().session_key not in text


def test_what_was_destroyed_is_named(alice):
    case = make.case(alice)
    type(case.submission).objects.filter(pk=case.submission_id).update(wrapped_key=None)
    with unpacked(alice) as archive:
        assert json.loads(archive.read("vorgaenge.json"))[0]["antworten"] == "gelöscht"


def test_the_download_asks_for_the_password_first_and_leaves_a_trace(alice):
    client = signed_in(alice)
    assert client.post("/konto/daten/herunterladen/").url.startswith("/konto/reauthenticate/")
    client = signed_in(alice, proven=True)
    response = client.post("/konto/daten/herunterladen/")
    assert response["Content-Type"] == "application/zip" and "no-store" in response["Cache-Control"]
    assert zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))).testzip() is None
    assert AuditEntry.objects.filter(action="account.exported", actor=str(alice.public_id)).count() == 1


def test_the_command_writes_a_file_that_only_its_owner_reads(alice, tmp_path, capsys):
    out = tmp_path / "alice.zip"
    call_command("users_export", str(alice.public_id), out=out)
    assert zipfile.is_zipfile(out) and os.stat(out).st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="gibt es nicht"):
        call_command("users_export", "niemand@stadt.invalid")


# --- deletion ---


def test_an_account_with_an_open_case_is_refused_with_its_number(alice):
    case = make.case(alice)
    page = signed_in(alice, proven=True).get("/konto/loeschen/").content.decode()
    assert "Ihr Konto wird noch gebraucht" in page and case.number in page and "Bezahlen Sie zuerst" in page
    assert signed_in(alice, proven=True).post("/konto/loeschen/").status_code == 409
    with pytest.raises(CommandError, match="wird noch gebraucht"):
        call_command("users_delete", alice.email)
    alice.refresh_from_db()
    assert alice.is_active and alice.email == "alice@stadt.invalid"


def test_clerks_are_not_deleted_here(clara):
    assert farewell.obstacles(clara) == ["Ihr Konto gehört zu Ihrem Arbeitsplatz. Wenden Sie sich an den Betrieb."]


def test_deleting_asks_first_and_ends_every_session(alice):
    here, there = signed_in(alice, proven=True), signed_in(alice)
    assert "Möchten Sie Ihr Konto löschen?" in here.get("/konto/loeschen/").content.decode()
    assert here.post("/konto/loeschen/").url == "/konto/geloescht/"
    assert there.get("/konto/uebersicht/").status_code == 302
    assert "Ihr Konto ist gelöscht" in here.get("/konto/geloescht/").content.decode()
    assert not Client().login(email="alice@stadt.invalid", password=PASSWORD)


def test_after_deletion_nothing_personal_can_be_read(alice):
    profile.record(alice, source="bundid", data={"birth_date": ("1985-04-03", TrustLevel.HIGH)})
    draft = make.draft(alice)
    signed_in(alice)
    farewell.delete(alice, by="system:test")
    alice.refresh_from_db()
    draft.refresh_from_db()
    assert (alice.given_name, alice.family_name, alice.is_active) == ("", "", False)
    assert "alice" not in alice.email and not alice.has_usable_password()
    assert not any(rows.objects.filter(user=alice).exists() for rows in (SignIn, PersonDatum, EmailAddress))
    assert PersonKey.objects.get(user=alice).wrapped_key is None
    with pytest.raises(KeyDestroyed):
        draft.open_sealed()
    assert AuditEntry.objects.filter(action="account.deleted", subject=f"user:{alice.public_id}").count() == 1


def posted(user):
    with transaction.atomic():
        return mailbox.post(recipient=user, sender="Amt", subject="Gruß", body="Hallo", thread="x")


def test_a_postbox_without_case_files_is_destroyed_and_no_notice_goes_out(alice):
    posted(alice)
    farewell.delete(alice, by="system:test")
    assert Mailbox.objects.get().wrapped_key is None
    assert [(n.address, n.state) for n in Notice.objects.all()] == [("", "dropped")]


def test_closed_case_files_stay_with_their_messages_under_a_pseudonym(alice):
    case = make.case(alice)
    flow.withdraw(case, by=alice)
    fees.cancel(Case.objects.get())
    posted(alice)
    farewell.delete(alice, by="system:test")
    kept = Case.objects.get()
    assert kept.number == case.number and str(kept.applicant).startswith("geloescht-")
    assert Mailbox.objects.get().wrapped_key is not None


def test_a_child_for_whom_nobody_else_acts_goes_with_the_account(alice, bob):
    born = clock.today() - dt.timedelta(days=3000)
    alone = wards.declare_child(alice, "Anna", "Ammer", born).principal
    shared = wards.declare_child(alice, "Emil", "Ammer", born).principal
    mandates.establish(shared, bob, wards.GUARDIAN, Evidence.CHECKED)
    farewell.delete(alice, by="system:test")
    alone.refresh_from_db()
    shared.refresh_from_db()
    assert (alone.given_name, alone.is_active, PersonDatum.objects.filter(user=alone).count()) == ("", False, 0)
    assert (shared.given_name, mandates.may_act(bob, shared, Scope.ALL)) == ("Emil", True)


def test_the_last_owner_of_a_company_is_needed(alice):
    companies.found(alice, "Bäckerei Ammer", FACTS)
    with pytest.raises(farewell.Refused, match="Bäckerei Ammer"):
        farewell.delete(alice, by="system:test")


def test_deleting_twice_changes_nothing_and_dry_runs_never_do(alice, capsys):
    call_command("users_delete", alice.email, dry_run=True)
    assert User.objects.get(pk=alice.pk).is_active
    call_command("users_delete", str(alice.public_id))
    call_command("users_delete", str(alice.public_id))
    assert AuditEntry.objects.filter(action="account.deleted").count() == 1


def test_a_crash_in_the_middle_leaves_the_account_whole(alice, monkeypatch):
    profile.record(alice, source="bundid", data={"birth_date": ("1985-04-03", TrustLevel.HIGH)})

    def crash(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("portal.home.account.farewell.audit.record", crash)
    with pytest.raises(RuntimeError):
        farewell.delete(alice, by="system:test")
    alice.refresh_from_db()
    assert alice.is_active and profile.of(alice)[-2].value
    assert not Appointment.objects.exists()


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("slow", [False, True])
def test_what_is_sent_while_the_account_is_deleted_is_not_lost(alice, monkeypatch, slow):
    draft, sent, asked = make.draft(alice), threading.Event(), farewell.obstacles
    if slow:  # the sender commits after the question what still runs was answered
        monkeypatch.setattr(farewell, "obstacles", lambda user: [asked(user), time.sleep(1)][0])

    def send():
        with transaction.atomic():
            flow.submit(draft, by=alice)
            sent.set()
            time.sleep(0.5)
        connection.close()

    thread = threading.Thread(target=send)
    thread.start()
    sent.wait()
    with pytest.raises(farewell.Refused):
        farewell.delete(alice, by="system:test")
    thread.join()
    assert Case.objects.get().applicant.is_active


# --- accounts without a password ---


@pytest.fixture
def passwordless(alice, providers_on):  # noqa: F811 - the fixture
    alice.set_unusable_password()
    alice.save()
    ExternalIdentity.objects.create(user=alice, provider="bayernid", subject="a", level=TrustLevel.HIGH)
    return alice


def came_by_provider(user, minutes: int) -> Client:
    client = Client()
    client.force_login(user)
    session, at = client.session, clock.now() - dt.timedelta(minutes=minutes)
    session["identity_sign_ins"] = [{"provider": "bayernid", "level": 3, "at": at.isoformat()}]
    session.save()
    return client


def test_without_a_password_a_new_sign_in_at_the_provider_is_asked_for(passwordless):
    late = came_by_provider(passwordless, 6)
    for path in ("/konto/daten/herunterladen/", "/konto/loeschen/"):
        assert late.post(path)["Location"] == "/konto/identitaet/nachweis/"
    passwordless.refresh_from_db()
    assert passwordless.is_active and not AuditEntry.objects.filter(action="account.exported").exists()


def test_without_a_password_the_export_goes_on_where_it_was_asked_for(passwordless):
    client = came_by_provider(passwordless, 6)
    client.post("/konto/daten/herunterladen/")
    way = client.session["identity_demand"]["next"]
    session = client.session
    session["identity_sign_ins"] = [{"provider": "bayernid", "level": 3, "at": clock.now().isoformat()}]
    session.save()
    assert 'action="/konto/daten/herunterladen/"' in client.get(way).content.decode()
    assert client.post("/konto/daten/herunterladen/")["Content-Type"] == "application/zip"
