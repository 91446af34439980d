from uuid import UUID

import pytest

from tests.vault.crypto.people import ALICE, MALLORY, OTHER_VAULT, VAULT, flip
from vault.crypto.binding import bind_public_key, check_binding
from vault.crypto.errors import BindingMismatch

NEW, OLD = b"n" * 32, b"o" * 32
BINDING = bind_public_key(ALICE.public, vault_id=VAULT, owner="7", binding_keys=(OLD,))


def test_a_binding_holds_after_a_rotation() -> None:
    check_binding(BINDING, ALICE.public, vault_id=VAULT, owner="7", binding_keys=(NEW, OLD))


def test_the_newest_key_binds() -> None:
    binding = bind_public_key(ALICE.public, vault_id=VAULT, owner="7", binding_keys=(NEW, OLD))
    check_binding(binding, ALICE.public, vault_id=VAULT, owner="7", binding_keys=(NEW,))


@pytest.mark.parametrize(
    ("public", "vault_id", "owner", "keys"),
    [
        (MALLORY.public, VAULT, "7", (OLD,)),
        (ALICE.public, OTHER_VAULT, "7", (OLD,)),
        (ALICE.public, VAULT, "8", (OLD,)),
        (ALICE.public, VAULT, "7", (NEW,)),
    ],
    ids=["substituted key", "another vault", "another owner", "a key that is not ours"],
)
def test_what_was_not_bound_is_refused(public: bytes, vault_id: UUID, owner: str, keys: tuple[bytes, ...]) -> None:
    with pytest.raises(BindingMismatch):
        check_binding(BINDING, public, vault_id=vault_id, owner=owner, binding_keys=keys)


def test_every_flipped_bit_is_refused() -> None:
    for bit in range(256):
        with pytest.raises(BindingMismatch):
            check_binding(flip(BINDING, bit), ALICE.public, vault_id=VAULT, owner="7", binding_keys=(OLD,))
