"""Where a process of the house is struck while a decision is on its way: a line each. victim.py arms them.

The way has two parts: until it lies in the postbox (test_points), and from a mail that came back to a letter that
counts (test_delivery_points).

A further line needs a function that is reached on the way, nothing else. Functions that another module has imported by
name are named in that module, for there they are called.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class Point:
    step: str  # which process of the story, see victim.STEPS
    function: str  # "module:name" or "module:Class.name"
    when: str  # before or after it has done its work
    only: Callable[..., bool] = lambda *_: True  # of its arguments: which call is meant
    how: str = "kill"  # see victim.STRIKES


def _recorded(*wanted: str) -> Callable[..., bool]:
    return lambda action, *_: action in wanted


def _rings(task: str) -> Callable[..., bool]:
    return lambda name, *_: name == task


def _whole_mail(_connection: Any, piece: Any) -> bool:
    return isinstance(piece, bytes) and piece.endswith(b"\r\n.\r\n")  # RFC 5321, 4.1.1.4


def _read_now(_message: Any, event: Any, *_: Any) -> bool:
    return str(event) == "read"


ISSUING, STORE, MAIL = "forms_engine.cases.issuing", "portal.documents.store", "mailbox.channels.email"
SEAL = "portal.documents.soft_seal:SoftSealer.seal"

POINTS = {
    # --- the second clerk signs, in a web process
    "inside the approval": Point("approve", "forms_engine.cases.papers:order", AFTER),
    "after approve commit": Point("approve", "portal.outbox.bells:send", BEFORE, _rings("cases.issue_paper")),
    "after wake-up": Point("approve", "portal.outbox.bells:send", AFTER, _rings("cases.issue_paper")),
    # --- the worker makes the letter
    "sweeper mid batch": Point("work", "portal.outbox.bells:send", AFTER, _rings("cases.issue_paper")),
    "after lease": Point("work", "forms_engine.cases.papers:claim", AFTER),
    "mid render": Point("work", "portal.documents.render:_EmbeddedFile.__init__", BEFORE),
    "before check": Point("work", f"{ISSUING}:check_pdf", BEFORE),
    "after check": Point("work", f"{ISSUING}:check_pdf", AFTER),
    "before seal": Point("work", SEAL, BEFORE),
    "after seal": Point("work", SEAL, AFTER),
    "after render before rename": Point("work", f"{STORE}:_move_into_place", BEFORE),
    "after rename": Point("work", f"{STORE}:_move_into_place", AFTER),
    "after artifact row": Point("work", f"{STORE}:put", AFTER),
    "after seal before commit": Point("work", f"{ISSUING}:_finish", BEFORE),
    "before provide commit": Point("work", "portal.audit.actions:record", AFTER, _recorded("case.decision_issued")),
    "after provide commit": Point("work", f"{ISSUING}:_finish", AFTER),
    # --- the worker tells that there is post
    "before smtp connect": Point("work", f"{MAIL}:Session.send", BEFORE),
    "after data before reply": Point("work", "smtplib:SMTP.send", AFTER, _whole_mail),
    "after reply before commit": Point("work", f"{MAIL}:Session.send", AFTER),
    "inside the hearing of a fact": Point("work", "forms_engine.cases.flow:notice_sent", AFTER),
    # --- the citizen reads, the archive gets the case
    "retrieval view mid": Point("read", "mailbox.journal:note", AFTER, _read_now),
    "archive job mid": Point("archive", "forms_engine.cases.export.package:_fill", AFTER),
    # --- what else may happen to a machine
    "the disk is full": Point("work", f"{STORE}:_move_into_place", BEFORE, how="full_disk"),
    "the disk is full at the temporary file": Point("work", f"{STORE}:_write", BEFORE, how="full_disk"),
    "the database hangs up on a claim": Point("work", "forms_engine.cases.letters:render", AFTER, how="hang_up"),
    "the database hangs up on the finish": Point(
        "work", "portal.audit.actions:record", AFTER, _recorded("case.decision_issued"), how="hang_up"
    ),
    "the clock jumps a day ahead": Point("work", "forms_engine.cases.letters:render", AFTER, how="jump_ahead"),
    "the clock jumps an hour back": Point("work", "forms_engine.cases.letters:render", AFTER, how="jump_back"),
    # --- the mail came back: a letter goes to the print shop
    "inside a report of the mail server": Point("bounce", "mailbox.dispatches:queue_letter", AFTER),
    "a report told and not yet filed": Point("bounce", "mailbox.bounces:take", AFTER),
    "after a parcel's claim": Point("letters", "mailbox.dispatches:_claim", AFTER),
    "before the letter has its name": Point("letters", "mailbox.channels.spool:_whole", BEFORE),
    "a letter without its manifest": Point("letters", "mailbox.channels.spool:_whole", AFTER),
    "a letter handed over and not written down": Point("letters", "mailbox.channels.spool:put", AFTER),
    "after a letter is written down": Point("letters", "mailbox.dispatches:_finish", AFTER),
    "the print shop's disk is full": Point("letters", "mailbox.channels.spool:_flush", BEFORE, how="full_disk"),
    # --- the print shop answers, the day comes, the proof is drawn
    "inside the print shop's answer": Point("answer", "mailbox.dispatches:confirm", AFTER),
    "after the print shop's answer": Point("answer", "mailbox.letter_runs:_take", AFTER),
    "inside the day that counts": Point("day", "mailbox.delivery_states:advance", AFTER),
    "after the day that counts": Point("day", "mailbox.deliveries:step_due", AFTER),
    "before a proof is checked": Point("proof", "mailbox.proofs:check_pdf", BEFORE),
    "a proof stored and not written down": Point("proof", f"{STORE}:put", AFTER),
}
