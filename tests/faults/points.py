"""Where a process of the house is struck while a decision is on its way: a line each. victim.py arms them.

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
    "after approve commit": Point("approve", "portal.outbox.relay:_send", BEFORE, _rings("cases.issue_paper")),
    "after wake-up": Point("approve", "portal.outbox.relay:_send", AFTER, _rings("cases.issue_paper")),
    # --- the worker makes the letter
    "sweeper mid batch": Point("work", "portal.outbox.relay:_send", AFTER, _rings("cases.issue_paper")),
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
    "before smtp connect": Point("work", f"{MAIL}:send", BEFORE),
    "after data before reply": Point("work", "smtplib:SMTP.send", AFTER, _whole_mail),
    "after reply before commit": Point("work", f"{MAIL}:send", AFTER),
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
}
