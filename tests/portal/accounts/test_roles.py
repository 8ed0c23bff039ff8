"""Roles are given by somebody else only, their groups come from one command, and every change is on record."""

import io
import json

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.accounts import operators, roles, second_factor
from portal.accounts.models import Role, RoleAssignment, SignIn, User
from portal.audit.models import AuditEntry
from portal.directory.teams.models import TeamMember
from tests.conftest import _person, _team

pytestmark = pytest.mark.django_db


def say(*options: str) -> str:
    out = io.StringIO()
    call_command("roles_seed", *options, stdout=out)
    return out.getvalue()


def test_the_command_makes_four_groups_with_their_permissions_and_nothing_else():
    before = User.objects.count(), RoleAssignment.objects.count()
    assert "Betrieb: neu" in say()
    assert set(Group.objects.values_list("name", flat=True)) == {role.label for role in Role}
    assert (User.objects.count(), RoleAssignment.objects.count()) == before


def test_a_second_run_changes_nothing_and_a_dry_run_stores_nothing():
    assert "Probelauf" in say("--dry-run")
    assert not Group.objects.exists()
    say()
    assert say().splitlines() == [f"{role.label}: unverändert" for role in Role]


def test_what_somebody_added_by_hand_is_named_and_taken():
    say()
    clerks, operator = Group.objects.get(name="Sachbearbeitung"), Group.objects.get(name="Betrieb")
    clerks.permissions.add(operator.permissions.get(codename="view_auditentry"))
    told = json.loads(say("--json"))
    assert told["groups"][0] == {
        "group": "Sachbearbeitung",
        "new": False,
        "added": [],
        "taken": ["audit.view_auditentry"],
    }
    assert not clerks.permissions.filter(codename="view_auditentry").exists()


@pytest.mark.parametrize(("role", "may_not"), [
    (Role.CLERK, {"audit", "accounts", "payments", "outbox", "mailbox", "documents"}),
    (Role.OPERATOR, {"submissions"}),
    (Role.EDITOR, {"cases", "audit", "accounts", "payments", "mailbox", "documents", "appointments"}),
])  # fmt: skip
def test_no_role_reaches_into_what_is_not_its_business(role, may_not):
    labels = {name.partition(".")[0] for name in roles.PERMISSIONS[role]}
    assert not labels & may_not


def test_clerks_answer_questions_and_see_neither_terminals_nor_reports():
    assert {name for name in roles.PERMISSIONS[Role.CLERK] if name.startswith("home.")} == {"home.question"}


def test_operators_see_no_case_and_no_decision():
    assert {name for name in roles.PERMISSIONS[Role.OPERATOR] if name.startswith("cases.")} == {"cases.paper"}


def test_a_name_that_no_model_has_stops_the_command(monkeypatch):
    monkeypatch.setitem(roles.PERMISSIONS, Role.EDITOR, {"directory.servise": ("view",)})
    with pytest.raises(LookupError):
        say()


def test_giving_a_role_opens_the_administration_and_is_on_record(alice, otto):
    assert roles.grant(alice, Role.CLERK, by=otto)
    alice.refresh_from_db()
    assert alice.is_staff and alice.groups.get().name == "Sachbearbeitung"
    entry = AuditEntry.objects.get(action="role.granted")
    assert (entry.subject, entry.actor, entry.data) == (
        f"user:{alice.public_id}",
        str(otto.public_id),
        {"role": "clerk"},
    )
    assert not roles.grant(alice, Role.CLERK, by=otto)
    assert AuditEntry.objects.filter(action="role.granted").count() == 1


def test_nobody_gives_a_role_to_themselves(otto):
    with pytest.raises(roles.OwnRole):
        roles.grant(otto, Role.CLERK, by=otto)
    assert not AuditEntry.objects.filter(action="role.granted").exists()


def test_the_database_refuses_a_gift_to_oneself_too(otto):
    with pytest.raises(IntegrityError, match="role_never_own_gift"), transaction.atomic():
        RoleAssignment.objects.create(user=otto, role=Role.CLERK, granted_by=otto)


def test_taking_the_last_role_closes_the_administration_and_ends_the_sessions(client, clara, otto):
    client.force_login(clara)
    assert client.get("/verwaltung/vorgaenge/").status_code == 200
    assert roles.revoke(clara, Role.CLERK, by=otto)
    assert client.get("/verwaltung/vorgaenge/").status_code == 302
    assert not User.objects.get(pk=clara.pk).is_staff
    assert AuditEntry.objects.get(action="role.revoked").actor == str(otto.public_id)
    assert not roles.revoke(clara, Role.CLERK, by=otto)


# --- in the admin


@pytest.fixture
def operator(client, otto):
    roles.seed()
    roles.revoke(otto, Role.OPERATOR, by=None)
    roles.grant(otto, Role.OPERATOR, by=None)
    client.force_login(User.objects.get(pk=otto.pk))
    return client


def test_an_operator_gives_and_takes_a_role_in_the_admin(operator, alice):
    add = reverse("admin:accounts_roleassignment_add")
    assert operator.post(add, {"email": alice.email, "role": "clerk"}).status_code == 302
    row = RoleAssignment.objects.get(user=alice)
    assert (row.role, row.granted_by.email) == ("clerk", "otto@stadt.invalid")
    operator.post(reverse("admin:accounts_roleassignment_delete", args=[row.pk]), {"post": "yes"})
    assert not RoleAssignment.objects.filter(user=alice).exists()
    assert list(
        AuditEntry.objects.filter(action__startswith="role.", subject=f"user:{alice.public_id}").values_list(
            "action", flat=True
        )
    ) == ["role.granted", "role.revoked"]


