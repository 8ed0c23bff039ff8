"""One-line doors for Celery."""

from celery import shared_task

from forms_engine.cases import drawing, issuing


@shared_task(name="cases.issue_paper")
def issue_paper(paper_id: str) -> bool:
    return issuing.issue(int(paper_id))


@shared_task(name="cases.draw_preview")
def draw_preview(preview_id: str) -> bool:
    return drawing.draw(int(preview_id))
