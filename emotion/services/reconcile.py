"""What beat does every quarter of a minute so that no capture is forgotten and none outstays. Safe to run twice."""

import logging
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from core.exceptions import Unavailable
from emotion import frame_store
from emotion.models import Capture
from emotion.services.classify import free_captures, late_after
from emotion.wakeup import notify_workers

logger = logging.getLogger(__name__)

#: What waits this long in nobody's hands may have lost its message, or its frame.
FORGOTTEN_AFTER: Final = timedelta(seconds=10)
KEPT_FOR: Final = timedelta(hours=24)
_BATCH: Final = 1000


def sweep() -> None:
    now = timezone.now()
    _expire_old(now)
    _delete_finished(now)
    try:
        _expire_lost(now)
        _wake_workers(now)
        _remove_leftovers()
    except Unavailable:
        logger.warning("sweep: Redis is away, the rest waits for the next time")


def _expire_old(now: datetime) -> None:
    too_old = Capture.objects.filter(state=Capture.State.QUEUED, queued_at__lte=now - late_after())
    _expire(list(too_old.values_list("pk", flat=True)[:_BATCH]), "too_late", now)


def _expire_lost(now: datetime) -> None:
    waiting = dict(_forgotten(now).order_by("queued_at").values_list("pk", "sealed_key")[:_BATCH])
    missing = frame_store.find_missing({pk: bytes(key or b"") for pk, key in waiting.items()}) if waiting else set()
    _expire(list(missing), "frame_lost", now)


def _expire(ids: list[UUID], reason: str, now: datetime) -> None:
    if not ids:
        return
    ended = Capture.objects.filter(pk__in=ids, state=Capture.State.QUEUED).update(
        state=Capture.State.EXPIRED, reason=reason, sealed_key=None, finished_at=now
    )
    frame_store.discard(ids)
    logger.warning("sweep: %d captures expired (%s)", ended, reason)


def _wake_workers(now: datetime) -> None:
    if _forgotten(now).exists():
        notify_workers()


def _forgotten(now: datetime) -> QuerySet[Capture]:
    return free_captures().filter(queued_at__lt=now - FORGOTTEN_AFTER)


def _remove_leftovers() -> None:
    """Blobs of captures that ended, or of uploads that never became one, when a process died before removing them."""
    settled = frame_store.list_settled()
    queued = set(Capture.objects.filter(pk__in=settled, state=Capture.State.QUEUED).values_list("pk", flat=True))
    leftovers = [capture_id for capture_id in settled if capture_id not in queued]
    if leftovers:
        frame_store.remove(leftovers)
        logger.warning("sweep: %d leftover blobs removed", len(leftovers))


def _delete_finished(now: datetime) -> None:
    """A batch at a time, so that nobody waits long for the database."""
    ended = Capture.objects.exclude(state=Capture.State.QUEUED).filter(finished_at__lt=now - KEPT_FOR)
    Capture.objects.filter(pk__in=list(ended.values_list("pk", flat=True)[: 10 * _BATCH])).delete()
