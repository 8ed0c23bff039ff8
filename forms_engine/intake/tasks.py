"""One-line doors for Celery."""

from celery import shared_task

from forms_engine.intake import working


@shared_task(name="intake.work")
def work(pk: str) -> bool:
    return working.work(int(pk))
