"""People without a sign-in of their own, and those who act for them by law (§ 1629, § 1823 BGB)."""

import datetime as dt

from django.db import transaction

from portal.accounts import mandates, profile
from portal.accounts.models import AccountKind, Evidence, Mandate, MandateKind, Scope, User
from portal.audit import actions as audit
from portal.common import clock

ADULT = 18
GUARDIAN = mandates.Terms(MandateKind.GUARDIAN, Scope.ALL)


def last_day_as_child(born: dt.date) -> dt.date:
    """The day before the eighteenth birthday (§ 2, § 187 (2) BGB); who is born on 29 February has it on 1 March."""
    try:
        birthday = born.replace(year=born.year + ADULT)
    except ValueError:
        birthday = dt.date(born.year + ADULT, 3, 1)
    return birthday - dt.timedelta(days=1)


@transaction.atomic
def declare_child(parent: User, given: str, family: str, born: dt.date) -> Mandate:
    """A child without an account, by the parent's word: clerks see that it is only that. Ends when the child is 18.

    Raises mandates.Impossible for a day of birth that makes no child.
    """
    today = clock.today()
    if not (last_day_as_child(born) >= today >= born):
        raise mandates.Impossible("no child")
    ward = _ward(given, family, born)
    made = mandates.establish(ward, parent, GUARDIAN, Evidence.DECLARED, ends=last_day_as_child(born))
    audit.record("mandate.declared", str(made), str(parent.public_id), kind="guardian")
    return made


@transaction.atomic
def appoint(
    agent: User, *, principal: User | None, given: str, family: str, born: dt.date | None, ends: dt.date | None, by: str
) -> Mandate:
    """A guardian whom the city has checked. `principal`: their account, or None for somebody without one."""
    person = principal or _ward(given, family, born)
    made = mandates.establish(person, agent, GUARDIAN, Evidence.CHECKED, ends=ends)
    audit.record("mandate.checked", str(made), by, kind="guardian")
    return made


def only_represented_by(agent: User) -> list[User]:
    """Those for whom nobody else acts: their data leave with this account."""
    held = Mandate.objects.valid(clock.today()).filter(principal__kind=AccountKind.WARD)
    others = held.exclude(agent=agent).values("principal")
    mine = held.filter(agent=agent).exclude(principal__in=others).values("principal")
    return list(User.objects.filter(pk__in=mine).order_by("pk"))


def _ward(given: str, family: str, born: dt.date | None) -> User:
    number = clock.uuid()
    ward = User(
        public_id=number,
        email=User.unreachable_address(number),
        kind=AccountKind.WARD,
        given_name=given,
        family_name=family,
    )
    ward.set_unusable_password()
    ward.save(force_insert=True)
    if born:
        profile.record_own(ward, {"birth_date": born.isoformat()})
    return ward
