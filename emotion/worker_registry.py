"""Which workers live, as they report it to Redis; believed for a while."""

from __future__ import annotations

import json
import time
from typing import Any, Final, cast

from django.conf import settings

from emotion.valkey import connect

_WORKER: Final = "wb:worker"


_WORKER_SECONDS: Final = 45


_WORKERS: Final = "wb:workers"


_WORKERS_SECONDS: Final = 60 * 60


def note_worker(worker: str, report: dict[str, Any]) -> None:
    """A worker with a loaded model is alive; believed for 45 seconds. Raises Unavailable."""
    with connect(settings.BLOBS_URL) as client:
        pipeline = client.pipeline()
        pipeline.set(_WORKER, json.dumps(report), ex=_WORKER_SECONDS)
        pipeline.zadd(_WORKERS, {worker: time.time()})
        pipeline.execute()


def list_workers() -> list[str]:
    """Every worker that reported within the hour, by name. Raises Unavailable."""
    with connect(settings.BLOBS_URL) as client:
        client.zremrangebyscore(_WORKERS, "-inf", time.time() - _WORKERS_SECONDS)
        return [name.decode() for name in cast("list[bytes]", client.zrange(_WORKERS, 0, -1))]


def read_worker() -> dict[str, Any] | None:
    """The last report of a worker that is alive, or None. Raises Unavailable."""
    with connect(settings.BLOBS_URL) as client:
        report = client.get(_WORKER)
    return None if report is None else json.loads(report)
