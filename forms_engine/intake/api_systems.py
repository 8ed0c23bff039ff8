"""Tokens of other systems: 256 random bits, kept as a keyed hash, shown once."""

from django.db import transaction
from django.utils.crypto import salted_hmac

from forms_engine.intake.models import ApiSystem
from portal.audit import actions as audit
from portal.common import clock

ACTOR = "system:command"


@transaction.atomic
def new_token(name: str) -> str:
    """A token for this system; an older one is worth nothing from now on."""
    token = clock.token()
    facts = {"token_hash": _hashed(token), "is_active": True}
    system, _made = ApiSystem.objects.update_or_create(name=name, defaults=facts)
    audit.record("inbound.system_allowed", f"inbound-system:{system.pk}", ACTOR, name=name)
    return token


@transaction.atomic
def stop(name: str) -> bool:
    """False when there is no such system, or it was stopped before."""
    if not ApiSystem.objects.filter(name=name, is_active=True).update(is_active=False):
        return False
    audit.record("inbound.system_stopped", f"inbound-system:{ApiSystem.objects.get(name=name).pk}", ACTOR, name=name)
    return True


def by_token(token: str) -> ApiSystem | None:
    """The active system that holds this token."""
    found = ApiSystem.objects.filter(token_hash=_hashed(token), is_active=True).first() if token else None
    if found is not None:
        ApiSystem.objects.filter(pk=found.pk).update(used_at=clock.now())
    return found


def _hashed(token: str) -> str:
    return salted_hmac("intake.token", token, algorithm="sha256").hexdigest()
