import os
from uuid import UUID, uuid4

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from core.exceptions import Unavailable
from emotion import frame_store
from tests.valkey import AWAY

KEY, OTHER_KEY = b"sealed key", b"another"


def fetch(capture_id: UUID, sealed_key: bytes) -> list[bytes] | None:
    return frame_store.fetch({capture_id: sealed_key})[capture_id]


def test_blobs_come_back_in_order_and_are_gone_after_a_quarter_of_an_hour(valkey: Redis) -> None:
    capture_id, frames = uuid4(), [os.urandom(1000), b"", os.urandom(70_000)]
    frame_store.store(capture_id, KEY, frames)
    assert fetch(capture_id, KEY) == frames
    [name] = valkey.keys()
    assert 890 < valkey.ttl(name) <= 900


def test_two_uploads_of_one_capture_do_not_mix(valkey: Redis) -> None:
    capture_id = uuid4()
    frame_store.store(capture_id, KEY, [b"first"])
    frame_store.store(capture_id, OTHER_KEY, [b"second"])
    assert (fetch(capture_id, KEY), fetch(capture_id, OTHER_KEY)) == ([b"first"], [b"second"])
    frame_store.remove_upload(capture_id, OTHER_KEY)
    assert (fetch(capture_id, KEY), fetch(capture_id, OTHER_KEY)) == ([b"first"], None)
    frame_store.remove([capture_id])
    assert valkey.dbsize() == 0


def test_several_are_fetched_at_once_each_its_own(valkey: Redis) -> None:
    ids = [uuid4() for _ in range(5)]
    for number, capture_id in enumerate(ids[:4]):
        frame_store.store(capture_id, KEY, [bytes([number])])
    assert frame_store.fetch(dict.fromkeys(ids, KEY)) == {
        **{capture_id: [bytes([number])] for number, capture_id in enumerate(ids[:4])},
        ids[4]: None,
    }
    assert frame_store.count() == 4


def test_settled_blobs_are_looked_through_a_part_at_a_time(valkey: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_store, "_SCANNED", 20)
    ids = {uuid4() for _ in range(100)}
    for capture_id in ids:
        frame_store.store(capture_id, KEY, [b"frame"])
        valkey.expire(f"wb:frames:{capture_id}", 800)
    parts = [frame_store.list_settled() for _ in range(10)]
    assert {capture_id for part in parts for capture_id in part} == ids
    assert max(len(part) for part in parts) < 60


def test_missing_blobs_are_found(valkey: Redis) -> None:
    there, gone = uuid4(), uuid4()
    frame_store.store(there, KEY, [b"frame"])
    assert frame_store.find_missing({there: KEY, gone: KEY}) == {gone}
    assert frame_store.find_missing({there: OTHER_KEY}) == {there}


def test_redis_away_is_one_refusal(settings: Settings) -> None:
    settings.BLOBS_URL = AWAY
    for ask in (
        lambda: frame_store.store(uuid4(), KEY, [b"frame"]),
        lambda: frame_store.fetch({uuid4(): KEY}),
        frame_store.count,
        lambda: frame_store.remove([uuid4()]),
        frame_store.list_settled,
    ):
        with pytest.raises(Unavailable):
            ask()


def test_a_full_redis_refuses_and_drops_nothing(valkey: Redis) -> None:
    capture_id = uuid4()
    frame_store.store(capture_id, KEY, [b"frame"])
    valkey.config_set("maxmemory", 1)
    try:
        with pytest.raises(Unavailable):
            frame_store.store(uuid4(), KEY, [b"frame"])
        assert fetch(capture_id, KEY) == [b"frame"]
    finally:
        valkey.config_set("maxmemory", 0)
