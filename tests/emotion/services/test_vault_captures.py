"""What goes with a vault: the blobs of its own waiting captures, and the word that there is a resting face."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from redis import Redis

from accounts.models import User
from emotion import frame_store
from emotion.models import Capture, PersonalSettings
from emotion.services.vault_captures import SnapshotWaiting, VaultCaptures
from tests.vaults import erase_vault, make_vault
from vault.models import Vault

pytestmark = pytest.mark.django_db


def store_capture(vault: Vault, *, state: str = "queued") -> UUID:
    """A capture of this vault with a blob."""
    key = b"key" if state == "queued" else None
    capture_id = Capture.objects.create(id=uuid4(), vault=vault, state=state, sealed_key=key).pk
    frame_store.store(capture_id, b"key", [b"a sealed frame"])
    return capture_id


@pytest.fixture
def vaults(alice: User, bob: User) -> list[Vault]:
    """Alice's and Bob's."""
    return [Vault.objects.get(pk=make_vault(user).vault_id) for user in (alice, bob)]


def test_erasing_a_vault_removes_the_blobs_of_its_waiting_captures_alone(
    alice: User, vaults: list[Vault], valkey: Redis, django_capture_on_commit_callbacks: Any
) -> None:
    store_capture(vaults[0])
    kept = [store_capture(vaults[0], state="recorded"), store_capture(vaults[1])]
    with django_capture_on_commit_callbacks(execute=True):
        erase_vault(user=alice)
    assert {name.decode() for name in valkey.keys("*") if isinstance(name, bytes)} == {
        f"wb:frames:{capture_id}" for capture_id in kept
    }


def test_no_blob_is_removed_before_the_commit(
    vaults: list[Vault], valkey: Redis, django_capture_on_commit_callbacks: Any
) -> None:
    store_capture(vaults[0])
    with django_capture_on_commit_callbacks():
        VaultCaptures().forget(vaults[0])
    assert valkey.dbsize() == 1


def test_a_vault_is_busy_while_one_of_its_own_captures_waits(vaults: list[Vault], valkey: Redis) -> None:
    store_capture(vaults[0], state="recorded")
    store_capture(vaults[1])
    VaultCaptures().refuse_if_busy(vaults[0])
    with pytest.raises(SnapshotWaiting):
        VaultCaptures().refuse_if_busy(vaults[1])


@pytest.mark.parametrize(("age", "kept"), [(0, True), (1, False)])
def test_a_resting_face_is_forgotten_with_the_days_before_the_oldest_kept(
    age: int, kept: bool, alice: User, bob: User, vaults: list[Vault]
) -> None:
    oldest = timezone.now().date()
    learnt_on = oldest - timedelta(days=age)
    for user in (alice, bob):
        PersonalSettings.objects.create(user=user, resting_face_on=learnt_on, resting_face_model="m")
    VaultCaptures().forget_before(vaults[0], oldest)
    found: list[tuple[date | None, str]] = list(
        PersonalSettings.objects.order_by("user__email").values_list("resting_face_on", "resting_face_model")
    )
    assert found == [(learnt_on, "m") if kept else (None, ""), (learnt_on, "m")]
