"""The demo city: people who can sign in, their roles, and what each app brings along. May run again and again.

To add something, write a command that may run twice and name it in COMMANDS.
"""

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command, get_commands
from django.db import transaction
from django.db.models import Q

from portal.accounts.models import Role, RoleAssignment, User
from portal.launcher.people import PASSWORD, PEOPLE, Person

# What a role sees in the admin, by app label. Seeing is not changing: changes go through each app's own actions.
SEES: dict[Role, tuple[str, ...]] = {
    Role.CLERK: ("cases", "submissions", "documents", "payments", "appointments", "mailbox", "directory"),
    Role.TEAM_LEAD: ("definitions",),
    Role.OPERATOR: ("outbox", "audit", "accounts"),
    Role.EDITOR: ("definitions", "directory"),
}
# In this order; a name nobody has written yet is passed over, so that the parts can be merged one by one.
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("directory_seed",),
    ("appointments_seed",),
    ("forms_seed",),
)


def seed() -> None:
    with transaction.atomic():
        groups = {role.value: _group(role) for role in Role}
        for person in PEOPLE:
            _account(person, [groups[role] for role in person.roles])
    known = get_commands()
    for command in COMMANDS:
        if command[0] in known:
            call_command(*command, verbosity=0)


def _group(role: Role) -> Group:
    group, _ = Group.objects.get_or_create(name=role.label)
    sees = Q(codename__startswith="view_", content_type__app_label__in=SEES.get(role, ()))
    group.permissions.set(Permission.objects.filter(sees))
    return group


def _account(person: Person, groups: list[Group]) -> None:
    user = User.objects.filter(email=person.email).first()
    if user is None:
        names = {"given_name": person.given_name, "family_name": person.family_name}
        user = User.objects.create_user(person.email, PASSWORD, **names, is_staff=bool(person.roles))
    user.groups.set(groups)
    for role in person.roles:
        RoleAssignment.objects.get_or_create(user=user, role=role)
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
