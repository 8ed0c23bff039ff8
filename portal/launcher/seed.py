"""The demo city: people who can sign in, their roles, and what each app brings along. May run again and again.

To add something, write a command or function that may run twice and name it in STEPS.
"""

import io

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from portal.accounts.models import Role, RoleAssignment, User
from portal.launcher.people import PASSWORD, PEOPLE, Person

# What a role sees in the admin, by app label. Seeing is not changing: changes go through each app's own actions.
SEES: dict[Role, tuple[str, ...]] = {
    Role.CLERK: ("cases", "submissions", "documents", "payments", "appointments", "mailbox", "directory"),
    Role.TEAM_LEAD: ("definitions",),
    Role.OPERATOR: ("outbox", "audit", "accounts"),
    Role.EDITOR: ("definitions", "directory", "home"),
}
# Master data that a role keeps itself in the admin, by app label.
KEEPS: dict[Role, tuple[str, ...]] = {Role.EDITOR: ("directory",)}
# In this order: a command with its arguments, or the dotted path of a function.
STEPS: tuple[tuple[str, ...] | str, ...] = (
    ("directory_seed",),
    ("forms_publish", "--catalogue"),
    "appointments.actions.seed_demo",
)


def seed() -> None:
    with transaction.atomic():
        groups = {role.value: _group(role) for role in Role}
        for person in PEOPLE:
            _account(person, [groups[role] for role in person.roles])
    for step in STEPS:
        _take(step)


def _take(step: tuple[str, ...] | str) -> None:
    if isinstance(step, str):
        import_string(step)()
    else:
        call_command(*step, stdout=io.StringIO())


def _group(role: Role) -> Group:
    group, _ = Group.objects.get_or_create(name=role.label)
    sees = Q(codename__startswith="view_", content_type__app_label__in=SEES.get(role, ()))
    keeps = Q(content_type__app_label__in=KEEPS.get(role, ()))
    group.permissions.set(Permission.objects.filter(sees | keeps))
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
