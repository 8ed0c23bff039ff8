"""Drafts of every form of the catalogue, filled in with the form's own test data."""

import datetime as dt
import io

from forms_engine.definitions import actions as definitions
from forms_engine.definitions import replay
from forms_engine.definitions.evaluate import Evaluation, evaluate
from forms_engine.definitions.language.fields import FileField, Question
from forms_engine.definitions.models import FormVersion
from forms_engine.submissions import actions
from forms_engine.submissions.models import Draft
from portal.common.clock import BERLIN

FORMS = sorted(path.stem for path in definitions.CATALOGUE.glob("*.yaml"))


def publish(slug: str) -> FormVersion:
    source = (definitions.CATALOGUE / f"{slug}.yaml").read_text(encoding="utf-8")
    return definitions.publish(slug, source, by=None)


def sample(slug: str) -> replay.Case | None:
    """The first answer set that can be sent; None where every way ends at a result."""
    cases = replay.load((replay.CASES / f"{slug}.yaml").read_text(encoding="utf-8")).cases
    return next((case for case in cases if case.expect.refusal is None), None)


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=BERLIN)


def fill(draft: Draft, case: replay.Case) -> Draft:
    """Every page and every file that the answers ask for."""
    definition = draft.form_version.definition
    state = evaluate(definition, case.answers, today=case.today)
    for document in state.documents:
        for number in range(document.needed):
            content = io.BytesIO(f"%PDF-1.7 {document.field} {number}".encode())
            actions.add_upload(draft, document.field, f"{number}.pdf", content, media_type="application/pdf", limit=20)
    answers = {**case.answers, **_files_in_rows(draft, case, state)}
    for key in state.pages:
        asked = [q for q in definition.page(key).questions if isinstance(q, Question) and not isinstance(q, FileField)]
        values = {question.name: answers.get(question.name) for question in asked}
        fresh = Draft.objects.select_related("form_version__form").get(pk=draft.pk)
        draft = actions.save_page(fresh, key, values, expected_version=fresh.version)
    return draft


def _files_in_rows(draft: Draft, case: replay.Case, state: Evaluation) -> dict[str, list[dict[str, object]]]:
    """The rows of each group that wants files, each with its own."""
    found: dict[str, list[dict[str, object]]] = {}
    for group, item in draft.form_version.definition.row_files:
        rows = found.setdefault(group.name, [dict(row) for row in case.answers.get(group.name, ())])
        for number, row in enumerate(rows):
            if item.name in state.rows[group.name][number].required:
                content = io.BytesIO(f"%PDF-1.7 {item.name} {number}".encode())
                upload = actions.add_upload(
                    draft, item.name, f"{number}.pdf", content, media_type="application/pdf", limit=20
                )
                row[item.name] = [str(upload.public_id)]
    return found
