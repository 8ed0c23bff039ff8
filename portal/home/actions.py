"""Verbs of the front door: reports of barriers, public terminals."""

import datetime as dt

from django.db import transaction
from django.db.models import F

from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock, crypto
from portal.directory.models import Office
from portal.home.models import BarrierReport, Terminal

ANSWER_WITHIN = dt.timedelta(days=30)  # BGG § 12b (4): a month
KEEP = dt.timedelta(days=180)  # after the answer, for questions to it
BATCH = 100


def report_barrier(*, page: str, text: str, contact: str) -> BarrierReport:
    """`page` is a path of ours; `contact` may be empty: then nobody expects an answer."""
    report = BarrierReport(page=page, wrapped_key=crypto.new_wrapped_key(), answer_by=clock.today() + ANSWER_WITHIN)
    report.seal(text, contact)
    report.save(force_insert=True)
    return report


def close_report(report: BarrierReport, *, by: User) -> bool:
    """Mark a report as answered. False if somebody has done so before."""
    with transaction.atomic():
        if not BarrierReport.objects.filter(pk=report.pk, answered_at=None).update(answered_at=clock.now()):
            return False
        audit.record("barrier.closed", str(report), str(by.public_id))
    return True


def sweep_reports() -> int:
    """Destroy what was answered half a year ago. Returns how many."""
    now = clock.now()
    due = BarrierReport.objects.filter(disposed_at=None, answered_at__lte=now - KEEP)
    ids = list(due.order_by("id").values_list("id", flat=True)[:BATCH])
    if not ids:
        return 0
    rows = BarrierReport.objects.filter(id__in=ids, disposed_at=None, answered_at__lte=now - KEEP)
    return rows.update(wrapped_key=None, text_sealed=b"", contact_sealed=b"", disposed_at=now)


def add_terminal(name: str, office: Office | None = None, *, by: str = "system:terminal_add") -> str:
    """A new terminal. Returns its secret, which is shown once and kept nowhere. Raises ValidationError."""
    secret = clock.token()
    terminal = Terminal(name=name, office=office, secret_hash=Terminal.hash_of(secret))
    terminal.full_clean()
    with transaction.atomic():
        terminal.save(force_insert=True)
        audit.record("terminal.added", f"terminal:{terminal.pk}", by)
    return secret


def count_ended(terminal: Terminal) -> None:
    """One more visit is over; nothing is kept of whose it was."""
    Terminal.objects.filter(pk=terminal.pk).update(ended_count=F("ended_count") + 1)
