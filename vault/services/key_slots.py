"""The locks of one vault: try a secret on one of them, counting the tries, or make the one of a passphrase."""

import logging
from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.choices import Event
from accounts.models import User
from accounts.notices import report
from core.exceptions import TooOften, WellbeingError
from vault.crypto import key_slots
from vault.crypto.errors import DamagedKeySlot, WrongSecret
from vault.crypto.key_pairs import public_of
from vault.crypto.key_slots import Cost, Slot, check_key_slot, open_key_slot, wrap_with_passphrase
from vault.journal.entries import KeyAltered, is_bound
from vault.keystore.keys import ErasureKeyGone, is_known, read_erasure_key
from vault.models import KeySlot, Vault
from vault.services.argon2_queue import argon2_turn
from vault.services.binding import bind_anew

logger = logging.getLogger(__name__)

_FREE_TRIES: Final = 5
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


class WrongPassphrase(WellbeingError):
    code, status, detail = "wrong_passphrase", 403, _("That did not open the vault. Please check it and try again.")


class KeySlotDamaged(WellbeingError):
    code, status = "lock_damaged", 409
    detail = _(
        "This lock of your vault is damaged. If you have the other key (passphrase or recovery code), use that one."
    )


def open_slot(vault: Vault, slot: Slot, secret: str | bytes, *, credential: str = "") -> bytes:
    """The private key. `credential`: the id of the passkey.

    Raises WrongPassphrase, TooOften, KeySlotDamaged, ErasureKeyGone, KeyAltered.
    """
    # First: what was locked together with another key looks damaged.
    was_bound = is_bound(vault)
    lock = KeySlot.objects.filter(vault=vault, slot=slot, credential=credential).first()
    erasure_key = read_erasure_key(vault.pk)
    if not was_bound and not _is_own_slot(vault, lock, slot, erasure_key):
        logger.error("vault %s: its public key is not the one bound to it, and no lock of its owner's fits", vault.pk)
        raise KeyAltered
    if lock is None:
        raise KeySlotDamaged
    try:
        private = _try_slot(vault, lock, slot, secret, erasure_key)
    except WrongPassphrase:
        _tell_many_tries(vault, lock)
        raise
    if not was_bound:
        bind_anew(vault)
    return private


def _tell_many_tries(vault: Vault, lock: KeySlot) -> None:
    failures = KeySlot.objects.filter(pk=lock.pk).values_list("failures", flat=True).first()
    if failures and failures % _FREE_TRIES == 0:
        report(vault.user, Event.VAULT_GUESSED)


def _is_own_slot(vault: Vault, lock: KeySlot | None, slot: Slot, erasure_key: bytes) -> bool:
    """Whether the keystore knows owner and public key as the row has them, and the lock was made for that key.

    A lock names no owner, and whoever reads the keystore can make one for a key of theirs: without the keystore's word
    a vault could be handed to somebody else, or have its key exchanged.
    """
    if lock is None or not is_known(vault.pk, owner=vault.user_id, public=bytes(vault.public_key)):
        return False
    sealed, public = bytes(lock.sealed), bytes(vault.public_key)
    try:
        check_key_slot(sealed, slot=slot, vault_id=vault.pk, public=public, erasure_key=erasure_key)
    except DamagedKeySlot:
        return False
    return True


def _try_slot(vault: Vault, lock: KeySlot, slot: Slot, secret: str | bytes, erasure_key: bytes) -> bytes:
    """The private key of the row's public key. Raises TooOften, WrongPassphrase, KeySlotDamaged."""
    with argon2_turn(vault.user) if slot == "passphrase" else nullcontext():
        _count_try(lock)
        try:
            private = open_key_slot(
                bytes(lock.sealed),
                secret,
                slot=slot,
                vault_id=vault.pk,
                public=bytes(vault.public_key),
                erasure_key=erasure_key,
            )
        except WrongSecret as error:
            logger.warning("vault %s: wrong %s", vault.pk, slot)
            raise WrongPassphrase from error
        except DamagedKeySlot as error:
            logger.error("vault %s: %s lock damaged: %s", vault.pk, slot, error)
            raise KeySlotDamaged from error
    KeySlot.objects.filter(pk=lock.pk).update(failures=0, closed_until=None)
    return private


@transaction.atomic
def _count_try(lock: KeySlot) -> None:
    """Count the try before it is made, so that many at once are not more than one after another.

    Raises TooOften, and ErasureKeyGone where it was erased meanwhile.
    """
    row, now = KeySlot.objects.select_for_update().filter(pk=lock.pk).first(), timezone.now()
    if row is None:
        raise ErasureKeyGone
    if row.closed_until and row.closed_until > now:
        seconds = int((row.closed_until - now).total_seconds()) + 1
        minutes = -(-seconds // 60)
        words = ngettext(
            "That was tried too often. Please wait a minute.",
            "That was tried too often. Please wait %(minutes)d minutes.",
            minutes,
        )
        raise TooOften(words % {"minutes": minutes}, retry_after=seconds)
    row.failures += 1
    wait = min(_FIRST_WAIT * 2 ** min(max(row.failures - _FREE_TRIES, 0), 10), _LONGEST_WAIT)
    row.closed_until = now + wait if row.failures >= _FREE_TRIES else None
    row.save(update_fields=["failures", "closed_until"])


def lock_with_argon2(user: User, private: bytes, passphrase: str, vault_id: UUID, erasure_key: bytes) -> bytes:
    """The lock of a passphrase, at the site's cost. Raises TooOften."""
    public, cost = public_of(private), _site_cost()
    with argon2_turn(user):
        return wrap_with_passphrase(
            private, passphrase, vault_id=vault_id, public=public, erasure_key=erasure_key, cost=cost
        )


def raise_cost(vault: Vault, passphrase: str, private: bytes) -> None:
    """Lock anew what was locked when guessing was cheaper here than it is now. No entry is touched."""
    lock = KeySlot.objects.filter(vault=vault, slot=KeySlot.Slot.PASSPHRASE).first()
    if lock is None:
        return
    erasure_key, sealed = read_erasure_key(vault.pk), bytes(lock.sealed)
    public = bytes(vault.public_key)
    cost = check_key_slot(sealed, slot="passphrase", vault_id=vault.pk, public=public, erasure_key=erasure_key)
    if cost.memory >= _site_cost().memory:
        return
    # A passphrase changed meanwhile stays; and where all memory is in use, the next opening is early enough.
    with suppress(TooOften):
        anew = lock_with_argon2(vault.user, private, passphrase, vault.pk, erasure_key)
        KeySlot.objects.filter(pk=lock.pk, sealed=sealed).update(sealed=anew)
        logger.info("vault %s: locked anew, at a higher cost", vault.pk)


def _site_cost() -> Cost:
    floor = key_slots.ARGON2_FLOOR
    return floor._replace(memory=max(floor.memory, settings.VAULT_ARGON2_KIB))
