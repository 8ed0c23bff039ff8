"""The Celery application: a doorbell for the rows in PostgreSQL."""

import os
import pathlib
from typing import Any

from celery import Celery, bootsteps
from celery.beat import Scheduler
from celery.signals import beat_init, celeryd_init, worker_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
BEAT_SECONDS = 15


def show_life() -> None:
    """Touch the file that the container's health check looks at, if one is named."""
    if path := os.environ.get("PORTAL_HEARTBEAT_FILE"):
        pathlib.Path(path).touch()


class Heartbeat(bootsteps.StartStopStep):
    """Shows life from the worker's own event loop: a stuck loop shows none."""

    requires = ("celery.worker.components:Timer",)

    def start(self, parent: Any) -> None:
        show_life()
        parent.timer.call_repeatedly(BEAT_SECONDS, show_life, priority=10)


class LivingScheduler(Scheduler):
    """Beat's schedule in memory (it is constant, so no file has to survive), showing life at every tick."""

    max_interval = BEAT_SECONDS

    def tick(self, *args: Any, **kwargs: Any) -> float:
        show_life()
        return float(super().tick(*args, **kwargs))


app.steps["worker"].add(Heartbeat)


@celeryd_init.connect
@beat_init.connect
def _start_only_if_settings_fit(**_: Any) -> None:
    # Settings can be read only now: this module is imported by processes that never read any.
    from portal import checks  # noqa: PLC0415

    checks.refuse_to_start()


@worker_init.connect
def _import_letters_before_the_fork(**_: Any) -> None:
    """What draws and seals is imported once and shared by all children; nothing may be drawn yet (ADR 0007)."""
    from portal.documents import render, seal  # noqa: F401, PLC0415 - no other process has to load them

    seal.get_sealer()


@worker_process_init.connect
def _draw_one_page_after_the_fork(**_: Any) -> None:
    from portal.documents import render  # noqa: PLC0415 - loaded by the parent

    render.warm_up()
