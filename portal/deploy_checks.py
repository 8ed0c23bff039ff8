"""What must not be in the tables of a house in operation. Asks the database, so it is apart from checks.py."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from portal.accounts import demo_factor


@register(Tags.database, deploy=True)
def no_demo_factors(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """`manage.py check --deploy --database default`: nobody of the demo's staff has an account here."""
    if settings.DEMO or not databases:
        return []
    found = demo_factor.everybodys().count()
    sentence = f"{found} Konten haben den zweiten Faktor der Demo. Sperren Sie diese Konten und setzen Sie ihn zurück."
    return [Error(sentence, id="portal.E058")] if found else []
