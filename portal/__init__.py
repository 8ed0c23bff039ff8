"""Composition root: loads Celery so that `celery.current_app` is ours in every process."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
