"""Doors for Celery."""

from celery import shared_task

from mailbox import actions


@shared_task(name="mailbox.send_notice")
def send_notice(notice_id: str) -> None:
    actions.send_notice(int(notice_id))
