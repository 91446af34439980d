"""A worker's own doings: it refuses to start without its model, keeps its memory private, and says that it lives."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Final

from celery import current_app
from celery.utils.nodenames import worker_direct
from django.utils import timezone
from kombu.exceptions import OperationalError

from core.exceptions import Unavailable
from emotion import worker_registry
from emotion.classifier.spec import ClassifierUnavailable, ModelSpec

logger = logging.getLogger(__name__)

_ASKED_EVERY_SECONDS: Final = 10


def check_model() -> ModelSpec:
    """The shipped model's description, once its weights are known to be those described.

    Raises ClassifierUnavailable. Loads no OpenVINO, so that the parent of worker processes may call it.
    """
    spec = ModelSpec.load()
    spec.read_weights()
    return spec


def ask_all() -> None:
    """Ask every worker that reported lately for its next report, each through a queue that it alone reads.

    One that takes no task any more gives no sign of life, and its keeper replaces it.
    """
    try:
        for worker in worker_registry.list_workers():
            current_app.send_task(
                "emotion.tasks.report_worker", queue=worker_direct(worker), expires=_ASKED_EVERY_SECONDS
            )
    except (Unavailable, OperationalError):
        logger.warning("workers cannot be asked: Redis is away")


def report(*, worker: str) -> None:
    """Load the model if that has not happened, then tell readiness and the keeper that this worker lives."""
    from emotion.classifier.runtime import get_classifier  # noqa: PLC0415 -- not in the web

    try:
        name = get_classifier().spec.name
    except ClassifierUnavailable:
        logger.exception("this worker is not ready: the classifier does not load")
        return
    _give_sign_of_life()
    try:
        worker_registry.note_worker(worker, {"model": name, "pid": os.getpid(), "at": timezone.now().timestamp()})
    except Unavailable:
        logger.warning("this worker cannot report: Redis is away")


def _give_sign_of_life() -> None:
    """To `wellbeing/restarter.py`, when it keeps this worker."""
    path = os.environ.get("KEEPER_HEARTBEAT")
    if path:
        Path(path).touch()
