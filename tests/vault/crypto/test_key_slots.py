import time
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.vault.crypto.people import ALICE, MALLORY, OTHER_VAULT, VAULT, flip
from vault.crypto import key_slots as lock_format
from vault.crypto.errors import DamagedKeySlot, VaultError, WrongSecret
from vault.crypto.key_pairs import KeyPair
from vault.crypto.key_slots import Cost, Slot, check_key_slot, open_key_slot, wrap_with_passphrase, wrap_with_recovery

ERASURE, CODE = b"e" * 32, b"c" * 32
PASSPHRASE = "mannish snipping ankle goon"

pytestmark = pytest.mark.usefixtures("real_argon2")


@pytest.fixture(scope="module")
def passphrase_slot() -> bytes:
    return wrap_with_passphrase(ALICE.private, PASSPHRASE, vault_id=VAULT, public=ALICE.public, erasure_key=ERASURE)


@pytest.fixture(scope="module")
def recovery_slot() -> bytes:
    return wrap_with_recovery(ALICE.private, CODE, vault_id=VAULT, public=ALICE.public, erasure_key=ERASURE)


def unlock(
    lock: bytes,
    secret: str | bytes,
    *,
    slot: Slot = "passphrase",
    vault_id: UUID = VAULT,
    pair: KeyPair = ALICE,
    erasure_key: bytes = ERASURE,
) -> bytes:
    return open_key_slot(lock, secret, slot=slot, vault_id=vault_id, public=pair.public, erasure_key=erasure_key)


def strip(lock: bytes, slot: Slot) -> bytes:
    """What an attacker who also holds the erasure key gets to work on."""
    return lock_format._strip_outer(lock, slot, VAULT, ERASURE)


def cover(wrap: bytes, slot: Slot) -> bytes:
    nonce = bytes(12)
    context = lock_format._outer_context(slot, VAULT)
    return b"\x01" + nonce + AESGCM(ERASURE).encrypt(nonce, wrap, context)


def test_the_passphrase_opens(passphrase_slot: bytes) -> None:
    assert unlock(passphrase_slot, PASSPHRASE) == ALICE.private
    assert len(passphrase_slot) == 229


def test_the_recovery_code_opens(recovery_slot: bytes) -> None:
    assert unlock(recovery_slot, CODE, slot="recovery") == ALICE.private
    assert len(recovery_slot) == 227


def test_a_passphrase_typed_on_another_keyboard_is_the_same() -> None:
    composed, decomposed = "caf\u00e9 \ufb01sh tree lamp", "  cafe\u0301 fish tree lamp "
    lock = wrap_with_passphrase(ALICE.private, composed, vault_id=VAULT, public=ALICE.public, erasure_key=ERASURE)
    assert unlock(lock, decomposed) == ALICE.private


def test_another_passphrase_does_not_open(passphrase_slot: bytes) -> None:
    with pytest.raises(WrongSecret):
        unlock(passphrase_slot, PASSPHRASE + "s")


def test_another_code_does_not_open(recovery_slot: bytes) -> None:
    with pytest.raises(WrongSecret):
        unlock(recovery_slot, b"d" * 32, slot="recovery")


def test_every_flipped_bit_is_refused_at_once(passphrase_slot: bytes) -> None:
    started = time.monotonic()
    for bit in range(8 * len(passphrase_slot)):
        with pytest.raises(DamagedKeySlot):
            unlock(flip(passphrase_slot, bit), PASSPHRASE)
    assert 8 * len(passphrase_slot) == 1832
    assert time.monotonic() - started < 5, "a touched lock must not cost an Argon2 run"


def test_every_flipped_bit_under_the_erasure_key_is_refused_too(recovery_slot: bytes) -> None:
    wrap = strip(recovery_slot, "recovery")
    for bit in range(8 * len(wrap)):
        with pytest.raises(VaultError):
            unlock(cover(flip(wrap, bit), "recovery"), CODE, slot="recovery")
    assert 8 * len(wrap) == 1584


@pytest.mark.parametrize("size", [0, 1, 28, 29, 100, 228])
def test_cut_short_is_refused(passphrase_slot: bytes, size: int) -> None:
    with pytest.raises(DamagedKeySlot):
        unlock(passphrase_slot[:size], PASSPHRASE)


