"""Taking everything back: at once, for good, and whatever a worker has in hand."""

from datetime import time
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from redis import Redis

from accounts.models import User
from emotion import frame_store
from emotion.models import Capture, Schedule
from emotion.services.classify import record_waiting
from emotion.services.schedules import save_schedule
from rights.services import delete_account
from tests.entries import checkin
from tests.vaults import CODE_TEXT, make_vault
from vault.journal.entries import OpenedVault, append_entry
from vault.keystore.models import ErasureKey
from vault.models import Entry, KeySlot, Manifest, Page, Vault

pytestmark = pytest.mark.django_db


def fill(user: User) -> Capture:
    vault = Vault.objects.get(user=user)
    append_entry(vault=vault, entry=checkin(), at=timezone.now())
    Page.objects.create(vault=vault, sealed=b"page")
    Manifest.objects.create(vault=vault, sealed=b"manifest")
    save_schedule(user=user, days=[0], start=time(9), end=time(17), timezone="UTC")
    return Capture.objects.create(id=uuid4(), vault=vault, sealed_key=b"key")


def count_rows(user_id: int) -> list[int]:
    owned = [model.objects.filter(vault__user=user_id).count() for model in (KeySlot, Entry, Page, Manifest, Capture)]
    mine = [model.objects.filter(user=user_id).count() for model in (Vault, Schedule)]
    return [*owned, *mine]


def test_one_step_takes_everything_of_one_person_and_nothing_of_another(
    alice: User, bob: User, opened: OpenedVault
) -> None:
    theirs, alice_id = make_vault(bob), alice.pk
    for user in (alice, bob):
        fill(user)
    delete_account(user=alice, secret=CODE_TEXT)
    assert count_rows(alice_id) == [0, 0, 0, 0, 0, 0, 0]
    assert count_rows(bob.pk) == [2, 1, 1, 1, 1, 1, 1]
    assert list(ErasureKey.objects.values_list("vault_id", flat=True)) == [theirs.vault_id]


def test_frames_on_their_way_go_too(
    alice: User, opened: OpenedVault, valkey: Redis, django_capture_on_commit_callbacks: Any
) -> None:
    frame_store.store(fill(alice).pk, b"key", [b"a sealed frame"])
    with django_capture_on_commit_callbacks(execute=True):
        delete_account(user=alice, secret=CODE_TEXT)
    assert valkey.keys("*") == []


def test_a_task_that_comes_afterwards_writes_nothing(alice: User, opened: OpenedVault) -> None:
    fill(alice)
    delete_account(user=alice, secret=CODE_TEXT)
    record_waiting(task_id=uuid4())
    assert (Entry.objects.count(), Capture.objects.count()) == (0, 0)
