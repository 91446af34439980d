from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.crypto.people import (
    ALICE,
    ENTRY,
    FORGER,
    MALLORY,
    OTHER_ENTRY,
    OTHER_VAULT,
    SIGNING,
    VAULT,
    verify_key,
)
from vault.crypto.entries import MAX_PAYLOAD_BYTES, SEALED_ENTRY_BYTES, open_entry, seal_entry
from vault.crypto.errors import Damaged, Forged, PayloadTooLong
from vault.crypto.key_pairs import hpke_seal, key_id
from vault.crypto.length_prefix import length_prefixed


def seal(
    payload: bytes = b"a reading", *, public: bytes = ALICE.public, vault_id: UUID = VAULT, signing: bytes = SIGNING
) -> bytes:
    return seal_entry(payload, public=public, vault_id=vault_id, entry_id=ENTRY, signing_key=signing)


def unseal(
    sealed: bytes,
    *,
    private: bytes = ALICE.private,
    vault_id: UUID = VAULT,
    entry_id: UUID = ENTRY,
    keys: tuple[bytes, ...] = (verify_key(SIGNING),),
) -> bytes:
    return open_entry(
        sealed, private=private, public=ALICE.public, vault_id=vault_id, entry_id=entry_id, verify_keys=keys
    )


@given(payload=st.binary(max_size=MAX_PAYLOAD_BYTES))
@settings(max_examples=60, deadline=None)
def test_what_was_sealed_opens_and_every_size_looks_the_same(payload: bytes) -> None:
    sealed = seal(payload)
    assert unseal(sealed) == payload
    assert len(sealed) == SEALED_ENTRY_BYTES == 1073


def test_the_same_payload_twice_shares_no_ciphertext() -> None:
    first, second = seal(), seal()
    assert not {first[at : at + 8] for at in range(1, 1066)} & {second[at : at + 8] for at in range(1, 1066)}


def test_the_longest_payload_is_taken() -> None:
    assert unseal(seal(b"x" * 958)) == b"x" * 958


def test_one_byte_too_many_is_refused() -> None:
    with pytest.raises(PayloadTooLong):
        seal(bytes(MAX_PAYLOAD_BYTES + 1))


@pytest.mark.parametrize("size", [0, 1, 33, 1072])
def test_cut_short_is_refused(size: int) -> None:
    with pytest.raises(Damaged):
        unseal(seal()[:size])


def test_longer_is_refused() -> None:
    with pytest.raises(Damaged):
        unseal(seal() + b"\0")


def test_a_row_moved_to_another_id_or_vault_is_refused() -> None:
    sealed = seal()
    with pytest.raises(Damaged):
        unseal(sealed, entry_id=OTHER_ENTRY)
    with pytest.raises(Damaged):
        unseal(sealed, vault_id=OTHER_VAULT)


def test_an_entry_of_another_vault_does_not_open_in_mine() -> None:
    with pytest.raises(Damaged):
        unseal(seal(public=MALLORY.public, vault_id=OTHER_VAULT))


def test_another_private_key_opens_nothing() -> None:
    with pytest.raises(Damaged):
        unseal(seal(), private=MALLORY.private)


def test_whoever_has_only_the_public_key_cannot_forge() -> None:
    with pytest.raises(Forged):
        unseal(seal(signing=FORGER))


def test_a_signature_of_another_entry_cannot_be_reused() -> None:
    context = length_prefixed(b"wb-entry", b"\x01", VAULT.bytes, key_id(ALICE.public), OTHER_ENTRY.bytes)
    elsewhere = seal_entry(b"x", public=ALICE.public, vault_id=VAULT, entry_id=ENTRY, signing_key=SIGNING)
    from vault.crypto.key_pairs import hpke_open

    inner = hpke_open(
        elsewhere,
        private=ALICE.private,
        info=length_prefixed(b"wb-entry", b"\x01", VAULT.bytes, key_id(ALICE.public), ENTRY.bytes),
    )
    moved = hpke_seal(inner, public=ALICE.public, info=context)
    with pytest.raises(Forged):
        unseal(moved, entry_id=OTHER_ENTRY)


def test_hidden_bytes_in_the_padding_are_refused() -> None:
    context = length_prefixed(b"wb-entry", b"\x01", VAULT.bytes, key_id(ALICE.public), ENTRY.bytes)
    inner = bytes(64) + b"\x00\x01" + b"x" + bytes(956) + b"!"
    with pytest.raises(Damaged):
        unseal(hpke_seal(inner, public=ALICE.public, info=context))


def test_entries_signed_before_a_rotation_still_open() -> None:
    assert unseal(seal(signing=FORGER), keys=(verify_key(SIGNING), verify_key(FORGER))) == b"a reading"
