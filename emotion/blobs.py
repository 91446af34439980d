"""Sealed frames on their way to a worker, in Redis: no persistence, gone by themselves after a quarter of an hour.

One hash a capture, one field an upload of it, named by the digest of its sealed key. Two uploads of one capture that
race never mix: the row that was committed names the field that counts, and removing the hash removes both.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final, cast
from uuid import UUID

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from wellbeing.exceptions import Unavailable

_PREFIX: Final = "wb:frames:"
_WORKER: Final = "wb:worker"
_WORKER_SECONDS: Final = 45
_LENGTH: Final = struct.Struct(">I")
# Young enough that the row naming it may not be committed yet.
_SETTLED_SECONDS: Final = 60


def store(capture_id: UUID, sealed_key: bytes, blobs: Sequence[bytes]) -> None:
    """Raises Unavailable when Redis is away or full."""
    packed = b"".join(_LENGTH.pack(len(blob)) + blob for blob in blobs)
    with _connect() as client:
        pipeline = client.pipeline(transaction=True)
        pipeline.hsetnx(_key(capture_id), _field(sealed_key), packed)  # type: ignore[arg-type]
        pipeline.expire(_key(capture_id), settings.FRAME_TTL_SECONDS)
        pipeline.execute()


def fetch(capture_id: UUID, sealed_key: bytes) -> list[bytes] | None:
    """The blobs in order, or None when they are gone. Raises Unavailable."""
    with _connect() as client:
        packed = cast("bytes | None", client.hget(_key(capture_id), _field(sealed_key)))
    return None if packed is None else list(_unpack(packed))


def find_missing(keys: dict[UUID, bytes]) -> set[UUID]:
    """Which of these captures (id to sealed key) have no blob any more. Raises Unavailable."""
    with _connect() as client:
        pipeline = client.pipeline(transaction=False)
        for capture_id, sealed_key in keys.items():
            pipeline.hexists(_key(capture_id), _field(sealed_key))
        return {capture_id for capture_id, found in zip(keys, pipeline.execute(), strict=True) if not found}


def remove(capture_ids: Iterable[UUID]) -> None:
    """Every upload of these captures. Raises Unavailable."""
    names = [_key(capture_id) for capture_id in capture_ids]
    if names:
        with _connect() as client:
            client.unlink(*names)


def remove_upload(capture_id: UUID, sealed_key: bytes) -> None:
    """One upload that lost the race or was refused after all. Raises Unavailable."""
    with _connect() as client:
        client.hdel(_key(capture_id), _field(sealed_key))


def list_settled() -> list[UUID]:
    """Captures with a blob at least a minute old, so that its row exists if it ever will. Raises Unavailable."""
    youngest = settings.FRAME_TTL_SECONDS - _SETTLED_SECONDS
    with _connect() as client:
        names = list(client.scan_iter(match=f"{_PREFIX}*", count=500))
        pipeline = client.pipeline(transaction=False)
        for name in names:
            pipeline.ttl(name)
        ages = pipeline.execute() if names else []
    return [UUID(name.decode().removeprefix(_PREFIX)) for name, ttl in zip(names, ages, strict=True) if ttl <= youngest]


def note_worker(report: dict[str, Any]) -> None:
    """A worker with a loaded model is alive; believed for 45 seconds. Raises Unavailable."""
    with _connect() as client:
        client.set(_WORKER, json.dumps(report), ex=_WORKER_SECONDS)


def read_worker() -> dict[str, Any] | None:
    """The last report of a worker that is alive, or None. Raises Unavailable."""
    with _connect() as client:
        report = client.get(_WORKER)
    return None if report is None else json.loads(report)


@contextmanager
def _connect() -> Iterator[Redis]:
    try:
        yield _client(settings.BLOBS_URL)
    except RedisError as error:
        raise Unavailable from error


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    client: Redis = Redis.from_url(url, socket_timeout=2, socket_connect_timeout=1, retry=Retry(NoBackoff(), 1))
    return client


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