def test_the_admin_refuses_ones_own_role_with_a_sentence(operator, otto):
    add = reverse("admin:accounts_roleassignment_add")
    answer = operator.post(add, {"email": otto.email, "role": "clerk"})
    assert "Die eigene Rolle gibt nur jemand anderes" in answer.content.decode()
    assert not otto.roles.filter(role=Role.CLERK).exists()


def act(client, action: str, *people: User):
    data = {"action": action, "_selected_action": [user.pk for user in people]}
    return client.post(reverse("admin:accounts_user_changelist"), data, follow=True).content.decode()


def test_stopping_an_account_ends_its_session_at_once(operator, clara):
    from django.test import Client

    other = Client()
    other.force_login(clara)
    assert "Konten gesperrt: 1." in act(operator, "deactivate", clara)
    assert other.get("/verwaltung/vorgaenge/").status_code == 302
    assert not SignIn.objects.filter(user=clara).exclude(session_key="").exists()
    assert "Konten geöffnet: 1." in act(operator, "activate", clara)


@pytest.mark.parametrize("action", ["deactivate", "reset_second_factor"])
def test_operators_leave_their_own_account_to_a_colleague(operator, otto, action):
    assert operators and "nur jemand anderes" in act(operator, action, otto)
    assert User.objects.get(pk=otto.pk).is_active


def test_a_lost_device_is_reset_by_an_operator(operator, clara):
    from portal.accounts import demo_factor

    demo_factor.set_up(clara)
    assert "Konten zurückgesetzt: 1." in act(operator, "reset_second_factor", clara)
    assert not second_factor.is_on(clara)


def test_operators_list_and_end_sessions_of_staff_but_see_no_citizens(operator, clara, alice):
    from django.test import Client

    for user in (clara, alice):
        Client().force_login(user)
    page = operator.get(reverse("admin:accounts_signin_changelist")).content.decode()
    assert "Clara Claußen" in page and "Alice Ammer" not in page
    row = SignIn.objects.get(user=clara)
    operator.post(reverse("admin:accounts_signin_changelist"), {"action": "end", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.session_key == "" and row.ended_at


@pytest.mark.parametrize("who", ["clara", "theo", "edda"])
def test_nobody_else_of_staff_sees_accounts_roles_sessions_and_the_record(client, request, who):
    client.force_login(request.getfixturevalue(who))
    for name in (
        "accounts_user",
        "accounts_roleassignment",
        "accounts_signin",
        "audit_auditentry",
        "outbox_outboxmessage",
    ):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403, name


def test_the_record_tells_operators_nothing_of_what_was_decided(operator):
    AuditEntry.objects.create(action="case.decided", subject="case:1", actor="x", data={"kind": "refused"})
    entry = AuditEntry.objects.get(action="case.decided")
    page = operator.get(reverse("admin:audit_auditentry_change", args=[entry.pk])).content.decode()
    assert "case.decided" in page and "refused" not in page
    assert "refused" not in operator.get(reverse("admin:audit_auditentry_changelist")).content.decode()


def test_a_team_is_made_in_the_admin_and_who_joins_is_on_record(operator, clara):
    team = _team()
    page = reverse("admin:directory_team_change", args=[team.pk])
    member = TeamMember.objects.get(user=clara)
    data = {
        "name": team.name, "office": team.office_id, "is_active": "on",
        "forms-TOTAL_FORMS": 0, "forms-INITIAL_FORMS": 0,
        "members-TOTAL_FORMS": 1, "members-INITIAL_FORMS": 1, "members-0-id": member.pk, "members-0-team": team.pk,
        "members-0-user": clara.pk, "members-0-DELETE": "on",
    }  # fmt: skip
    assert operator.post(page, data).status_code == 302
    assert not TeamMember.objects.filter(user=clara).exists()
    assert AuditEntry.objects.get(action="team.left").subject == f"user:{clara.public_id}"


def test_an_operator_cannot_put_themselves_into_a_team(operator, otto):
    team = _team()
    roles.grant(otto, Role.CLERK, by=None)
    data = {
        "name": team.name, "office": team.office_id, "is_active": "on",
        "forms-TOTAL_FORMS": 0, "forms-INITIAL_FORMS": 0,
        "members-TOTAL_FORMS": 1, "members-INITIAL_FORMS": 0, "members-0-team": team.pk, "members-0-user": otto.pk,
    }  # fmt: skip
    answer = operator.post(reverse("admin:directory_team_change", args=[team.pk]), data)
    assert "trägt Sie nur jemand anderes" in answer.content.decode()
    assert not TeamMember.objects.filter(user=otto).exists()


def test_teams_are_not_made_by_leads_and_clerks(client, theo):
    roles.seed()
    roles.grant(theo, Role.TEAM_LEAD, by=None)
    client.force_login(theo)
    assert client.get(reverse("admin:directory_team_add")).status_code == 403
    assert _person("Nina", "Neu").is_staff is False
