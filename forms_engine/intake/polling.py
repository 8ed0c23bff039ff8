"""Ask every configured source. Called by the sweep and by the command intake_poll."""

import functools
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache

from forms_engine.intake.models import Source
from forms_engine.intake.sources import court, folders, imap
from forms_engine.intake.sources.base import Polled


def configured() -> dict[str, Callable[[], Polled]]:
    """Name of the source -> asks it once: "mail" (IMAP), "eml" and "scan" (folders), "court" (OSCI client)."""
    found: dict[str, Callable[[], Polled]] = {}
    if settings.INTAKE_IMAP_HOST:
        found["mail"] = imap.poll
    if mails := settings.INTAKE_MAIL_FOLDER:
        found["eml"] = functools.partial(folders.poll, Source.MAIL, mails, "eml")
    if scans := settings.INTAKE_SCAN_FOLDER:
        found["scan"] = functools.partial(folders.poll, Source.SCAN, scans, "scan")
    if inbox := court.folder():
        found["court"] = functools.partial(court.poll, inbox)
    return found


def sweep_sources() -> int:
    """Ask all, at most once in settings.INTAKE_POLL_SECONDS however often it is called. Returns how much is new."""
    asked = configured()
    if not asked or not cache.add("intake:polled", "1", settings.INTAKE_POLL_SECONDS):
        return 0
    return sum(ask().taken for ask in asked.values())
