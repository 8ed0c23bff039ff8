"""Draws a preview that was asked for. Only workers load this module: WeasyPrint takes seconds to import."""

from forms_engine.cases import bounds, letters
from forms_engine.cases.models import Decision, Paper, PaperKind
from forms_engine.cases.wording import previews


def draw(preview_id: int) -> bool:
    """True when this call drew it."""
    row = previews.take(preview_id)
    if row is None:
        return False
    payload = row.payload()
    decision = Decision(kind=payload["kind"])
    paper = Paper(kind=PaperKind.DECISION, decision=decision, code=previews.SAMPLE_CODE, ordered_at=row.asked_at)
    try:
        with bounds.held():
            pdf = letters.render(paper, payload)
    except bounds.Exceeded:
        previews.hand_over(row, None)
        return False
    previews.hand_over(row, pdf)
    return True
