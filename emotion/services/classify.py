"""The worker's side: open the frames of what waits, read them, seal the readings, forget the frames.

May stop at any point, and another worker may do the same work at the same time: an attempt is counted before the work
begins, and the entries, the states and the end of the frame keys are one transaction.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from core.exceptions import Unavailable
from emotion import frame_store
from emotion.authentic import is_consent_for
from emotion.choices import Trigger
from emotion.classifier.spec import ClassifierUnavailable
from emotion.models import Capture, Consent
from emotion.selectors import live_consents
from emotion.wakeup import clear_flag, notify_workers
from vault.crypto.errors import SealError, VaultError
from vault.crypto.frames import open_frames, wipe
from vault.crypto.keys.loader import server_keys
from vault.journal import kinds
from vault.journal.entries import KeyAltered, make_entry
from vault.models import Entry, Vault

if TYPE_CHECKING:
    from emotion.classifier.runtime import Classifier, Reading

logger = logging.getLogger(__name__)

#: Captures that share one claim and one commit.
BATCH: Final = 16
#: After this long the task ends and rings for the next, so that a worker asked to stop does so soon.
_SHIFT_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a capture: a reading to record, or a state and the reason for it."""

    capture: Capture
    reading: "Reading | None" = None
    state: Capture.State = Capture.State.RECORDED
    reason: str = ""


def record_waiting(*, task_id: UUID) -> None:
    """Bring waiting captures to their end, oldest first, until none waits or the shift is over.

    `task_id` names this task: captures it claimed before it died and came again are its to take up at once.
    """
    classifier = _load_classifier()
    if classifier is None:
        return
    end = time.monotonic() + _SHIFT_SECONDS
    try:
        clear_flag()
        while batch := _claim(task_id):
            if len(batch) == BATCH:
                notify_workers()  # there may be work for another worker too
            _read(batch, classifier)
            if time.monotonic() > end:
                notify_workers()
                return
    except Unavailable:
        logger.warning("Redis is away: captures stay queued")
    except MemoryError:
        # Celery would end the whole worker for it. The sweeper rings for what was given back.
        logger.error("a snapshot asked for more memory than there is: captures stay queued")
    finally:
        classifier.forget()


def free_captures(*, task_id: UUID | None = None) -> QuerySet[Capture]:
    """Captures that wait and are in nobody's hands, or in those of `task_id`."""
    # After this time a worker that has not ended a capture is dead: its task would have been killed.
    now, claim_holds = timezone.now(), timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT)
    # A claim ahead of the clock is one from before the clock was set back.
    is_free = Q(claimed_at=None) | ~Q(claimed_at__range=(now - claim_holds, now + claim_holds))
    if task_id:
        is_free |= Q(claimed_by=task_id)
    # The state stands alone, or SQLite does not see that the index of what waits has them all.
    return Capture.objects.filter(is_free, state=Capture.State.QUEUED)


def late_after() -> timedelta:
    """A capture is too late a little before its frames leave Redis by themselves; what is missing earlier was lost."""
    return timedelta(seconds=0.99 * settings.FRAME_TTL_SECONDS)


def finish(captures: Sequence[Capture], state: Capture.State, reason: str = "") -> None:
    """End captures and their frame keys. The caller's transaction holds them and has seen that they are queued."""
    Capture.objects.filter(pk__in=[capture.pk for capture in captures]).update(
        state=state, reason=reason, sealed_key=None, finished_at=timezone.now()
    )
    for capture in captures:
        logger.info("capture %s: %s", capture.pk, state)


def _load_classifier() -> "Classifier | None":
    from emotion.classifier.runtime import get_classifier  # noqa: PLC0415 -- not in the web

    try:
        return get_classifier()
    except ClassifierUnavailable:
        logger.exception("captures stay queued: the classifier does not load")
        return None


@transaction.atomic
def _claim(task_id: UUID) -> list[Capture]:
    """The oldest captures in nobody's hands, with this attempt counted and committed.

    One that was tried before comes alone: should it be the one that kills workers, it takes no other along. One that
    was tried too often ends here.
    """
    locked = free_captures(task_id=task_id).select_for_update(skip_locked=True, of=("self",))
    batch: list[Capture] = []
    while not batch:
        waiting = list(locked.select_related("vault").order_by("queued_at")[:BATCH])
        if not waiting:
            return []
        _give_up([capture for capture in waiting if capture.attempts >= settings.CAPTURE_MAX_ATTEMPTS])
        batch = [capture for capture in waiting if capture.attempts < settings.CAPTURE_MAX_ATTEMPTS]
    batch = list(takewhile(lambda capture: not capture.attempts, batch)) or batch[:1]
    Capture.objects.filter(pk__in=[capture.pk for capture in batch]).update(
        attempts=F("attempts") + 1, claimed_at=timezone.now(), claimed_by=task_id
    )
    return batch


def _give_up(captures: Sequence[Capture]) -> None:
    if captures:
        finish(captures, Capture.State.FAILED, "gave_up")
    frame_store.discard_on_commit([capture.pk for capture in captures])


