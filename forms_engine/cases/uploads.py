"""Files handed in on a case page, those that came before the form among them."""

from collections.abc import Sequence

from django.db import transaction

from forms_engine.cases import flow
from forms_engine.cases.forms import HandInForm
from forms_engine.cases.models import Case
from forms_engine.submissions import arrivals
from forms_engine.submissions.models import Arrival
from portal.accounts.models import User
from portal.documents.models import StoredFile


def scope(case: Case, user: User) -> str:
    """Whose arriving files these are: one person's for one case."""
    return f"{case.thread}:{user.pk}"


def arrived(form: HandInForm, case: Case, user: User, ids: Sequence[str]) -> list[Arrival]:
    """The files that came before the form, as many as go; the form hears of them before it is judged."""
    found = arrivals.waiting(scope(case, user), ids)
    form.arrived = len(found)
    return found


@transaction.atomic
def hand_in(
    case: Case, arrived: Sequence[Arrival], accepted: Sequence[tuple[StoredFile, str]], *, text: str, by: User
) -> bool:
    """flow.hand_in() with what arrived before: the files change hands in one step, or stay where they are."""
    held = arrivals.claim(arrived)
    before = [(arrival.stored, arrival.name) for arrival in held if arrival.stored]
    if not flow.hand_in(case, files=[*before, *accepted], text=text, by=by):
        return False
    arrivals.taken(held)
    return True
