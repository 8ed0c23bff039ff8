"""What commands about one person share."""

import os
import uuid

from django.core.management.base import CommandError

from portal.accounts.models import User


def one(text: str) -> User:
    """The account with this e-mail address or public id. Raises CommandError."""
    try:
        rows = User.objects.filter(public_id=uuid.UUID(text))
    except ValueError:
        rows = User.objects.filter(email=text.strip().lower())
    found = rows.first()
    if found is None:
        raise CommandError("Dieses Konto gibt es nicht. Prüfen Sie Adresse oder Kennung.")
    return found


def private(path: str, flags: int) -> int:
    """For open(): nobody else may read the file."""
    return os.open(path, flags, 0o600)
