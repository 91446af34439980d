import base64

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.crypto.errors import Damaged
from vault.crypto.second_factors import open_seed, seal_seed

OLD, NEW = b"o" * 32, b"n" * 32
CONTEXT = b"wb-second-factor"


def seal(seed: str, *, context: bytes = CONTEXT, version: bytes = b"\x01") -> str:
    """As the format says, with nothing but AES-GCM; under the old key."""
    return base64.b64encode(version + bytes(12) + AESGCM(OLD).encrypt(bytes(12), seed.encode(), context)).decode()


def test_a_sealed_seed_opens_by_the_format_alone() -> None:
    data = base64.b64decode(seal_seed("JBSWY3DP", [OLD, NEW]))
    assert (data[:1], len(data)) == (b"\x01", 1 + 12 + 8 + 16)
    assert AESGCM(OLD).decrypt(data[1:13], data[13:], CONTEXT) == b"JBSWY3DP"
    assert open_seed(seal("JBSWY3DP"), [NEW, OLD]) == "JBSWY3DP"


def test_two_seals_of_one_seed_share_no_nonce() -> None:
    first, second = (base64.b64decode(seal_seed("x", [OLD]))[1:13] for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    "sealed", [seal("x", context=b"wb-page"), seal("x", version=b"\x02"), "", "é", seal("x") + "?"], ids=str
)
def test_what_was_sealed_otherwise_does_not_open(sealed: str) -> None:
    with pytest.raises(Damaged):
        open_seed(sealed, [OLD])
