"""Doors for Celery. A lost ring is harmless: actions.sweep_payments finds the row."""

from celery import shared_task

from payments import actions


@shared_task(name="payments.hear")
def hear(bell_pk: str) -> None:
    actions.hear(int(bell_pk))
