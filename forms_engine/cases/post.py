"""The city writes about a case: to whose it is, and a copy to agents who take the post (§ 14 (3) VwVfG)."""

from collections.abc import Sequence

from forms_engine.cases import rules
from forms_engine.cases.models import Case
from forms_engine.submissions import access as drafts
from mailbox import actions as mailbox
from mailbox import deliveries
from mailbox.models import Kind, Message, MessageQuerySet
from portal.accounts import mandates
from portal.accounts.levels import TrustLevel
from portal.accounts.models import AccountKind, User
from portal.documents.models import StoredFile

WRITTEN = "written:"  # begins the keys of what clerks wrote by themselves


class NoPostbox(Exception):
    """The case was sent without an account: nothing can be posted."""


def send(
    case: Case,
    *,
    subject: str,
    body: str,
    kind: Kind = Kind.MESSAGE,
    dedupe_key: str | None = None,
    attachments: Sequence[tuple[StoredFile, str]] = (),
    link_path: str = "",
    link_text: str = "Zum Vorgang",
    order: deliveries.Order | None = None,
) -> Message:
    """One message in the postbox of the case's party, in the caller's transaction. Copies follow the same rules.

    `order`: what a decision's delivery has to know. Returns the one that counts. The same `dedupe_key` again changes
    nothing. Raises NoPostbox.
    """
    party = case.party
    if party is None:
        raise NoPostbox
    common = {
        "sender": rules.sender(case),
        "subject": subject,
        "body": body,
        "thread": case.thread,
        "kind": kind,
        "level": level(case),
        "attachments": attachments,
        "about": f"{case.title}, {case.number}",
        "link_path": link_path or f"/vorgaenge/{case.public_id}/",
        "link_text": link_text,
    }
    first = mailbox.post(recipient=party, dedupe_key=dedupe_key, notify=_address(case, party), order=order, **common)  # type: ignore[arg-type]  # as declared above
    for agent in mandates.letters_for(party, case.service) if case.acting_for else []:
        key = f"{dedupe_key}:copy:{agent.pk}" if dedupe_key else None
        mailbox.post(recipient=agent, dedupe_key=key, copy=True, **common)  # type: ignore[arg-type]  # as declared above
    return first


def withdrawable(case: Case) -> MessageQuerySet:
    """What a clerk wrote by themselves and nobody has read. Decisions, receipts and requests are more than that."""
    return Message.objects.filter(thread=case.thread, dedupe_key__startswith=WRITTEN, is_copy=False).unread()


def answer(key: str, *, text: str, by: User) -> None:
    """What a citizen says to the message with this key, from the case page: whoever sees that may answer."""
    mailbox.reply(Message.objects.get(dedupe_key=key), body=text, by=by, allowed=True)


def level(case: Case) -> TrustLevel:
    """How sure we must be who reads: as sure as when the case was opened. A word nobody knows asks for the most."""
    needed = drafts.trust_needed(case.submission.form_version)
    return TrustLevel.HIGH if needed is None else needed


def _address(case: Case, party: User) -> str | None:
    """Where the notice goes for accounts without a sign-in: to whoever applied if they still read, else to the first
    who does. None: the party's own address."""
    if party.kind == AccountKind.PERSON:
        return None
    readers = mandates.readers(party)
    first = case.applicant if case.applicant in readers else next(iter(readers), None)
    return first.mail_address if first else ""
