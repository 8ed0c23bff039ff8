"""What clerks do about messages beside writing them: take one back, leave one without an answer."""

from django.db import transaction

from forms_engine.cases import flow, post, replying
from forms_engine.cases.events import note
from forms_engine.cases.models import Case
from mailbox import keeping
from mailbox.models import Message
from portal.accounts.models import User


@transaction.atomic
def no_answer(case: Case, *, by: User) -> None:
    """What the citizen wrote last needs no answer."""
    flow.not_own(case, by)
    replying.answered(case)
    note(case, "no_answer_needed", str(by.public_id))


@transaction.atomic
def withdraw_message(case: Case, message: Message, *, by: User) -> bool:
    """Take back what a clerk wrote and nobody has read. False: read meanwhile, or more than a message."""
    flow.not_own(case, by)
    if not post.withdrawable(case).filter(pk=message.pk).exists() or not keeping.withdraw(message, by=by):
        return False
    note(case, "message_withdrawn", str(by.public_id), message=str(message.public_id))
    return True
