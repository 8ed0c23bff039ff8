"""Verbs of editors: write an issue, have it read by a second person, let it appear at its time.

Appearing is one transaction: the number, the moment and one Dispatch for each running subscription.
"""

import datetime as dt

from django.db import connection, transaction
from django.db.models import F, Max, QuerySet

from mailbox import texts
from mailbox.topics.models import Dispatch, Issue, Subscription, SubscriptionState, Topic
from mailbox.topics.states import DispatchState, IssueState, advance
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock


class Refused(Exception):
    """Not now, or not by this person; the sentence is German and fit for the page."""


STALE = (
    "Jemand hat die Ausgabe inzwischen geändert. Laden Sie die Seite neu und tragen Sie Ihre Änderung noch einmal ein."
)


def begin(topic: Topic, *, by: User) -> Issue:
    """An empty issue with the topic's sections as headings."""
    body = "\n\n".join(f"## {section}\n" for section in topic.sections)
    return Issue.objects.create(topic=topic, title="", body=body, author=by)


def write(issue: Issue, *, title: str, body: str, scheduled_at: dt.datetime | None, seen: int, by: User) -> None:
    """Store what the editor typed; whoever wrote last is the author. `seen`: the version they had before them.

    Raises Refused; then nothing has changed.
    """
    rows = Issue.objects.filter(pk=issue.pk, state=IssueState.DRAFT, version=seen)
    changed = rows.update(
        title=texts.one_line(title),
        body=texts.many_lines(body),
        scheduled_at=scheduled_at,
        author=by,
        version=F("version") + 1,
        changed_at=clock.now(),
    )
    if not changed:
        raise Refused(STALE)


def submit(issue: Issue, *, by: User) -> None:
    """Ask for the second look. Raises Refused."""
    with transaction.atomic():
        locked = _locked(issue)
        if not (locked.title.strip() and locked.body.strip()):
            raise Refused("Geben Sie zuerst einen Titel und einen Text ein.")
        _step(locked, IssueState.DRAFT, IssueState.REVIEW, by)


def approve(issue: Issue, *, by: User) -> None:
    """The second look: it appears at its time, or at once if none is set. Raises Refused for who wrote it."""
    with transaction.atomic():
        locked = _locked(issue)
        if locked.author_id == by.pk:
            raise Refused("Sie haben diese Ausgabe geschrieben. Eine zweite Person muss sie freigeben.")
        when = max(clock.now(), locked.scheduled_at or clock.now())
        _step(locked, IssueState.REVIEW, IssueState.APPROVED, by, approver=by, scheduled_at=when)


def send_back(issue: Issue, *, by: User) -> None:
    """Back to the draft, from the second look or until it has appeared. Raises Refused."""
    with transaction.atomic():
        locked = _locked(issue)
        _step(locked, IssueState(locked.state), IssueState.DRAFT, by, approver=None)


def discard(issue: Issue, *, by: User) -> None:
    """A draft goes for good. Raises Refused."""
    with transaction.atomic():
        if not Issue.objects.filter(pk=issue.pk, state=IssueState.DRAFT).delete()[0]:
            raise Refused(STALE)
        audit.record("newsletter.discarded", f"issue:{issue.public_id}", str(by.public_id))


def _locked(issue: Issue) -> Issue:
    return Issue.objects.select_for_update().select_related("topic").get(pk=issue.pk)


def _step(issue: Issue, origin: IssueState, target: IssueState, by: User, **fields: object) -> None:
    allowed = {
        IssueState.REVIEW: (IssueState.DRAFT,),
        IssueState.APPROVED: (IssueState.REVIEW,),
        IssueState.DRAFT: (IssueState.REVIEW, IssueState.APPROVED),
    }
    if issue.state not in allowed[target] or not advance(
        Issue.objects.filter(pk=issue.pk), origin, target, changed_at=clock.now(), **fields
    ):
        raise Refused(STALE)
    audit.record(f"newsletter.{target.value}", f"issue:{issue.public_id}", str(by.public_id))


def due() -> QuerySet[Issue]:
    """What is approved and whose time has come."""
    return Issue.objects.filter(state=IssueState.APPROVED, scheduled_at__lte=clock.now()).order_by("scheduled_at", "id")


def sweep_issues() -> int:
    """Let appear what is due. How many."""
    return sum(publish(issue_id) for issue_id in due().values_list("id", flat=True))


@transaction.atomic
def publish(issue_id: int) -> bool:
    """Number, moment and the mails that are owed, all or nothing. False if another worker was faster."""
    topic_id = Issue.objects.values_list("topic_id", flat=True).get(pk=issue_id)
    Topic.objects.select_for_update(no_key=True).get(pk=topic_id)  # one number at a time
    now = clock.now()
    year = clock.local(now).year
    last = Issue.objects.filter(topic_id=topic_id, year=year).aggregate(last=Max("number"))["last"] or 0
    rows = Issue.objects.filter(pk=issue_id, scheduled_at__lte=now)
    numbered = {"year": year, "number": last + 1, "published_at": now}
    if not advance(rows, IssueState.APPROVED, IssueState.PUBLISHED, **numbered):
        return False
    issue = Issue.objects.get(pk=issue_id)
    owed = _owe(issue)
    audit.record("newsletter.published", f"issue:{issue.public_id}", "system:topics", owed=str(owed))
    return True


def _owe(issue: Issue) -> int:
    """One row for each subscription that runs now, in one statement."""
    table, source = Dispatch._meta.db_table, Subscription._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {table} (public_id, issue_id, subscription_id, state, due_at, attempts, fence, last_error)"  # noqa: S608 - names of ours
            f" select gen_random_uuid(), %s, id, %s, %s, 0, 0, '' from {source} where topic_id = %s and state = %s"
            " order by id on conflict do nothing",
            [issue.pk, DispatchState.QUEUED, issue.published_at, issue.topic_id, SubscriptionState.CONFIRMED],
        )
        return int(cursor.rowcount)
