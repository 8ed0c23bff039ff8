"""The states of a delivery, what may follow what, and the only function that writes a state."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from mailbox.states import IllegalTransition


class DeliveryState(models.TextChoices):
    PLANNED = "planned", "geplant"
    PROVIDED = "provided", "bereitgestellt"
    NOTICE_SENT = "notice_sent", "Hinweis versandt"
    NOTICE_FAILED = "notice_failed", "Hinweis gescheitert"
    LAPSED = "lapsed", "Bereitstellung beendet"
    LETTER_QUEUED = "letter_queued", "Brief veranlasst"
    LETTER_HANDED = "letter_handed", "Brief aufgegeben"
    ANNOUNCED = "announced", "bekannt gegeben"
    ANNOUNCED_BY_POST = "announced_by_post", "durch Brief bekannt gegeben"
    RETURNED = "returned", "nicht bekannt gegeben"
    WITHDRAWN = "withdrawn", "zurückgenommen"


S = DeliveryState
ALLOWED: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    S.PLANNED: frozenset({S.PROVIDED, S.WITHDRAWN}),
    S.PROVIDED: frozenset({S.NOTICE_SENT, S.NOTICE_FAILED, S.ANNOUNCED, S.WITHDRAWN}),
    S.NOTICE_SENT: frozenset({S.ANNOUNCED, S.NOTICE_FAILED, S.LAPSED, S.WITHDRAWN}),
    S.NOTICE_FAILED: frozenset({S.LETTER_QUEUED}),
    S.LAPSED: frozenset({S.LETTER_QUEUED}),
    S.LETTER_QUEUED: frozenset({S.LETTER_HANDED, S.ANNOUNCED, S.RETURNED, S.WITHDRAWN}),
    S.LETTER_HANDED: frozenset({S.ANNOUNCED_BY_POST, S.ANNOUNCED, S.RETURNED}),
    # A report of the mail server may come after the day: the notice never arrived, so nothing was announced.
    S.ANNOUNCED: frozenset({S.NOTICE_FAILED}),
    S.ANNOUNCED_BY_POST: frozenset({S.RETURNED}),
    S.RETURNED: frozenset({S.ANNOUNCED}),  # the person opens it in the postbox after all
    S.WITHDRAWN: frozenset(),
}
# Where a delivery may rest for ever.
LEGAL_ENDS = frozenset({S.ANNOUNCED, S.ANNOUNCED_BY_POST, S.RETURNED, S.WITHDRAWN})


def advance(rows: models.QuerySet[Any], origin: DeliveryState, target: DeliveryState, **fields: object) -> int:
    """Move those of `rows` that are still in `origin`. Returns how many moved. Raises IllegalTransition."""
    if target not in ALLOWED[origin]:
        raise IllegalTransition(f"{origin} -> {target}")
    return rows.filter(state=origin).update(state=target, **fields)
