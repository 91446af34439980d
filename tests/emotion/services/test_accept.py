from collections.abc import Sequence
from datetime import time, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings
from redis import Redis

from accounts.models import User
from core.exceptions import ConsentRequired, NotFound, TooOften, Unavailable, VaultRequired, WellbeingError
from emotion import frame_store
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Capture
from emotion.services.accept import OutsideSchedule, accept_capture
from emotion.services.consents import give_consent, hold_consent, withdraw_consent
from emotion.services.schedules import pause_schedule, save_schedule
from tests.entries import reading
from tests.valkey import AWAY, count_messages
from tests.vaults import make_vault
from vault.journal.entries import OpenedVault, append_entry
from vault.models import Vault

pytestmark = pytest.mark.django_db


def send(user: User, jpeg: bytes, capture_id: UUID | None = None, trigger: str = "manual") -> tuple[Capture, bool]:
    return accept_capture(user=user, capture_id=capture_id or uuid4(), trigger=trigger, frames=[jpeg])


def test_an_accepted_capture_is_a_sealed_blob_and_a_row_with_its_sealed_key(
    alice: User, opened: OpenedVault, jpeg: bytes, valkey: Redis
) -> None:
    capture, is_new = send(alice, jpeg)
    assert is_new
    row = Capture.objects.get(pk=capture.pk)
    assert (row.state, row.vault_id, row.frame_count, row.attempts) == ("queued", opened.vault_id, 1, 0)
    assert len(bytes(row.sealed_key or b"")) == 98
    [name] = valkey.keys()
    assert name == f"wb:frames:{capture.pk}".encode()
    [blob] = valkey.hvals(name)
    assert isinstance(blob, bytes)
    assert not any(blob.count(jpeg[at : at + 16]) for at in range(0, 4096, 16))


def test_without_a_vault_or_consent_nothing_is_taken(alice: User, bob: User, opened: OpenedVault, jpeg: bytes) -> None:
    with pytest.raises(VaultRequired):
        send(bob, jpeg)
    make_vault(bob)
    with pytest.raises(ConsentRequired):
        send(bob, jpeg)
    withdraw_consent(user=alice)
    with pytest.raises(ConsentRequired):
        send(alice, jpeg)
    assert Capture.objects.count() == 0


