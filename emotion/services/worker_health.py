"""A worker refuses to start without its model, its children load it, and while one that has it lives it says so."""

import json
import logging
import mmap
import os
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final, cast

from django.conf import settings

from core.exceptions import Unavailable
from emotion.classifier.spec import ClassifierUnavailable, ModelSpec
from emotion.selectors import get_shipped_model
from emotion.valkey import connect

logger = logging.getLogger(__name__)

_KEY: Final = "wb:worker"
_BELIEVED_SECONDS: Final = 45
#: The process that loaded the model last, in memory that a worker shares with its children.
_LOADED_BY: Final = mmap.mmap(-1, 8)


def needs_model() -> bool:
    """Whether this worker reads pictures."""
    return settings.CAMERA and "captures" in settings.WORKER_QUEUES


def check_model() -> None:
    """Raises ClassifierUnavailable unless the shipped weights are those that the model's description names.

    Loads no OpenVINO, so that the parent of worker processes may call it.
    """
    ModelSpec.load().read_weights()


def load_model() -> None:
    """For a worker's child, before it takes a task: load the model, and let the parent know."""
    from emotion.classifier.runtime import get_classifier  # noqa: PLC0415 -- not in the web

    try:
        get_classifier()
    except ClassifierUnavailable:
        logger.exception("this worker is not ready: the classifier does not load")
        return
    _LOADED_BY[:] = os.getpid().to_bytes(8, "big")


def report(*, children: Collection[int]) -> None:
    """For a worker's parent: tell the keeper and readiness that it lives, unless no child of these has the model.

    Readiness believes it for 45 seconds. Where no frames are read no model is needed, and nobody asks for readiness.
    """
    if needs_model():
        if int.from_bytes(_LOADED_BY, "big") not in children:
            return
        _note_worker()
    if heartbeat := os.environ.get("KEEPER_HEARTBEAT"):
        Path(heartbeat).touch()
        os.utime(heartbeat, (time.monotonic(), time.monotonic()))


def read_worker() -> dict[str, Any] | None:
    """The last report of a worker that is alive, or None. Raises Unavailable."""
    with connect(settings.BLOBS_URL) as client:
        told = cast("bytes | None", client.get(_KEY))
    return None if told is None else json.loads(told)


def _note_worker() -> None:
    model = get_shipped_model()
    told = {"model": model.name if model else "", "pid": os.getpid()}
    try:
        with connect(settings.BLOBS_URL) as client:
            client.set(_KEY, json.dumps(told), ex=_BELIEVED_SECONDS)
    except Unavailable:
        logger.warning("this worker cannot report: Redis is away")
