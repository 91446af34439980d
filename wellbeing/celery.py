"""The Celery application. Messages carry ids only; results, events and remote control are off."""

import logging
import os
from typing import Any, Final

from celery import Celery, bootsteps
from celery.signals import worker_init, worker_process_init

from core.exceptions import Unavailable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wellbeing.settings")
# Celery would run the system checks, ignore what they answer, and keep every page of the site in memory for it.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

logger = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS: Final = 1.0
_REPORT_EVERY_SECONDS: Final = 2.0

app = Celery("wellbeing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_without_model(**_: Any) -> None:
    """A worker with missing, damaged or wrong weights ends here and says what cures it.

    While the camera is off there is nothing to classify, and no model is needed.
    """
    from emotion.classifier.spec import ClassifierUnavailable  # noqa: PLC0415 -- needs Django to be set up
    from emotion.services.worker_health import check_model, needs_model  # noqa: PLC0415 -- needs Django to be set up

    if not needs_model():
        return
    try:
        check_model()
    except ClassifierUnavailable as error:
        raise SystemExit(f"The worker does not start. {error}") from error


@worker_process_init.connect
def prepare_child(**_: Any) -> None:
    """A child takes no task before this has returned."""
    from emotion.services.worker_health import load_model, needs_model  # noqa: PLC0415 -- needs Django to be set up

    if needs_model():
        load_model()


class WatchConsumer(bootsteps.StartStopStep):
    """Says that this worker lives for as long as it takes tasks, and mends what Celery does not notice.

    When Redis is away just as a task is acknowledged, the worker believes for ever that it has that task in hand and
    takes no other, and since kombu 5.7 it does not see that it has lost its connection. Without this a restart of
    Redis under load stops every worker until its keeper replaces it.
    """

    requires = frozenset({"celery.worker.consumer.tasks:Tasks"})

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._timers: list[Any] = []
        self._was_stuck = False

    def start(self, parent: Any) -> None:
        self._was_stuck = False
        self._timers = [
            parent.timer.call_repeatedly(_LOOK_EVERY_SECONDS, self.look, (parent,)),
            parent.timer.call_repeatedly(_REPORT_EVERY_SECONDS, self.report, (parent,)),
        ]

    def stop(self, parent: Any) -> None:
        for timer in self._timers:
            timer.cancel()

    def look(self, parent: Any) -> None:
        """Raises ConnectionResetError, for which a worker connects again, when it looks so twice in a row."""
        is_full = not parent.task_consumer.channel.qos.can_consume()
        is_stuck = is_full and _is_idle()
        if is_stuck and self._was_stuck:
            raise ConnectionResetError("an acknowledgement did not reach Redis")
        self._was_stuck = is_stuck

    def report(self, parent: Any) -> None:
        """Not while captures wait and it has nothing in hand: a worker that stays so is one to replace."""
        from emotion.services import worker_health  # noqa: PLC0415 -- needs Django to be set up
        from emotion.wakeup import count_waiting  # noqa: PLC0415 -- needs Django to be set up

        try:
            takes_tasks = not _is_idle() or not count_waiting()
        except Unavailable:
            return
        if takes_tasks:
            worker_health.report(children=parent.pool.info["processes"])


def _is_idle() -> bool:
    from celery.worker.state import reserved_requests  # noqa: PLC0415 -- not in the web

    return not reserved_requests


app.steps["consumer"].add(WatchConsumer)
