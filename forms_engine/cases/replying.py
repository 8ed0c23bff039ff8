"""Who waits for an answer: cases in whose thread the last word is the citizen's. The only writer of OpenReply."""

from collections.abc import Sequence

from django.db.models import Q

from forms_engine.cases import access
from forms_engine.cases.models import Case, OpenReply
from mailbox import queries as mailbox
from mailbox.models import Message
from portal.accounts.models import User

PAGE, SHOWN = 50, 99


def heard(case: Case, message: Message) -> None:
    """A citizen wrote. Nothing if somebody has answered by the time that we hear of it."""
    _hold(case)
    if not mailbox.answered_since(message):
        OpenReply.objects.bulk_create([OpenReply(case=case, since=message.created_at)], ignore_conflicts=True)


def answered(case: Case) -> None:
    """The city wrote; in the transaction that posts it."""
    _hold(case)
    OpenReply.objects.filter(case=case).delete()


def waiting(clerk: User, after: str = "") -> Sequence[OpenReply]:
    """One page and one more, whoever waits longest first."""
    rows = OpenReply.objects.filter(case__in=access.queue(clerk).filter(wrapped_key__isnull=False))
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    last = OpenReply.objects.filter(pk=number).first() if number is not None else None
    if last is not None:
        rows = rows.filter(Q(since__gt=last.since) | Q(since=last.since, pk__gt=last.pk))
    cases = ("case__submission__form_version__form", "case__applicant", "case__submission__acting_for")
    return list(rows.select_related(*cases, "case__assigned_to").order_by("since", "pk")[: PAGE + 1])


def is_open(case: Case) -> bool:
    return OpenReply.objects.filter(case=case).exists()


def count(clerk: User) -> int:
    """How many wait, at most one more than is shown."""
    rows = OpenReply.objects.filter(case__in=access.queue(clerk).filter(wrapped_key__isnull=False))
    return rows[: SHOWN + 1].count()


def _hold(case: Case) -> None:
    """Hearing and answering come one after the other."""
    Case.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=case.pk)
