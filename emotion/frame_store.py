"""Sealed frames on their way to a worker, in Redis: no persistence, gone by themselves after a quarter of an hour.

One hash a capture, one field an upload of it, named by the digest of its sealed key. Two uploads of one capture that
race never mix: the row that was committed names the field that counts, and removing the hash removes both.
"""

import hashlib
import logging
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID

from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.client import Pipeline

from core.exceptions import Unavailable
from emotion.valkey import connect

logger = logging.getLogger(__name__)

_PREFIX: Final = "wb:frames:"
_CURSOR: Final = "wb:sweep"
_SCANNED: Final = 2000
_LENGTH: Final = struct.Struct(">I")
# Young enough that the row naming it may not be committed yet.
_SETTLED_SECONDS: Final = 60


def store(capture_id: UUID, sealed_key: bytes, blobs: Sequence[bytes]) -> None:
    """Raises Unavailable when Redis is away or full."""
    packed = b"".join(_LENGTH.pack(len(blob)) + blob for blob in blobs)
    with connect(settings.BLOBS_URL) as client:
        pipeline = client.pipeline(transaction=True)
        pipeline.hsetnx(_key(capture_id), _field(sealed_key), packed)
        pipeline.expire(_key(capture_id), settings.FRAME_TTL_SECONDS)
        pipeline.execute()


def count() -> int:
    """About how many captures have a blob, over everybody, at the same cost whatever the answer. Raises Unavailable."""
    with connect(settings.BLOBS_URL) as client:
        return int(client.dbsize())


def fetch(keys: Mapping[UUID, bytes]) -> dict[UUID, list[bytes] | None]:
    """The blobs in order of each of these captures (id to sealed key), or None where they are gone.

    Raises Unavailable.
    """
    found = zip(keys, _ask(Pipeline.hget, keys), strict=True)
    return {capture_id: None if packed is None else list(_unpack(packed)) for capture_id, packed in found}


def find_missing(keys: Mapping[UUID, bytes]) -> set[UUID]:
    """Which of these captures (id to sealed key) have no blob any more. Raises Unavailable."""
    return {capture_id for capture_id, found in zip(keys, _ask(Pipeline.hexists, keys), strict=True) if not found}


def _ask(question: Callable[[Pipeline, str, str], object], keys: Mapping[UUID, bytes]) -> list[Any]:
    with connect(settings.BLOBS_URL) as client:
        pipeline = client.pipeline(transaction=False)
        for capture_id, sealed_key in keys.items():
            question(pipeline, _key(capture_id), _field(sealed_key))
        return pipeline.execute()


def remove(capture_ids: Iterable[UUID]) -> None:
    """Every upload of these captures. Raises Unavailable."""
    names = [_key(capture_id) for capture_id in capture_ids]
    if names:
        with connect(settings.BLOBS_URL) as client:
            client.unlink(*names)


def discard(capture_ids: Sequence[UUID]) -> None:
    """As `remove`, but left undone while Redis is away: without the key in the row a blob is noise, and it expires."""
    try:
        remove(capture_ids)
    except Unavailable:
        logger.warning("blobs of %d captures are left to expire: Redis is away", len(capture_ids))


def discard_on_commit(capture_ids: Sequence[UUID]) -> None:
    """For captures that are certain to have ended only once the transaction has."""
    if capture_ids:
        transaction.on_commit(lambda: discard(capture_ids))


def remove_upload(capture_id: UUID, sealed_key: bytes) -> None:
    """One upload that lost the race or was refused after all. Raises Unavailable."""
    with connect(settings.BLOBS_URL) as client:
        client.hdel(_key(capture_id), _field(sealed_key))


def list_settled() -> list[UUID]:
    """Captures with a blob at least a minute old, so that its row exists if it ever will. Raises Unavailable.

    Each call goes on where the last one stopped and looks at a few thousand, however many there are.
    """
    youngest = settings.FRAME_TTL_SECONDS - _SETTLED_SECONDS
    with connect(settings.BLOBS_URL) as client:
        names = _scan_on(client)
        pipeline = client.pipeline(transaction=False)
        for name in names:
            pipeline.ttl(name)
        ages = pipeline.execute() if names else []
    return [UUID(name.decode().removeprefix(_PREFIX)) for name, ttl in zip(names, ages, strict=True) if ttl <= youngest]


def _scan_on(client: Redis) -> list[bytes]:
    cursor, names = int(cast("bytes | None", client.get(_CURSOR)) or 0), set[bytes]()
    while True:
        cursor, found = cast("tuple[int, list[bytes]]", client.scan(cursor, match=f"{_PREFIX}*", count=_SCANNED))
        names.update(found)
        if cursor == 0 or len(names) >= _SCANNED:
            break
    client.set(_CURSOR, cursor, ex=settings.FRAME_TTL_SECONDS) if cursor else client.delete(_CURSOR)
    return sorted(names)


def _key(capture_id: UUID) -> str:
    return f"{_PREFIX}{capture_id}"


def _field(sealed_key: bytes) -> str:
    return hashlib.sha256(sealed_key).hexdigest()[:16]


def _unpack(packed: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(packed):
        (length,) = _LENGTH.unpack_from(packed, at)
        at += _LENGTH.size
        yield packed[at : at + length]
        at += length
