"""The electronic acknowledgement of receipt (eEB) that a court asks for: a task of the case's team, with its day.

The law says "without delay" and names no days (§ 56 (2) VwGO with § 173 (3) ZPO); a week is the house's own limit. The
acknowledgement itself is given in the OSCI client, which has the certificate.
"""

import datetime as dt

from forms_engine.cases import casefile
from forms_engine.cases.models import Case
from forms_engine.intake.models import InboundItem
from mailbox.texts import one_line
from portal.common import clock

WITHIN = dt.timedelta(days=7)
ASKED = "Das Gericht verlangt ein elektronisches Empfangsbekenntnis (eEB)."
RECORDED_AS = "system:intake"


def owe(item: InboundItem, case: Case) -> bool:
    """Add the task, in the caller's transaction. False where no court asks, or the case was destroyed."""
    if not item.facts.get("eeb") or case.wrapped_key is None:
        return False
    due_on = max(clock.local(item.received_at).date() + WITHIN, clock.today())
    title = one_line(f"Empfangsbekenntnis (eEB) abgeben: {item.facts.get('sender') or 'Gericht'}", 200)
    casefile.add_task(case, title=title, due_on=due_on, to=None, by=None, actor=RECORDED_AS)
    return True
