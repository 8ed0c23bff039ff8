"""One-line doors for Celery."""

from celery import shared_task

from portal.documents.scans import queue


@shared_task(name="documents.scan")
def scan(pk: str) -> bool:
    return queue.scan(int(pk))
