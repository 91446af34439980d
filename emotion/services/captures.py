"""Take in a capture: nothing is accepted until its sealed frames are stored and its row is committed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from emotion import blobs
from emotion import schedule as rules
from emotion.jpeg import ImageRefused, check_jpeg
from emotion.models import Capture, Entry, Vault
from emotion.selectors import get_live_consent, get_rules, get_schedule, get_vault
from emotion.services.consents import lock_live_consent
from emotion.tasks import classify_capture
from wellbeing.exceptions import ConsentRequired, NotFound, TooOften, Unavailable, WellbeingError
from wellbeing.keys import server_keys
from wellbeing.models import User
from wellbeing.vault import seal_frames

logger = logging.getLogger(__name__)

_HOUR: Final = timedelta(hours=1)
_BURST_WINDOW: Final = timedelta(seconds=10)
_BURST: Final = 3


class OutsideSchedule(WellbeingError):
    code, status, detail = "outside_schedule", 409, "Your schedule asks for no snapshot now, so this one was not taken."


class FrameRefused(WellbeingError):
    """A frame that is not one small baseline JPEG; see `emotion.jpeg` for the codes."""


def accept_capture(*, user: User, capture_id: UUID, trigger: str, frames: Sequence[bytes]) -> tuple[Capture, bool]:
    """The capture and whether it is new: the same id again gives the first one, whatever its frames.

    Raises VaultRequired, ConsentRequired, NotFound (the id is somebody else's), FrameRefused, OutsideSchedule,
    TooOften, or Unavailable when Redis is away or too many captures wait.
    """
    vault = get_vault(user)
    if get_live_consent(user) is None:
        raise ConsentRequired
    known = _find_known(vault, capture_id)
    if known is not None:
        return known, False
    _check_frames(frames)
    _check_schedule(user, trigger)
    _check_rate(vault)
    _check_room()
    return _store(vault, capture_id, trigger, frames)


def queue_capture(capture_id: UUID) -> None:
    """Tell a worker once this is committed. A broker that is away is no error: the sweeper queues what waits."""
    transaction.on_commit(partial(_publish, capture_id))


def _publish(capture_id: UUID) -> None:
    try:
        classify_capture.delay(str(capture_id))
    except OperationalError:
        logger.warning("capture %s: not queued, the broker is away; the sweeper will", capture_id)


def _find_known(vault: Vault, capture_id: UUID) -> Capture | None:
    capture = Capture.objects.filter(pk=capture_id).first()
    if capture is not None:
        if capture.vault_id != vault.pk:
            raise NotFound
        return capture
    # The row of a finished capture goes after a day; its entry still says that it was taken in.
    entry = Entry.objects.filter(capture_id=capture_id).only("vault_id").first()
    if entry is None:
        return None
    if entry.vault_id != vault.pk:
        raise NotFound
    return Capture(pk=capture_id, vault=vault, state=Capture.State.RECORDED)


def _check_frames(frames: Sequence[bytes]) -> None:
    if not 1 <= len(frames) <= settings.MAX_FRAMES:
        raise FrameRefused(f"A snapshot has 1 to {settings.MAX_FRAMES} pictures.", code="frame_count")
    for frame in frames:
        try:
            check_jpeg(frame)
        except ImageRefused as error:
            refusal = FrameRefused(error.detail, code=error.code)
            refusal.status = 413 if error.code == "too_large" else 400
            raise refusal from error


def _check_schedule(user: User, trigger: str) -> None:
    if trigger == Capture.Trigger.SCHEDULED and not rules.allows(get_rules(get_schedule(user)), at=timezone.now()):
        raise OutsideSchedule


def _check_rate(vault: Vault) -> None:
    """The hour's allowance, and the same allowance spread evenly over ten seconds but never under three."""
    burst = max(_BURST, int(settings.CAPTURES_PER_HOUR * (_BURST_WINDOW / _HOUR)))
    now = timezone.now()
    for window, allowed in ((_BURST_WINDOW, burst), (_HOUR, settings.CAPTURES_PER_HOUR)):
        recent = Capture.objects.filter(vault=vault, queued_at__gt=now - window).order_by("-queued_at")
        at_limit = recent.values_list("queued_at", flat=True)[allowed - 1 : allowed].first()
        if at_limit is not None:
            raise TooOften(retry_after=int((at_limit + window - now).total_seconds()) + 1)


def _check_room() -> None:
    waiting = Capture.objects.filter(state=Capture.State.QUEUED).order_by("queued_at")
    if waiting[settings.CAPTURES_WAITING - 1 : settings.CAPTURES_WAITING].exists():
        raise Unavailable(code="busy", retry_after=10)


def _store(vault: Vault, capture_id: UUID, trigger: str, frames: Sequence[bytes]) -> tuple[Capture, bool]:
    sealed, sealed_key = seal_frames(
        frames, capture_id=capture_id, vault_id=vault.pk, recipient_public=server_keys().frame_public
    )
    blobs.store(capture_id, sealed_key, sealed)
    capture = Capture(pk=capture_id, vault=vault, trigger=trigger, frame_count=len(frames), sealed_key=sealed_key)
    try:
        _commit(capture)
    except IntegrityError:
        # Two uploads of one id raced and the other one won.
        blobs.remove_upload(capture_id, sealed_key)
        known = _find_known(vault, capture_id)
        if known is None:
            raise
        return known, False
    except WellbeingError:
        blobs.remove_upload(capture_id, sealed_key)
        raise
    logger.info("capture %s: queued", capture_id)
    return capture, True


@transaction.atomic
def _commit(capture: Capture) -> None:
    """Checks again what may have changed since, now that nothing can change any more."""
    if lock_live_consent(user_id=capture.vault.user_id) is None:
        raise ConsentRequired
    if not Capture.objects.filter(pk=capture.pk).exists():
        _check_rate(capture.vault)
    capture.save(force_insert=True)
    queue_capture(capture.pk)
