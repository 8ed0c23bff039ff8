"""What the case page shows of the file beside the application: filled in by clerks."""

from dataclasses import dataclass
from typing import Any

from forms_engine.cases import filed, parties, post, queries, rules, withdrawing
from forms_engine.cases.models import Case
from forms_engine.cases.workplace.forms import DateForm, NoteForm, RelateForm, ReplaceForm, TaskForm
from forms_engine.definitions import automation
from forms_engine.submissions import queries as answers
from mailbox import queries as mailbox
from mailbox.letters import Letter
from mailbox.models import Notice
from portal.accounts.models import User
from portal.common import clock
from portal.directory.teams import queries as teams


def context(case: Case, clerk: User) -> dict[str, Any]:
    """What the case page shows of the file."""
    files, later = _files(case)
    shown = automation.judge(case.definition, answers.evaluation(case.submission)).passes
    words, ticks, newer = rules.deciding(case), filed.ticks(case), filed.replaced(case)
    return {
        "light": filed.light(case.due_on, clock.today(), running=not case.has_ended),
        "notes": filed.notes(case),
        "tasks": filed.tasks(case),
        "dates": filed.dates(case),
        "related": filed.related(case, clerk),
        "checks": [(item, ticks.get(item.key), shown.get(item.key)) for item in words.checklist] if words else [],
        "newer": [(dict(files).get(old, ""), dict(files).get(new, "")) for old, new in newer.items()],
        "parties": [party for party in parties.of(case) if not party.has_ended],
        "withdrawable": withdrawing.withdrawable(case),
        "note_form": NoteForm(prefix="notiz"),
        "task_form": task_form(case),
        "date_form": DateForm(prefix="frist"),
        "relate_form": RelateForm(prefix="verknuepfen"),
        "replace_form": replace_form(case) if later and len(files) > 1 else None,
    }


@dataclass(frozen=True)
class Sent:
    """A message of the thread, how the e-mails about it fare, and whether it can be taken back."""

    letter: Letter
    notices: list[Notice]
    can_withdraw: bool


def thread(case: Case) -> list[Sent]:
    """Everything written in a case, oldest first."""
    notices = mailbox.notices_of(case.thread)
    open_ones = set(post.withdrawable(case).values_list("public_id", flat=True))
    letters = mailbox.thread_messages(case.thread)
    return [Sent(row, notices.get(row.public_id, []), row.public_id in open_ones) for row in letters]


def _files(case: Case) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """All files of a case by public id and name, and those handed in later."""
    later = [(document[0], document[1]) for document in queries.documents(case)]
    return [(str(file.public_id), file.name) for file in queries.files(case)] + later, later


def task_form(case: Case, data: object = None) -> TaskForm:
    own = {case.applicant_id, case.submission.acting_for_id}
    people = [person for person in teams.colleagues(case.form_slug, case.office) if person.pk not in own]
    return TaskForm(data, prefix="aufgabe", colleagues=people)


def replace_form(case: Case, data: object = None) -> ReplaceForm:
    files, later = _files(case)
    return ReplaceForm(data, prefix="ersetzen", files=files, later=later)
