"""Errors of opening sealed data. No message contains the secret or the content."""


class VaultError(Exception):
    """Base of every refusal of this package."""


class WrongSecret(VaultError):
    """The passphrase or recovery code does not open this key slot."""


class DamagedKeySlot(VaultError):
    """The key slot was altered, is another vault's, or asks for key derivation outside the permitted costs."""


class RecoveryCodeInvalid(VaultError):
    """The text is not a recovery code: wrong length, invalid character or wrong check bits."""


class SealError(VaultError):
    """Sealed bytes that must not be used."""


class Damaged(SealError):
    """Altered, truncated, moved from another place, or sealed to another key."""


class Forged(SealError):
    """Sealed correctly, but not signed by a key of this site."""


class PayloadTooLong(SealError):
    """More bytes than one entry can hold."""


class BindingMismatch(VaultError):
    """This public key was not bound to this vault and owner: someone swapped it."""


class SessionClosed(VaultError):
    """The two halves of a session do not match, or nothing is open."""


class SessionExpired(SessionClosed):
    """The session was genuine but has expired."""


class ServerKeysDamaged(VaultError):
    """A key file cannot be used; the message names the file."""
