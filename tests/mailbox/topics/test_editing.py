"""An issue: written by one, looked at by another, numbered once, and never changed after that."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from mailbox.topics import catalogue, editing, states
from mailbox.topics.models import Dispatch, Issue, Topic
from mailbox.topics.states import ALLOWED, DispatchState, IllegalTransition, IssueState
from portal.common import clock
from tests.mailbox.topics.conftest import appeared, later, subscribed, written

pytestmark = pytest.mark.django_db


def test_a_new_issue_has_the_sections_of_its_topic(topic, edda):
    assert editing.begin(topic, by=edda).body.startswith("## Termine\n\n\n## Bürgerangelegenheiten")


def test_nobody_approves_what_they_wrote(topic, edda, otto):
    issue = written(topic, edda)
    editing.submit(issue, by=edda)
    with pytest.raises(editing.Refused, match="zweite Person"):
        editing.approve(issue, by=edda)
    editing.approve(issue, by=otto)
    issue.refresh_from_db()
    assert (issue.state, issue.approver) == ("approved", otto)


def test_two_editors_do_not_overwrite_each_other(topic, edda, otto):
    issue = written(topic, edda)
    seen = {"body": "x", "scheduled_at": None, "seen": issue.version}
    editing.write(issue, title="Eins", by=edda, **seen)
    with pytest.raises(editing.Refused, match="inzwischen geändert"):
        editing.write(issue, title="Zwei", by=otto, **seen)
    issue.refresh_from_db()
    assert (issue.title, issue.author) == ("Eins", edda)


def test_an_empty_issue_is_not_handed_in(topic, edda):
    with pytest.raises(editing.Refused, match="Titel und einen Text"):
        editing.submit(editing.begin(topic, by=edda), by=edda)


@pytest.mark.parametrize("verb", [editing.approve, editing.send_back])
def test_a_draft_cannot_skip_the_second_look(topic, edda, otto, verb):
    with pytest.raises(editing.Refused):
        verb(written(topic, edda), by=otto)


def test_what_is_approved_can_be_called_back_until_it_appears(topic, edda, otto):
    issue = written(topic, edda, scheduled_at=clock.now() + dt.timedelta(hours=1))
    editing.submit(issue, by=edda)
    editing.approve(issue, by=otto)
    assert not editing.publish(issue.pk) and editing.sweep_issues() == 0
    editing.send_back(issue, by=edda)
    with later(dt.timedelta(hours=2)):
        assert editing.sweep_issues() == 0
        editing.submit(issue, by=edda)
        editing.approve(issue, by=otto)
        assert editing.sweep_issues() == 1
    with pytest.raises(editing.Refused):
        editing.send_back(issue, by=edda)


def test_issues_are_numbered_by_topic_and_year_of_munich(topics, edda, otto):
    numbers = []
    for moment in ("2026-12-30T11:30", "2026-12-31T22:30", "2026-12-31T23:30", "2027-01-04T11:30"):
        with clock.frozen(dt.datetime.fromisoformat(f"{moment}+00:00")):
            numbers.append(str(appeared(topics["rathausumschau"], edda, otto)))
    assert numbers == ["1/2026", "2/2026", "1/2027", "2/2027"]
    assert appeared(topics["bauen"], edda, otto).number == 1


def test_a_draft_can_be_thrown_away_and_nothing_else(topic, edda, otto):
    editing.discard(written(topic, edda), by=edda)
    assert not Issue.objects.exists()
    issue = appeared(topic, edda, otto)
    with pytest.raises(editing.Refused):
        editing.discard(issue, by=edda)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_let_it_appear_once(topic, edda, otto):
    for number in range(5):
        subscribed(topic, f"leser{number}@stadt.example")
    ids = []
    for _ in range(2):
        issue = written(topic, edda)
        editing.submit(issue, by=edda)
        editing.approve(issue, by=otto)
        ids.append(issue.pk)
    done, start = [], threading.Barrier(4)

    def work(issue_id):
        start.wait()
        done.append(editing.publish(issue_id))
        connection.close()

    workers = [threading.Thread(target=work, args=(issue_id,)) for issue_id in ids * 2]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == [False, False, True, True]
    assert sorted(Issue.objects.values_list("number", flat=True)) == [1, 2] and Dispatch.objects.count() == 10


# --- the database itself ---


def refused(change) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_the_database_keeps_what_was_approved(topic, edda, otto):
    rows, issue = Issue.objects.all(), written(topic, edda)
    editing.submit(issue, by=edda)
    refused(lambda: rows.update(body="anders"))
    refused(lambda: rows.update(author=otto))
    refused(lambda: rows.delete())
    editing.approve(issue, by=otto)
    refused(lambda: rows.update(title="anders"))
    editing.publish(issue.pk)
    refused(lambda: rows.update(changed_at=clock.now()))
    refused(lambda: rows.delete())


def test_the_database_wants_four_eyes(topic, edda, otto):
    rows, issue = Issue.objects.all(), written(topic, edda)
    editing.submit(issue, by=edda)
    refused(lambda: rows.update(state="approved", scheduled_at=clock.now()))
    refused(lambda: rows.update(state="approved", approver=edda, scheduled_at=clock.now()))
    refused(lambda: rows.update(approver=otto))
    refused(lambda: rows.update(state="fertig"))
    refused(lambda: rows.update(number=1))


def test_the_database_gives_a_number_once(topic, edda, otto):
    first = appeared(topic, edda, otto)
    issue = written(topic, edda)
    editing.submit(issue, by=edda)
    editing.approve(issue, by=otto)
    same = {"state": "published", "number": first.number, "year": first.year, "published_at": clock.now()}
    refused(lambda: Issue.objects.filter(pk=issue.pk).update(**same))


@pytest.mark.parametrize("origin", list(ALLOWED))
def test_no_step_but_those_of_the_table(origin):
    rows = Dispatch.objects.none() if isinstance(origin, DispatchState) else Issue.objects.none()
    for target in type(origin):
        if target in ALLOWED[origin]:
            assert states.advance(rows, origin, target) == 0
        else:
            with pytest.raises(IllegalTransition):
                states.advance(rows, origin, target)


def test_every_state_has_its_line():
    assert set(ALLOWED) == {*IssueState, *DispatchState}


# --- the catalogue ---


def test_the_catalogue_can_run_again_and_mends_what_changed(db):
    assert catalogue.seed() == (4, 0) and catalogue.seed() == (0, 0)
    Topic.objects.filter(slug="bauen").update(title="Baun")
    assert catalogue.seed() == (0, 1) and Topic.objects.get(slug="bauen").title == "Bauen und Wohnen"
