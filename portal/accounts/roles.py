"""The four roles of staff: what each sees in the admin, and how a person gets and loses one.

A role is a row (RoleAssignment) that the house's own doors ask for. Its Django group of the same German name only opens
pages of the admin. Nobody gives a role to themselves; every change stands in the audit chain.
"""

import dataclasses
from collections.abc import Iterable, Mapping

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from portal.accounts import sign_ins
from portal.accounts.models import Role, RoleAssignment, User
from portal.audit import actions as audit
from portal.outbox import relay

VIEW = ("view",)
KEEP = ("view", "add", "change", "delete")
DIRECTORY = ("organisation", "office", "openinghours", "closure", "service", "topic", "lifeevent", "synonym")


def _all(verbs: tuple[str, ...], app: str, *models: str) -> dict[str, tuple[str, ...]]:
    return {f"{app}.{model}": verbs for model in models}


FORMS = _all(VIEW, "definitions", "form", "formversion")
CASES = {
    **_all(VIEW, "cases", "case", "decision", "paper"),
    **_all(VIEW, "appointments", "appointment", "counter", "offering"),
    **_all(VIEW, "directory", "office", "service"),
    **_all(("view", "change"), "home", "question"),
}
# "app.model" -> what. Rows of cases, letters, appointments and questions are narrowed further to the person's teams.
PERMISSIONS: Mapping[Role, Mapping[str, tuple[str, ...]]] = {
    Role.CLERK: CASES,
    Role.TEAM_LEAD: {**CASES, **FORMS, **_all(VIEW, "directory", "team", "teamform", "teammember")},
    Role.OPERATOR: {
        **FORMS,
        **_all(VIEW, "outbox", "outboxmessage"),
        **_all(VIEW, "audit", "auditentry"),
        **_all(VIEW, "accounts", "user", "signin"),
        **_all(("view", "add", "delete"), "accounts", "roleassignment"),
        **_all(KEEP, "directory", "team", "teamform", "teammember"),
        **_all(VIEW, "directory", "office"),
        **_all(KEEP, "appointments", "counter", "offering"),
        **_all(("view", "add", "change"), "home", "terminal"),
        **_all(VIEW, "payments", "receivable", "payment", "posting", "bell", "outboundcall"),
        **_all(VIEW, "mailbox", "mailbox", "message", "notice", "delivery", "dispatch"),
        **_all(("view", "add", "change"), "mailbox", "announcementrule"),
        **_all(VIEW, "exchange", "room", "roomfile", "accesslog"),
        **_all(VIEW, "documents", "storedfile", "issueddocument"),
        **_all(VIEW, "cases", "paper"),
    },
    Role.EDITOR: {
        **FORMS,
        **_all(KEEP, "directory", *DIRECTORY, "emptysearch"),
        **_all(VIEW, "home", "barrierreport"),
    },
}


class OwnRole(Exception):
    """Nobody gives a role to themselves."""


@dataclasses.dataclass(frozen=True)
class Seeded:
    """What became of one group: permissions added and taken, as "app.view_model"."""

    role: Role
    is_new: bool
    added: tuple[str, ...]
    taken: tuple[str, ...]


def seed(*, dry_run: bool = False) -> list[Seeded]:
    """Brings the groups of all roles up to date. A second run changes nothing."""
    with transaction.atomic():
        result = [_seed(role) for role in Role]
        if dry_run:
            transaction.set_rollback(True)
    return result


def _seed(role: Role) -> Seeded:
    group, is_new = Group.objects.get_or_create(name=role.label)
    wanted = {_name(permission): permission for permission in _permissions(role)}
    held = {_name(permission): permission for permission in group.permissions.select_related("content_type")}
    added, taken = sorted(wanted.keys() - held.keys()), sorted(held.keys() - wanted.keys())
    group.permissions.add(*(wanted[name] for name in added))
    group.permissions.remove(*(held[name] for name in taken))
    return Seeded(role, is_new, tuple(added), tuple(taken))


def _permissions(role: Role) -> Iterable[Permission]:
    """Raises LookupError for a name that no model has: a typing error must not pass as "may not"."""
    wanted = Q(pk=None)
    count = 0
    for name, verbs in PERMISSIONS[role].items():
        label, _, model = name.partition(".")
        words = [f"{verb}_{model}" for verb in verbs]
        wanted |= Q(content_type__app_label=label, content_type__model=model, codename__in=words)
        count += len(words)
    found = list(Permission.objects.filter(wanted).select_related("content_type"))
    if len(found) != count:
        raise LookupError(f"{role}: {count - len(found)} permissions are unknown")
    return found


def _name(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"


def grant(user: User, role: Role, *, by: User | None, system: str = "") -> bool:
    """False if the person has it already. `by` None: a command, named by `system`. Raises OwnRole."""
    if by is not None and by.pk == user.pk:
        raise OwnRole
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        _, is_new = RoleAssignment.objects.get_or_create(user=locked, role=role, defaults={"granted_by": by})
        locked.groups.add(Group.objects.get_or_create(name=role.label)[0])
        if not locked.is_staff:
            User.objects.filter(pk=locked.pk).update(is_staff=True)
        if is_new:
            audit.record("role.granted", f"user:{user.public_id}", _actor(by, system), role=role.value)
    return is_new


def revoke(user: User, role: Role, *, by: User | None, system: str = "") -> bool:
    """Ends the person's sessions, and gives open cases back to the team. False if they did not have the role."""
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        deleted, _ = RoleAssignment.objects.filter(user=locked, role=role).delete()
        if not deleted:
            return False
        locked.groups.remove(*Group.objects.filter(name=role.label))
        if not (locked.is_superuser or locked.roles.exists()):
            User.objects.filter(pk=locked.pk).update(is_staff=False)
        sign_ins.end_all(locked)
        audit.record("role.revoked", f"user:{user.public_id}", _actor(by, system), role=role.value)
        relay.publish("account.off_duty", user.public_id)
    return True


def _actor(by: User | None, system: str) -> str:
    return str(by.public_id) if by else f"system:{system}"
