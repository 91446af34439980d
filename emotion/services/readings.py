"""The worker's side: open the frames of one capture, read them, seal the reading, forget the frames.

May run any number of times for one capture, at the same time or after a kill at any point: the attempt is counted
before the work, and the entry, the state and the end of the frame key are one transaction.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from emotion import blobs
from emotion.journal import append_entry
from emotion.models import Capture, Entry
from emotion.services.blobs import remove_blobs
from emotion.services.consents import lock_live_consent
from wellbeing.exceptions import Unavailable
from wellbeing.keys import server_keys
from wellbeing.vault import SealError, VaultError, open_frames, wipe

if TYPE_CHECKING:
    from emotion.classifier.runtime import Classifier, Reading

logger = logging.getLogger(__name__)

LAST_ATTEMPT: Final = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT)


def record_reading(*, capture_id: UUID) -> None:
    """Bring one capture to its end, or leave it queued for the sweeper when something of ours is away."""
    classifier = _load_classifier()
    if classifier is None:
        return
    capture = _claim(capture_id)
    if capture is None:
        return
    try:
        frames = _open(capture)
    except Unavailable:
        logger.warning("capture %s: Redis is away, it stays queued", capture_id)
        return
    if frames is not None:
        _classify(capture, classifier, frames)
    remove_blobs([capture_id])


def finish(capture: Capture, state: Capture.State, reason: str = "") -> bool:
    """End a queued capture and its frame key; False when it had ended already."""
    ended = Capture.objects.filter(pk=capture.pk, state=Capture.State.QUEUED).update(
        state=state, reason=reason, sealed_key=None, finished_at=timezone.now()
    )
    if ended:
        logger.info("capture %s: %s", capture.pk, state)
    return bool(ended)


def _load_classifier() -> Classifier | None:
    from emotion.classifier.runtime import ClassifierUnavailable, get_classifier  # noqa: PLC0415 -- not in the web

    try:
        return get_classifier()
    except ClassifierUnavailable:
        logger.exception("captures stay queued: the classifier does not load")
        return None


def _claim(capture_id: UUID) -> Capture | None:
    """The capture with this attempt counted and committed, or None when there is nothing left to do."""
    queued = Capture.objects.filter(pk=capture_id, state=Capture.State.QUEUED)
    claimed = queued.filter(attempts__lt=settings.CAPTURE_MAX_ATTEMPTS).update(
        attempts=F("attempts") + 1, claimed_at=timezone.now()
    )
    capture = queued.select_related("vault").first()
    if capture is None:
        remove_blobs([capture_id])
        return None
    if claimed:
        return capture
    # The last attempt may be at work this moment: it is given up only when its time has run out.
    if capture.claimed_at is None or capture.claimed_at < timezone.now() - LAST_ATTEMPT:
        finish(capture, Capture.State.FAILED, "gave_up")
        remove_blobs([capture_id])
    return None


def _open(capture: Capture) -> list[bytearray] | None:
    """The frames, or None when the capture had to end without them. Raises Unavailable."""
    sealed_key = bytes(capture.sealed_key or b"")
    sealed = blobs.fetch(capture.pk, sealed_key)
    if sealed is None:
        finish(capture, Capture.State.EXPIRED, "frame_lost")
        return None
    try:
        return open_frames(
            sealed,
            sealed_key,
            private=server_keys().frame_private(sealed_key),
            capture_id=capture.pk,
            vault_id=capture.vault_id,
        )
    except SealError as error:
        logger.error("capture %s: its frames do not open: %s", capture.pk, error)
        finish(capture, Capture.State.FAILED, "frame_damaged")
        return None


def _classify(capture: Capture, classifier: Classifier, frames: list[bytearray]) -> None:
    from emotion.classifier.images import UnreadableImage  # noqa: PLC0415 -- not in the web

    try:
        reading = classifier.classify_jpegs(frames)
    except UnreadableImage:
        finish(capture, Capture.State.REJECTED, "unreadable")
        return
    finally:
        for frame in frames:
            wipe(frame)
    try:
        _record(capture, reading)
    except VaultError:
        # The journal has logged why nothing may be sealed to this vault.
        finish(capture, Capture.State.FAILED, "vault_damaged")


@transaction.atomic
def _record(capture: Capture, reading: Reading) -> None:
    consent = lock_live_consent(user_id=capture.vault.user_id)
    current = Capture.objects.select_for_update().filter(pk=capture.pk, state=Capture.State.QUEUED).first()
    if current is None:
        return
    if consent is None:
        finish(current, Capture.State.WITHDRAWN)
        return
    if not Entry.objects.filter(capture_id=capture.pk).exists():
        data = {
            "capture": str(capture.pk),
            "outcome": reading.outcome,
            "p": None if reading.probabilities is None else [round(p, 5) for p in reading.probabilities],
            "quality": round(reading.quality, 4),
            "model": reading.model,
        }
        append_entry(vault=capture.vault, kind="reading", data=data, at=capture.queued_at, capture_id=capture.pk)
    finish(current, Capture.State.RECORDED)
