"""A worker's own doings: it refuses to start without its model, keeps its memory private, and says that it lives."""

from __future__ import annotations

import logging
import os

from django.utils import timezone

from emotion import blobs
from emotion.classifier.spec import ClassifierUnavailable, ModelSpec
from wellbeing.exceptions import Unavailable

logger = logging.getLogger(__name__)


def check_model() -> ModelSpec:
    """The shipped model's description, once its weights are known to be those described.

    Raises ClassifierUnavailable. Loads no OpenVINO, so that the parent of worker processes may call it.
    """
    spec = ModelSpec.load()
    spec.read_weights()
    return spec


def report() -> None:
    """Load the model if that has not happened, then tell readiness that this worker lives."""
    from emotion.classifier.runtime import get_classifier  # noqa: PLC0415 -- not in the web

    try:
        name = get_classifier().spec.name
    except ClassifierUnavailable:
        logger.exception("this worker is not ready: the classifier does not load")
        return
    try:
        blobs.note_worker({"model": name, "pid": os.getpid(), "at": timezone.now().timestamp()})
    except Unavailable:
        logger.warning("this worker cannot report: Redis is away")
