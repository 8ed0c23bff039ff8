"""What others tell us about a person: so far only the name."""

from collections.abc import Mapping

from portal.accounts.levels import TrustLevel
from portal.accounts.models import User


def record(user: User, *, source: str, data: Mapping[str, tuple[str, TrustLevel]]) -> None:
    """Keep what `source` said: field -> (value, how sure it is)."""
    fields = [name for name in ("given_name", "family_name") if name in data]
    for name in fields:
        setattr(user, name, data[name][0][:120])
    user.save(update_fields=fields)
