"""Remove blobs once it is certain that their captures ended."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from core.exceptions import Unavailable
from emotion import frame_store

logger = logging.getLogger(__name__)


def remove_blobs_on_commit(capture_ids: Sequence[UUID]) -> None:
    if capture_ids:
        transaction.on_commit(lambda: remove_blobs(capture_ids))


def remove_blobs(capture_ids: Sequence[UUID]) -> None:
    """While Redis is away nothing is removed: without the key in the row a blob is noise, and it expires by itself."""
    try:
        frame_store.remove(capture_ids)
    except Unavailable:
        logger.warning("blobs of %d captures are left to expire: Redis is away", len(capture_ids))
