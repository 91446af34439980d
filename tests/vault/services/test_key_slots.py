from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import Any

import pytest

from accounts.models import User
from tests.entries import reading
from vault.crypto.key_slots import Cost, check_key_slot
from vault.journal.entries import append_entry
from vault.keystore.keys import read_erasure_key
from vault.models import KeySlot, Manifest, Page, Vault
from vault.services import argon2_queue, key_slots
from vault.services.key_slots import lock_with_argon2
from vault.services.lifecycle import change_passphrase, create_vault, open_vault

PASSPHRASE = "quilted otter drums vivid canyon"
NEXT_PASSPHRASE = "mellow anchor tulip frosty gecko"

pytestmark = pytest.mark.django_db


def cost_of(user: User) -> Cost:
    vault = Vault.objects.get(user=user)
    return check_key_slot(
        bytes(KeySlot.objects.get(vault=vault, slot="passphrase").sealed),
        slot="passphrase",
        vault_id=vault.pk,
        public=bytes(vault.public_key),
        erasure_key=read_erasure_key(vault.pk),
    )


def test_a_lock_follows_the_cost_of_the_site_when_it_is_opened_and_nothing_else_changes(
    alice: User, settings: Any
) -> None:
    opened, _ = create_vault(user=alice, passphrase=PASSPHRASE)
    append_entry(vault=Vault.objects.get(), entry=reading(), at=datetime.now(tz=UTC))
    open_vault(user=alice, passphrase=PASSPHRASE)
    rest = [list(model.objects.values()) for model in (Vault, Page, Manifest)]
    recovery = KeySlot.objects.get(slot="recovery").sealed
    assert cost_of(alice).memory == 64
    settings.VAULT_ARGON2_KIB = 128
    with pytest.raises(key_slots.WrongPassphrase):
        open_vault(user=alice, passphrase=NEXT_PASSPHRASE)
    assert cost_of(alice).memory == 64
    assert open_vault(user=alice, passphrase=PASSPHRASE) == opened
    assert cost_of(alice) == Cost(memory=128, passes=1, lanes=1)
    sealed = KeySlot.objects.get(slot="passphrase").sealed
    assert open_vault(user=alice, passphrase=PASSPHRASE) == opened
    assert KeySlot.objects.get(slot="passphrase").sealed == sealed
    assert KeySlot.objects.get(slot="recovery").sealed == recovery
    assert [list(model.objects.values()) for model in (Vault, Page, Manifest)] == rest


def test_a_lock_stays_when_the_cost_of_the_site_falls(alice: User, settings: Any) -> None:
    settings.VAULT_ARGON2_KIB = 128
    create_vault(user=alice, passphrase=PASSPHRASE)
    settings.VAULT_ARGON2_KIB = 64
    open_vault(user=alice, passphrase=PASSPHRASE)
    assert cost_of(alice).memory == 128


def test_a_passphrase_changed_while_the_cost_rises_stays_changed(
    alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, _ = create_vault(user=alice, passphrase=PASSPHRASE)
    settings.VAULT_ARGON2_KIB = 128
    really = lock_with_argon2

    def change_meanwhile(*told: Any) -> bytes:
        monkeypatch.undo()
        change_passphrase(user=alice, passphrase=PASSPHRASE, new_passphrase=NEXT_PASSPHRASE)
        return really(*told)

    monkeypatch.setattr(key_slots, "lock_with_argon2", change_meanwhile)
    key_slots.raise_cost(Vault.objects.get(), PASSPHRASE, opened.private)
    assert open_vault(user=alice, passphrase=NEXT_PASSPHRASE) == opened


def test_a_vault_opens_though_there_is_no_memory_to_raise_its_cost(
    alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, _ = create_vault(user=alice, passphrase=PASSPHRASE)
    settings.VAULT_ARGON2_KIB = 128
    monkeypatch.setattr(argon2_queue, "_in_line", BoundedSemaphore(1))
    with argon2_queue.argon2_turn(alice):
        key_slots.raise_cost(Vault.objects.get(), PASSPHRASE, opened.private)
    assert cost_of(alice).memory == 64
