"""One-line doors for Celery."""

from celery import shared_task

from mailbox.exchange import mails, scanning


@shared_task(name="exchange.scan")
def scan(pk: str) -> bool:
    return scanning.scan(int(pk))


@shared_task(name="exchange.send_mails")
def send_mails() -> int:
    return mails.sweep()
