"""Taking everything back: at once, for good, in every backup, and whatever a worker has in hand."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from redis import Redis

from accounts.models import User
from emotion import frame_store
from emotion.models import Capture, Consent, Schedule
from emotion.selectors import get_live_consent
from emotion.services.classify import record_waiting
from emotion.services.schedules import save_schedule
from rights.erasure import erase_everything
from tests.crashes import Crash, dying_at
from tests.entries import checkin
from tests.vaults import make_vault
from vault.journal.entries import OpenedVault, append_entry
from vault.keystore.models import ErasureKey
from vault.models import Entry, KeySlot, Manifest, Page, Vault

pytestmark = pytest.mark.django_db

HOURS = {"enabled": True, "days": [0], "start": "09:00", "end": "17:00", "every_minutes": 60, "timezone": "UTC"}


def fill(user: User) -> Capture:
    vault = Vault.objects.get(user=user)
    append_entry(vault=vault, entry=checkin(), at=timezone.now())
    Page.objects.create(vault=vault, sealed=b"page")
    Manifest.objects.create(vault=vault, sealed=b"manifest")
    save_schedule(user=user, **HOURS)
    return Capture.objects.create(id=uuid4(), vault=vault, sealed_key=b"key")


def count_rows(user: User) -> list[int]:
    owned = [model.objects.filter(vault__user=user).count() for model in (KeySlot, Entry, Page, Manifest, Capture)]
    mine = [model.objects.filter(user=user).count() for model in (Vault, Schedule)]
    return [*owned, *mine]


def test_one_step_takes_everything_of_one_person_and_nothing_of_another(
    alice: User, bob: User, opened: OpenedVault
) -> None:
    theirs = make_vault(bob)
    for user in (alice, bob):
        fill(user)
    erase_everything(user=alice)
    assert count_rows(alice) == [0, 0, 0, 0, 0, 0, 0]
    assert count_rows(bob) == [2, 1, 1, 1, 1, 1, 1]
    assert list(ErasureKey.objects.values_list("vault_id", flat=True)) == [theirs.vault_id]
    assert get_live_consent(alice) is None
    assert Consent.objects.filter(user=alice).count() == 1, "the receipt stays"


def test_frames_on_their_way_go_too(
    alice: User, opened: OpenedVault, valkey: Redis, django_capture_on_commit_callbacks: Any
) -> None:
    frame_store.store(fill(alice).pk, b"key", [b"a sealed frame"])
    with django_capture_on_commit_callbacks(execute=True):
        erase_everything(user=alice)
    assert valkey.keys("*") == []


def test_a_task_that_comes_afterwards_writes_nothing(alice: User, opened: OpenedVault) -> None:
    fill(alice)
    erase_everything(user=alice)
    record_waiting(task_id=uuid4())
    assert (Entry.objects.count(), Capture.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_cut_off_at_any_write_everything_is_there_to_erase_again(alice: User, opened: OpenedVault) -> None:
    fill(alice)
    before, number = count_rows(alice), 0
    while Vault.objects.exists():
        with suppress(Crash), dying_at(number, "default", "keystore"):
            erase_everything(user=alice)
            continue
        assert (count_rows(alice), ErasureKey.objects.count()) == (before, 1)
        number += 1
    assert number >= 8, "consent, rows and key are separate writes"
    assert (count_rows(alice), ErasureKey.objects.count()) == ([0, 0, 0, 0, 0, 0, 0], 0)


def test_without_a_vault_and_twice_over_it_is_no_error(alice: User, bob: User, valkey: Redis) -> None:
    erase_everything(user=bob)
    make_vault(alice)
    erase_everything(user=alice)
    erase_everything(user=alice)
    assert (Vault.objects.count(), ErasureKey.objects.count()) == (0, 0)
