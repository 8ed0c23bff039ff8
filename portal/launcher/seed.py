"""The demo city: people who can sign in, their roles, and what each app brings along. May run again and again.

To add something, write a command or function that may run twice and name it in STEPS.
"""

import io

from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import transaction
from django.utils.module_loading import import_string

from portal.accounts import demo_factor, roles
from portal.accounts.models import Role, User
from portal.launcher.people import PASSWORD, PEOPLE, Person

# In this order: a command with its arguments, or the dotted path of a function.
STEPS: tuple[tuple[str, ...] | str, ...] = (
    ("directory_seed",),
    "forms_engine.definitions.actions.publish_demo",
    "appointments.actions.seed_demo",
    "forms_engine.submissions.registers.seed_demo",
    "forms_engine.submissions.results.sample.seed_demo",
    "forms_engine.intake.sample.seed_demo",
    "mailbox.topics.sample.seed_demo",
)


def seed() -> None:
    with transaction.atomic():
        roles.seed()
        for person in PEOPLE:
            _account(person)
    for step in STEPS:
        _take(step)


def _take(step: tuple[str, ...] | str) -> None:
    if isinstance(step, str):
        import_string(step)()
    else:
        call_command(*step, stdout=io.StringIO())


def _account(person: Person) -> None:
    user = User.objects.filter(email=person.email).first()
    if user is None:
        names = {"given_name": person.given_name, "family_name": person.family_name}
        user = User.objects.create_user(person.email, PASSWORD, **names)
    for role in person.roles:
        roles.grant(user, Role(role), by=None, system="demo")
    if person.roles:
        demo_factor.set_up(user)
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