@pytest.mark.parametrize("size", [0, 91, 92, 93, 197])
def test_cut_short_under_the_erasure_key_is_refused(recovery_slot: bytes, size: int) -> None:
    with pytest.raises(DamagedKeySlot):
        unlock(cover(strip(recovery_slot, "recovery")[:size], "recovery"), CODE, slot="recovery")


def test_a_lock_of_another_vault_is_refused(passphrase_slot: bytes) -> None:
    with pytest.raises(DamagedKeySlot):
        unlock(passphrase_slot, PASSPHRASE, vault_id=OTHER_VAULT)


def test_a_lock_put_into_the_other_slot_is_refused(recovery_slot: bytes) -> None:
    with pytest.raises(DamagedKeySlot):
        unlock(recovery_slot, CODE, slot="passphrase")


def test_a_lock_under_a_substituted_public_key_is_refused(passphrase_slot: bytes) -> None:
    with pytest.raises(DamagedKeySlot):
        unlock(passphrase_slot, PASSPHRASE, pair=MALLORY)


def test_whose_lock_it_is_shows_without_the_secret(passphrase_slot: bytes, recovery_slot: bytes) -> None:
    place: dict[str, Any] = {"vault_id": VAULT, "public": ALICE.public, "erasure_key": ERASURE}
    check_key_slot(passphrase_slot, slot="passphrase", **place)
    check_key_slot(recovery_slot, slot="recovery", **place)
    for change in ({"vault_id": OTHER_VAULT}, {"public": MALLORY.public}, {"erasure_key": bytes(32)}):
        with pytest.raises(DamagedKeySlot):
            check_key_slot(passphrase_slot, slot="passphrase", **place | change)
    with pytest.raises(DamagedKeySlot):
        check_key_slot(passphrase_slot, slot="recovery", **place)


def test_a_lock_that_holds_another_private_key_is_refused() -> None:
    lock = wrap_with_recovery(MALLORY.private, CODE, vault_id=VAULT, public=ALICE.public, erasure_key=ERASURE)
    with pytest.raises(DamagedKeySlot):
        unlock(lock, CODE, slot="recovery")


def test_without_the_erasure_key_the_right_passphrase_opens_nothing(passphrase_slot: bytes) -> None:
    with pytest.raises(DamagedKeySlot):
        unlock(passphrase_slot, PASSPHRASE, erasure_key=b"x" * 32)


@pytest.mark.parametrize("cost", [Cost(65536, 3, 1), Cost(1024 * 1024, 16, 16)], ids=str)
def test_the_least_and_the_greatest_key_derivation_are_taken(cost: Cost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_format, "_derive_root", lambda *_: b"r" * 32)
    lock = wrap_with_passphrase(
        ALICE.private, PASSPHRASE, vault_id=VAULT, public=ALICE.public, erasure_key=ERASURE, cost=cost
    )
    assert unlock(lock, PASSPHRASE) == ALICE.private


@pytest.mark.parametrize(
    "cost",
    [
        Cost(8, 3, 1),
        Cost(65535, 3, 1),
        Cost(65536, 2, 1),
        Cost(65536, 1, 1),
        Cost(65536, 3, 0),
        Cost(1024 * 1024 + 1, 3, 1),
        Cost(65536, 17, 1),
        Cost(65536, 3, 17),
    ],
    ids=str,
)
def test_a_cheaper_or_absurd_key_derivation_is_refused(cost: Cost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_format, "_derive_root", lambda *_: b"r" * 32)
    lock = wrap_with_passphrase(
        ALICE.private, PASSPHRASE, vault_id=VAULT, public=ALICE.public, erasure_key=ERASURE, cost=cost
    )
    with pytest.raises(DamagedKeySlot):
        unlock(lock, PASSPHRASE)


def test_a_recovery_lock_never_asks_for_argon2() -> None:
    lock = lock_format._wrap(ALICE.private, CODE, "recovery", Cost(65536, 3, 1), VAULT, ALICE.public, ERASURE)
    with pytest.raises(DamagedKeySlot):
        unlock(lock, CODE, slot="recovery")
