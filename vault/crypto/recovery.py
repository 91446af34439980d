"""The recovery code: 256 random bits that a person can write on paper and type in again."""

import hashlib
import secrets

from vault.crypto.errors import RecoveryCodeInvalid

# Crockford's base32 has no I, L, O or U; O is read as 0, I and L as 1.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREADINGS = str.maketrans("OIL", "011")
_CODE_BYTES = 32
_GROUPS, _GROUP_SIZE = 13, 4
_DIGITS = _GROUPS * _GROUP_SIZE
_CHECK_BITS = 5 * _DIGITS - 8 * _CODE_BYTES


def make_recovery_code() -> str:
    """13 groups of 4 characters: 256 bits and 4 check bits."""
    return format_recovery_code(secrets.token_bytes(_CODE_BYTES))


def format_recovery_code(code: bytes) -> str:
    number = (int.from_bytes(code, "big") << _CHECK_BITS) | _check(code)
    digits = [_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_DIGITS))]
    return "-".join("".join(digits[at : at + _GROUP_SIZE]) for at in range(0, _DIGITS, _GROUP_SIZE))


def parse_recovery_code(text: str) -> bytes:
    """The 32 bytes; case, spaces and dashes do not matter. Raises RecoveryCodeInvalid."""
    digits = "".join(character for character in text if character.isalnum()).upper().translate(_MISREADINGS)
    if len(digits) != _DIGITS or any(digit not in _ALPHABET for digit in digits):
        raise RecoveryCodeInvalid("not 13 groups of 4 characters")
    number = 0
    for digit in digits:
        number = number << 5 | _ALPHABET.index(digit)
    code = (number >> _CHECK_BITS).to_bytes(_CODE_BYTES, "big")
    if number & ((1 << _CHECK_BITS) - 1) != _check(code):
        raise RecoveryCodeInvalid("a character is wrong")
    return code


def split_groups(code_text: str) -> list[str]:
    """The 13 groups as shown, so that some of them can be asked for."""
    return code_text.split("-")


def _check(code: bytes) -> int:
    return hashlib.sha256(b"wb/v1/code" + code).digest()[0] >> (8 - _CHECK_BITS)