def _read(batch: Sequence[Capture], classifier: "Classifier") -> None:
    """Read and end each capture. What is left when time runs out or Redis is away goes back to be claimed again."""
    endings: list[Outcome] = []
    try:
        sealed = frame_store.fetch({capture.pk: bytes(capture.sealed_key or b"") for capture in batch})
        for capture in batch:
            ending = _read_one(capture, sealed[capture.pk], classifier)
            endings.append(ending)
    finally:
        _end(endings)
        _release(batch[len(endings) :])


def _read_one(capture: Capture, sealed: list[bytes] | None, classifier: "Classifier") -> Outcome:
    from emotion.classifier.images import UnreadableImage  # noqa: PLC0415 -- not in the web

    if sealed is None:
        is_late = timezone.now() - capture.queued_at >= late_after()
        return Outcome(capture, state=Capture.State.EXPIRED, reason="too_late" if is_late else "frame_lost")
    try:
        frames = _open(capture, sealed)
    except SealError as error:
        logger.error("capture %s: its frames do not open: %s", capture.pk, error)
        return Outcome(capture, state=Capture.State.FAILED, reason="frame_damaged")
    try:
        return Outcome(capture, classifier.classify_jpegs(frames, forget=False))
    except UnreadableImage:
        return Outcome(capture, state=Capture.State.REJECTED, reason="unreadable")
    finally:
        for frame in frames:
            wipe(frame)


def _open(capture: Capture, sealed: Sequence[bytes]) -> list[bytearray]:
    """Raises SealError."""
    sealed_key = bytes(capture.sealed_key or b"")
    return open_frames(
        sealed,
        sealed_key,
        private=server_keys().frame_private(sealed_key),
        capture_id=capture.pk,
        vault_id=capture.vault_id,
    )


def _end(endings: Sequence[Outcome]) -> None:
    if endings:
        _commit(endings)
        frame_store.discard([ending.capture.pk for ending in endings])


@transaction.atomic
def _commit(endings: Sequence[Outcome]) -> None:
    """Entries, states and the end of the frame keys. Consents are held first, so that a withdrawal waits or wins."""
    people = {ending.capture.vault.user_id for ending in endings}
    consents = live_consents().select_for_update().filter(user_id__in=people).order_by("user_id")
    given = {consent.user_id: consent for consent in consents}
    ids = [ending.capture.pk for ending in endings]
    still_queued = _hold_queued(ids)
    already = set(Entry.objects.filter(capture_id__in=ids).values_list("capture_id", flat=True))
    entries, ended = list[Entry](), defaultdict[tuple[Capture.State, str], list[Capture]](list)
    for ending in endings:
        capture = ending.capture
        if capture.pk in still_queued:
            is_willing = _is_willing(given.get(capture.vault.user_id), capture.vault)
            entry, state, reason = _resolve(ending, is_willing=is_willing, has_entry=capture.pk in already)
            ended[state, reason].append(capture)
            entries += [entry] if entry else []
    Entry.objects.bulk_create(entries)
    for (state, reason), captures in ended.items():
        finish(captures, state, reason)


def _is_willing(consent: Consent | None, vault: Vault) -> bool:
    public = bytes(vault.public_key)
    return consent is not None and is_consent_for(consent, vault_id=vault.pk, public=public)


def _hold_queued(ids: Sequence[UUID]) -> set[UUID]:
    """Those that are still queued.

    Asked for by id alone: PostgreSQL, whose statistics tell of the empty queue of an ordinary day, would answer a
    question that names the state with the index of what waits, all of it, for every batch.
    """
    held = Capture.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", "state")
    return {pk for pk, state in held if state == Capture.State.QUEUED}


def _resolve(ending: Outcome, *, is_willing: bool, has_entry: bool) -> tuple[Entry | None, Capture.State, str]:
    """The entry that is due, the state and the reason for it."""
    if ending.reading is None:
        return None, ending.state, ending.reason
    try:
        entry = None if has_entry else _seal(ending.capture, ending.reading)
    except (KeyAltered, VaultError):
        # The journal has logged why nothing may be sealed to this vault.
        return None, Capture.State.FAILED, "vault_damaged"
    return (entry, Capture.State.RECORDED, "") if is_willing else (None, Capture.State.WITHDRAWN, "")


def _seal(capture: Capture, reading: "Reading") -> Entry:
    kind = kinds.Neutral if capture.trigger == Trigger.NEUTRAL else kinds.Reading
    entry = kind(
        capture=capture.pk,
        outcome=reading.outcome,
        p=None if reading.probabilities is None else tuple(round(p, 5) for p in reading.probabilities),
        quality=round(reading.quality, 4),
        model=reading.model,
    )
    return make_entry(vault=capture.vault, entry=entry, at=capture.queued_at, capture_id=capture.pk)


def _release(captures: Sequence[Capture]) -> None:
    """Give back what was claimed and not read. The attempt counts: one of them may be why it was not."""
    Capture.objects.filter(pk__in=[capture.pk for capture in captures], state=Capture.State.QUEUED).update(
        claimed_at=None, claimed_by=None
    )
