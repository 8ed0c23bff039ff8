"""One data key per person. Whatever is sealed under it is gone once the key is destroyed (deletion of the account)."""

from portal.accounts.models import PersonKey, User
from portal.common.crypto import Envelope, new_wrapped_key


def envelope(user: User) -> Envelope:
    """Opens the person's key, made at first use. Raises crypto.KeyDestroyed once the account is deleted."""
    key = PersonKey.objects.filter(user=user).first()
    if key is None:
        # Parallel first uses end with the same key: the loser's row is dropped and the stored one read.
        PersonKey.objects.bulk_create([PersonKey(user=user, wrapped_key=new_wrapped_key())], ignore_conflicts=True)
        key = PersonKey.objects.get(user=user)
    return Envelope(key.wrapped_key)


def destroy(user: User) -> None:
    """For good. The row stays, so that no new key can come in its place."""
    PersonKey.objects.update_or_create(user=user, defaults={"wrapped_key": None})
