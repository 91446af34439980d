from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings
from redis import Redis

from accounts.models import User
from emotion import frame_store
from emotion.models import Capture
from emotion.services import reconcile
from emotion.services.accept import accept_capture
from emotion.services.reconcile import sweep
from tests.valkey import AWAY, count_messages
from tests.vaults import make_vault
from vault.journal.entries import OpenedVault

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def capture_id(alice: User, opened: OpenedVault, jpeg: bytes, valkey: Redis) -> UUID:
    capture, _ = accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=[jpeg])
    Redis(unix_socket_path=str(valkey.connection_pool.connection_kwargs["path"]), db=0).flushdb()
    return capture.pk


def age(**change: timedelta) -> None:
    Capture.objects.update(**{field: timezone.now() - ago for field, ago in change.items()})


def state_of(capture_id: UUID) -> tuple[str, str, bool]:
    capture = Capture.objects.get(pk=capture_id)
    return capture.state, capture.reason, capture.sealed_key is None


def test_a_worker_is_woken_for_a_forgotten_capture_once(capture_id: UUID) -> None:
    sweep()
    assert count_messages() == 0, "it is too young to be forgotten"
    age(queued_at=timedelta(seconds=11))
    sweep()
    sweep()
    assert count_messages() == 1, "the message is there now"
    assert state_of(capture_id) == ("queued", "", False)


def test_a_capture_at_work_is_left_alone_until_its_worker_must_be_dead(capture_id: UUID) -> None:
    age(queued_at=timedelta(minutes=2), claimed_at=timedelta(seconds=10))
    sweep()
    assert count_messages() == 0
    age(claimed_at=timedelta(seconds=31))
    sweep()
    assert count_messages() == 1


def test_what_waited_too_long_expires_with_its_key_and_blob(capture_id: UUID, valkey: Redis) -> None:
    age(queued_at=timedelta(minutes=15, seconds=1))
    sweep()
    assert state_of(capture_id) == ("expired", "too_late", True)
    assert valkey.dbsize() == 0


def test_what_redis_lost_expires_and_says_so(capture_id: UUID, valkey: Redis) -> None:
    valkey.flushdb()
    age(queued_at=timedelta(seconds=11))
    sweep()
    assert state_of(capture_id) == ("expired", "frame_lost", True)
    assert count_messages() == 0


def test_leftover_blobs_go_but_not_those_whose_row_may_still_come(capture_id: UUID, valkey: Redis) -> None:
    ended, coming = uuid4(), uuid4()
    for stray in (ended, coming):
        frame_store.store(stray, b"key", [b"blob"])
    valkey.expire(f"wb:frames:{ended}", 839)
    valkey.expire(f"wb:frames:{capture_id}", 100)
    sweep()
    assert {name.decode() for name in valkey.scan_iter()} == {f"wb:frames:{capture_id}", f"wb:frames:{coming}"}


def test_leftover_blobs_of_captures_that_ended_go(capture_id: UUID, opened: OpenedVault, valkey: Redis) -> None:
    ended = Capture.objects.create(
        id=uuid4(), vault_id=opened.vault_id, state="recorded", finished_at=timezone.now()
    ).pk
    frame_store.store(ended, b"key", [b"blob"])
    for settled in (ended, capture_id):
        valkey.expire(f"wb:frames:{settled}", 839)
    sweep()
    assert valkey.keys("wb:frames:*") == [f"wb:frames:{capture_id}".encode()]


def test_only_what_waited_too_long_expires(capture_id: UUID, bob: User) -> None:
    old = Capture.objects.create(
        id=uuid4(),
        vault_id=make_vault(bob).vault_id,
        sealed_key=b"key",
        queued_at=timezone.now() - timedelta(minutes=16),
    ).pk
    sweep()
    assert state_of(old) == ("expired", "too_late", True)
    assert state_of(capture_id) == ("queued", "", False)


def test_captures_that_ended_long_ago_do_not_keep_a_waiting_one_from_expiring(
    capture_id: UUID, opened: OpenedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "_BATCH", 3)
    now = timezone.now()
    Capture.objects.filter(pk=capture_id).delete()
    for number in range(4):
        Capture.objects.create(
            id=UUID(int=number),
            vault_id=opened.vault_id,
            state="recorded",
            queued_at=now - timedelta(hours=2),
            finished_at=now - timedelta(hours=2),
        )
    late = Capture.objects.create(
        id=UUID(int=4), vault_id=opened.vault_id, sealed_key=b"key", queued_at=now - timedelta(minutes=16)
    )
    sweep()
    assert state_of(late.pk) == ("expired", "too_late", True)
    assert Capture.objects.filter(state="recorded").count() == 4


def test_a_day_after_its_end_nothing_of_a_capture_is_left(capture_id: UUID) -> None:
    Capture.objects.update(state="recorded", sealed_key=None, finished_at=timezone.now() - timedelta(hours=23))
    sweep()
    assert Capture.objects.count() == 1
    age(finished_at=timedelta(hours=24, seconds=1))
    sweep()
    assert Capture.objects.count() == 0


def test_without_redis_old_captures_still_expire(capture_id: UUID, settings: Settings) -> None:
    settings.BLOBS_URL = AWAY
    age(queued_at=timedelta(minutes=16))
    sweep()
    assert state_of(capture_id) == ("expired", "too_late", True)
