"""The Celery application. Messages carry ids only; results, events and remote control are off."""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery, bootsteps
from celery.signals import worker_init, worker_process_init
from celery.utils.nodenames import worker_direct
from django.conf import settings

from wellbeing.hardening import keep_memory_private

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wellbeing.settings")
# Celery would run the system checks, ignore what they answer, and keep every page of the site in memory for it.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

logger = logging.getLogger(__name__)

app = Celery("wellbeing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_without_model(**_: Any) -> None:
    """A worker with missing, damaged or wrong weights ends here and says what cures it.

    While the camera is off there is nothing to classify, and no model is needed.
    """
    from emotion.classifier.spec import ClassifierUnavailable  # noqa: PLC0415 -- needs Django to be set up
    from emotion.services.workers import check_model  # noqa: PLC0415 -- needs Django to be set up

    keep_memory_private()
    if not settings.CAMERA:
        return
    try:
        check_model()
    except ClassifierUnavailable as error:
        raise SystemExit(f"The worker does not start. {error}") from error


@worker_process_init.connect
def harden_child(**_: Any) -> None:
    keep_memory_private()


class AskForReport(bootsteps.StartStopStep):  # type: ignore[misc]
    """Once connected, and connected again, a worker is asked for its first report; so it loads its model at once."""

    requires = frozenset({"celery.worker.consumer.tasks:Tasks"})

    def start(self, parent: Any) -> None:
        if settings.CAMERA:
            app.send_task("emotion.tasks.report_worker", queue=worker_direct(parent.hostname))


app.steps["consumer"].add(AskForReport)
