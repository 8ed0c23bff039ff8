"""A company has members with roles, and always an owner until it is closed; also when two leave at the same moment."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from portal.accounts import mandates
from portal.accounts.models import CompanyRole, Evidence, Mandate, MandateKind, Scope, User
from portal.accounts.parties import companies
from portal.accounts.parties.models import Company
from tests.portal.accounts.test_mandates import signed_in

FACTS = {
    "legal_form": "gmbh",
    "register_court": "Amtsgericht München",
    "register_number": "HRB 123456",
    "vat_id": "DE123456789",
    "street": "Marienplatz 1",
    "postcode": "80331",
    "place": "München",
}


@pytest.fixture
def bakery(alice) -> Company:
    return companies.found(alice, "Bäckerei Ammer", FACTS)


def joined(company: Company, user: User, role=CompanyRole.MEMBER, scope=Scope.ALL, services=()) -> Mandate:
    terms = mandates.Terms(MandateKind.COMPANY, scope, services, role=role)
    return mandates.establish(company.account, user, terms, Evidence.INVITED)


def membership(company: Company, user: User) -> Mandate:
    return Mandate.objects.get(principal=company.account, agent=user, revoked_at=None)


def test_from_founding_to_a_member_who_acts(alice, bob, mailoutbox):
    hers, his = signed_in(alice), signed_in(bob)
    page = hers.post("/konto/unternehmen/neu/", {"name": "Bäckerei Ammer", **FACTS}, follow=True)
    path = page.redirect_chain[-1][0]
    assert "Inhaber*in" in page.content.decode() and "HRB 123456" in page.content.decode()
    wish = {"address": bob.email, "role": "member", "scope": "all"}
    assert "Die Einladung ist unterwegs" in hers.post(f"{path}einladen/", wish, follow=True).content.decode()
    mandates.sweep_invitations()
    link = mailoutbox[0].body.split("http", 1)[1].split()[0].split("/", 3)[3]
    assert "Bäckerei Ammer" not in mailoutbox[0].body
    assert his.get(path).status_code == 404
    his.post(f"/{link}", {"antwort": "ja"})
    assert "Mitglied" in his.get(path).content.decode()
    number = membership(Company.objects.get(), bob).public_id
    acting = his.post("/konto/vertretung/handeln/", {"vertretung": number}, follow=True).content.decode()
    assert "Sie handeln für <strong>Bäckerei Ammer</strong>" in acting


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Geben Sie den Namen des Unternehmens ein"),
        ({"legal_form": ""}, "Wählen Sie die Rechtsform"),
        ({"register_number": ""}, "Geben Sie die Registernummer ein"),
        ({"legal_form": "gbr", "register_court": ""}, "Geben Sie das Registergericht ein"),
        ({"vat_id": "123"}, "Die Nummer beginnt mit zwei Buchstaben"),
    ],
)
def test_what_is_missing_is_said(alice, wrong, sentence):
    page = signed_in(alice).post("/konto/unternehmen/neu/", {"name": "X", **FACTS, **wrong}).content.decode()
    assert sentence in page and not Company.objects.exists()


def test_the_last_owner_neither_leaves_nor_steps_down(bakery, alice, bob):
    own = membership(bakery, alice)
    joined(bakery, bob, CompanyRole.ADMIN)
    with pytest.raises(companies.Refused):
        companies.end(own, by=alice)
    with pytest.raises(companies.Refused):
        companies.give_role(own, CompanyRole.MEMBER, by=alice)
    companies.give_role(membership(bakery, bob), CompanyRole.OWNER, by=alice)
    companies.end(own, by=alice)
    assert companies.of(alice) == [] and companies.only_owned_by(bob) == ["Bäckerei Ammer"]


def test_members_change_nobody_admins_members_and_owners_all(bakery, alice, bob, clara):
    member, admin = joined(bakery, bob), joined(bakery, clara, CompanyRole.ADMIN)
    base = f"/konto/unternehmen/{bakery.account.public_id}/"
    his, hers = signed_in(bob), signed_in(clara)
    for verb in ("aendern", "einladen", "schliessen", f"mitglied/{admin.public_id}/beenden"):
        assert his.post(f"{base}{verb}/").status_code == 404, verb
    assert hers.get(f"{base}schliessen/").status_code == 404
    with pytest.raises(companies.Refused):
        companies.give_role(member, CompanyRole.ADMIN, by=clara)
    with pytest.raises(companies.Refused):
        companies.end(membership(bakery, alice), by=clara)
    hers.post(f"{base}mitglied/{member.public_id}/beenden/")
    assert companies.of(bob) == []


def test_an_admin_invites_members_only(bakery, clara):
    joined(bakery, clara, CompanyRole.ADMIN)
    path = f"/konto/unternehmen/{bakery.account.public_id}/einladen/"
    signed_in(clara).post(path, {"address": "x@y.de", "role": "owner", "scope": "all"})
    assert Mandate.objects.get(agent=None).role == CompanyRole.MEMBER
    with pytest.raises(companies.Refused):
        companies.invite(bakery, "x@y.de", CompanyRole.OWNER, Scope.ALL, [], by=clara)


def test_nobody_is_a_member_twice(bakery, bob):
    joined(bakery, bob)
    second = mandates.invite(bakery.account, bob.email, companies._terms(CompanyRole.ADMIN))
    assert mandates.accept(second, by=bob) is False
    with pytest.raises(IntegrityError, match="mandate_member_once"), transaction.atomic():
        joined(bakery, bob)


def test_closing_ends_all_memberships_and_invitations(bakery, alice, bob):
    joined(bakery, bob)
    open_invitation = mandates.invite(bakery.account, "x@y.de", companies._terms(CompanyRole.MEMBER))
    path = f"/konto/unternehmen/{bakery.account.public_id}/schliessen/"
    assert "ist geschlossen" in signed_in(alice).post(path, {"schliessen": "1"}, follow=True).content.decode()
    assert companies.of(alice) == companies.of(bob) == []
    open_invitation.refresh_from_db()
    assert not open_invitation.holds and not User.objects.get(pk=bakery.account_id).is_active


def test_the_database_lets_no_company_sign_in(bakery):
    account = bakery.account
    account.set_password("ein gutes Kennwort")
    with pytest.raises(IntegrityError, match="user_only_people_sign_in"), transaction.atomic():
        account.save()


@pytest.mark.parametrize(
    "wrong",
    [{"legal_form": "x"}, {"register_number": ""}, {"register_court": "", "register_number": ""}, {"vat_id": "1"}],
)
def test_the_database_refuses_impossible_companies(bakery, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Company.objects.update(**wrong)


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays(alice, bob):
    bakery = companies.found(alice, "Bäckerei Ammer", FACTS)
    joined(bakery, bob, CompanyRole.OWNER)
    start, refused = threading.Barrier(2), []

    def leave(user):
        start.wait()
        try:
            companies.end(membership(bakery, user), by=user)
        except companies.Refused:
            refused.append(user)
        connection.close()

    threads = [threading.Thread(target=leave, args=[user]) for user in (alice, bob)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(refused) == 1
    assert companies.only_owned_by(refused[0]) == ["Bäckerei Ammer"]
