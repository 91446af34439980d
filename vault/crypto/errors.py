"""What can go wrong when opening something sealed. No message ever carries the secret or the content."""

from __future__ import annotations


class VaultError(Exception):
    """Base of every refusal of this package."""


class WrongSecret(VaultError):
    """The passphrase or recovery code does not open this lock."""


class DamagedKeySlot(VaultError):
    """The lock was altered, belongs elsewhere, or asks for weaker key derivation than the floor."""


class RecoveryCodeInvalid(VaultError):
    """The text is not a recovery code: wrong length, a foreign character, or a slip of the pen."""


class SealError(VaultError):
    """Sealed bytes that must not be used."""


class Damaged(SealError):
    """Altered, truncated, of another place, or sealed to another key."""


class Forged(SealError):
    """Well sealed, but not signed by a key of this site."""


class PayloadTooLong(SealError):
    """More bytes than one entry holds."""


class BindingMismatch(VaultError):
    """This public key was not bound to this vault and owner: someone swapped it."""


class SessionClosed(VaultError):
    """The two halves of a session do not open, or no longer."""


class SessionExpired(SessionClosed):
    """The session was genuine but its time is over."""


class ServerKeysDamaged(VaultError):
    """A key file cannot be used; the message names the file."""
