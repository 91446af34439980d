"""Take in a capture: nothing is accepted until its sealed frames are stored and its row is committed."""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.exceptions import ConsentRequired, NotFound, Unavailable, WellbeingError
from emotion import frame_store
from emotion import schedule as rules
from emotion.choices import Trigger
from emotion.jpeg import MAX_BYTES, MAX_HEIGHT, MAX_WIDTH, MIN_HEIGHT, MIN_WIDTH, ImageRefused, check_jpeg
from emotion.models import Capture
from emotion.selectors import get_rules, get_schedule
from emotion.services.admission import check_admission
from emotion.services.consents import hold_consent
from emotion.wakeup import notify_workers
from vault.crypto.frames import seal_frames
from vault.crypto.keys.loader import server_keys
from vault.models import Entry

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

logger = logging.getLogger(__name__)

#: What is said of a picture that `emotion.jpeg` refuses, by its code.
REFUSED_PICTURES: "Final[Mapping[str, StrOrPromise]]" = {
    "too_large": format_lazy(_("A picture may have at most {kib} KiB."), kib=MAX_BYTES // 1024),
    "not_jpeg": _("The picture is not a JPEG."),
    "progressive": _("The picture is a progressive JPEG; a baseline JPEG is needed."),
    "unsupported_jpeg": _("The picture is not an ordinary 8-bit grey or colour JPEG."),
    "too_small_image": format_lazy(
        _("A picture needs at least {width} x {height} pixels."), width=MIN_WIDTH, height=MIN_HEIGHT
    ),
    "too_large_image": format_lazy(
        _("A picture may have at most {width} x {height} pixels."), width=MAX_WIDTH, height=MAX_HEIGHT
    ),
    "truncated": _("The picture is cut off."),
    "trailing_bytes": _("There is something behind the end of the picture."),
}


class OutsideSchedule(WellbeingError):
    code, status = "outside_schedule", 409
    detail = _("Your schedule asks for no snapshot now, so this one was not taken.")


class FrameRefused(WellbeingError):
    """A frame that is not one small baseline JPEG; see `emotion.jpeg` for the codes."""

    def __init__(self, detail: "StrOrPromise", *, code: str) -> None:
        super().__init__(detail, code=code)
        self.status = 413 if code == "too_large" else 400


def accept_capture(*, user: User, capture_id: UUID, trigger: str, frames: Sequence[bytes]) -> tuple[Capture, bool]:
    """The capture and whether it is new: the same id again gives the first one, whatever its frames.

    Raises VaultRequired, ConsentRequired, NotFound (the id is somebody else's), FrameRefused, OutsideSchedule,
    TooOften, or Unavailable when Redis is away or too many captures wait.
    """
    admission = check_admission(user_id=user.pk, capture_id=capture_id)
    if not admission.has_consent:
        raise ConsentRequired
    if admission.knows_id:
        known = _find_known(admission.vault_id, capture_id)
        if known is not None:
            return known, False
    _check_frames(frames)
    if trigger == Trigger.SCHEDULED and not rules.allows(get_rules(get_schedule(user)), at=timezone.now()):
        raise OutsideSchedule
    admission.check_rate()
    if frame_store.count() >= settings.CAPTURES_WAITING:
        raise Unavailable(code="busy", retry_after=10)
    capture = Capture(pk=capture_id, vault_id=admission.vault_id, trigger=trigger, frame_count=len(frames))
    return _store(capture, user, frames)


def _find_known(vault_id: UUID, capture_id: UUID) -> Capture | None:
    capture = Capture.objects.filter(pk=capture_id).first()
    # The row of a finished capture goes after a day; its entry still says that it was taken in.
    known = capture or Entry.objects.filter(capture_id=capture_id).only("vault_id").first()
    if known is not None and known.vault_id != vault_id:
        raise NotFound
    is_entry = isinstance(known, Entry)
    return Capture(pk=capture_id, vault_id=vault_id, state=Capture.State.RECORDED) if is_entry else capture


def _check_frames(frames: Sequence[bytes]) -> None:
    if not 1 <= len(frames) <= settings.MAX_FRAMES:
        told = gettext("A snapshot has 1 to %(most)d pictures.") % {"most": settings.MAX_FRAMES}
        raise FrameRefused(told, code="frame_count")
    for frame in frames:
        try:
            check_jpeg(frame)
        except ImageRefused as error:
            raise FrameRefused(REFUSED_PICTURES[error.code], code=error.code) from error


def _store(capture: Capture, user: User, frames: Sequence[bytes]) -> tuple[Capture, bool]:
    sealed, sealed_key = seal_frames(
        frames, capture_id=capture.pk, vault_id=capture.vault_id, recipient_public=server_keys().frame_public
    )
    capture.sealed_key = sealed_key
    frame_store.store(capture.pk, sealed_key, sealed)
    try:
        _commit(capture, user)
    except (IntegrityError, WellbeingError) as error:
        frame_store.remove_upload(capture.pk, sealed_key)
        # Two uploads of one id may have raced and the other one won.
        known = _find_known(capture.vault_id, capture.pk) if isinstance(error, IntegrityError) else None
        if known is None:
            raise
        return known, False
    logger.info("capture %s: queued", capture.pk)
    return capture, True


@transaction.atomic
def _commit(capture: Capture, user: User) -> None:
    """Checks again what may have changed since, now that nothing can change any more."""
    hold_consent(user_id=user.pk)
    admission = check_admission(user_id=user.pk, capture_id=capture.pk)
    if not admission.has_consent or admission.vault_id != capture.vault_id:
        raise ConsentRequired
    if not admission.knows_id:
        admission.check_rate()
    capture.save(force_insert=True)
    transaction.on_commit(notify_workers)