def test_who_withdraws_while_uploading_leaves_neither_row_nor_blob(
    alice: User, opened: OpenedVault, jpeg: bytes, valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = frame_store.store

    def store_and_withdraw(capture_id: UUID, sealed_key: bytes, frames: Sequence[bytes]) -> None:
        really(capture_id, sealed_key, frames)
        assert valkey.dbsize() == 1
        withdraw_consent(user=alice)

    monkeypatch.setattr(frame_store, "store", store_and_withdraw)
    with pytest.raises(ConsentRequired):
        send(alice, jpeg)
    assert (Capture.objects.count(), valkey.dbsize()) == (0, 0)


@pytest.mark.parametrize("is_same", [True, False])
def test_an_upload_that_was_overtaken_counts_as_the_same_or_is_too_much(
    is_same: bool,
    alice: User,
    opened: OpenedVault,
    jpeg: bytes,
    valkey: Redis,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.CAPTURES_PER_HOUR = 1
    mine, really = uuid4(), frame_store.store
    other = mine if is_same else uuid4()

    def store_and_be_overtaken(capture_id: UUID, sealed_key: bytes, frames: Sequence[bytes]) -> None:
        really(capture_id, sealed_key, frames)
        Capture.objects.create(id=other, vault_id=opened.vault_id)

    monkeypatch.setattr(frame_store, "store", store_and_be_overtaken)
    if is_same:
        known, is_new = send(alice, jpeg, mine)
        assert (known.pk, is_new) == (mine, False)
    else:
        with pytest.raises(TooOften):
            send(alice, jpeg, mine)
    assert ([capture.pk for capture in Capture.objects.all()], valkey.dbsize()) == ([other], 0)


@pytest.mark.django_db(transaction=True)
def test_consent_is_held_until_the_capture_is_committed(
    alice: User, opened: OpenedVault, jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []

    def hold_and_note(*, user_id: int) -> None:
        held.append(connection.in_atomic_block)
        hold_consent(user_id=user_id)

    monkeypatch.setattr("emotion.services.accept.hold_consent", hold_and_note)
    send(alice, jpeg)
    assert held == [True]


@pytest.mark.parametrize(
    ("spoil", "code", "status"),
    [
        (lambda jpeg: jpeg[:-2], "truncated", 400),
        (lambda jpeg: jpeg + b"<html>", "trailing_bytes", 400),
        (lambda jpeg: b"\x89PNG" + jpeg, "not_jpeg", 400),
        (lambda jpeg: jpeg + bytes(600_000), "too_large", 413),
    ],
)
def test_what_is_not_one_small_jpeg_leaves_nothing_behind(
    spoil: object, code: str, status: int, alice: User, opened: OpenedVault, jpeg: bytes, valkey: Redis
) -> None:
    with pytest.raises(WellbeingError) as refused:
        send(alice, spoil(jpeg))  # type: ignore[operator]
    assert (refused.value.code, refused.value.status) == (code, status)
    assert (Capture.objects.count(), valkey.dbsize()) == (0, 0)


def test_a_capture_has_one_to_five_frames(alice: User, opened: OpenedVault, jpeg: bytes) -> None:
    for frames in ([], [jpeg] * 6):
        with pytest.raises(WellbeingError) as refused:
            accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=frames)
        assert refused.value.code == "frame_count"


def test_the_same_id_again_is_the_same_capture(alice: User, opened: OpenedVault, jpeg: bytes, valkey: Redis) -> None:
    first, _ = send(alice, jpeg)
    key = bytes(first.sealed_key or b"")
    again, is_new = send(alice, jpeg, first.pk)
    assert (again.pk, is_new) == (first.pk, False)
    assert bytes(Capture.objects.get().sealed_key or b"") == key
    assert valkey.hlen(f"wb:frames:{first.pk}") == 1


def test_the_id_of_somebody_else_is_not_found(
    alice: User, bob: User, root: User, opened: OpenedVault, jpeg: bytes
) -> None:
    capture, _ = send(alice, jpeg)
    for stranger in (bob, root):
        make_vault(stranger)
        give_consent(user=stranger, text_version=CONSENT_TEXT.version)
        with pytest.raises(NotFound):
            send(stranger, jpeg, capture.pk)
    assert Capture.objects.get().vault_id == opened.vault_id


def test_an_id_that_has_its_entry_is_done_even_after_its_row_is_gone(
    alice: User, opened: OpenedVault, jpeg: bytes
) -> None:
    capture_id = uuid4()
    vault = Vault.objects.get(user=alice)
    append_entry(vault=vault, entry=reading(capture_id), at=timezone.now(), capture_id=capture_id)
    capture, is_new = send(alice, jpeg, capture_id)
    assert (capture.state, is_new, Capture.objects.count()) == ("recorded", False, 0)


def test_three_at_once_then_a_pause(alice: User, opened: OpenedVault, jpeg: bytes, valkey: Redis) -> None:
    for _ in range(3):
        send(alice, jpeg)
    with pytest.raises(TooOften) as refused:
        send(alice, jpeg)
    assert 1 <= (refused.value.retry_after or 0) <= 11
    assert (Capture.objects.count(), valkey.dbsize()) == (3, 3)
    Capture.objects.update(queued_at=timezone.now() - timedelta(seconds=11))
    assert send(alice, jpeg)[1]


def test_the_allowance_of_an_hour(alice: User, opened: OpenedVault, jpeg: bytes, settings: Settings) -> None:
    settings.CAPTURES_PER_HOUR = 2
    for _ in range(2):
        capture, _ = send(alice, jpeg)
        Capture.objects.filter(pk=capture.pk).update(queued_at=timezone.now() - timedelta(minutes=50))
    with pytest.raises(TooOften) as refused:
        send(alice, jpeg)
    assert 590 <= (refused.value.retry_after or 0) <= 601


def test_too_many_waiting_over_everybody_is_told_to_come_back(
    alice: User, opened: OpenedVault, jpeg: bytes, settings: Settings
) -> None:
    settings.CAPTURES_WAITING = 1
    send(alice, jpeg)
    with pytest.raises(Unavailable) as refused:
        send(alice, jpeg)
    assert (refused.value.code, refused.value.retry_after) == ("busy", 10)


def test_redis_away_accepts_nothing(alice: User, opened: OpenedVault, jpeg: bytes, settings: Settings) -> None:
    settings.BLOBS_URL = AWAY
    with pytest.raises(Unavailable):
        send(alice, jpeg)
    assert Capture.objects.count() == 0


def test_a_scheduled_snapshot_needs_a_schedule_that_asks_for_it(alice: User, opened: OpenedVault, jpeg: bytes) -> None:
    with pytest.raises(OutsideSchedule):
        send(alice, jpeg, trigger="scheduled")
    save_schedule(
        user=alice,
        enabled=True,
        days=range(7),
        start=time(0),
        end=time(23, 59, 59),
        mode="every",
        every_minutes=15,
        timezone="UTC",
    )
    assert send(alice, jpeg, trigger="scheduled")[1]
    pause_schedule(user=alice, until=timezone.now() + timedelta(hours=1))
    with pytest.raises(OutsideSchedule):
        send(alice, jpeg, trigger="scheduled")


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_told_after_the_commit(alice: User, opened: OpenedVault, jpeg: bytes) -> None:
    send(alice, jpeg)
    assert count_messages() == 1
