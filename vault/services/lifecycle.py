"""Make, open, re-lock and erase a vault. No sign-in, password reset or administrator gets past a passphrase here."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.choices import Event
from accounts.models import User
from accounts.notices import report
from core.exceptions import NotFound, TooOften, VaultRequired, WellbeingError
from vault.authentic import sign_vault
from vault.crypto.errors import DamagedKeySlot, RecoveryCodeInvalid, WrongSecret
from vault.crypto.key_pairs import make_key_pair, public_of
from vault.crypto.key_phrase import make_key_phrase
from vault.crypto.key_slots import Slot, check_key_slot, open_key_slot, wrap_with_passphrase, wrap_with_recovery
from vault.crypto.passphrases import MAX_LENGTH, judge_passphrase
from vault.crypto.recovery import format_recovery_code, make_recovery_code, parse_recovery_code, split_groups
from vault.dependants import DEPENDANTS
from vault.journal.compaction import compact_inbox
from vault.journal.entries import KeyAltered, OpenedVault, bound_public_key, is_bound
from vault.keystore.keys import (
    ErasureKeyGone,
    destroy_erasure_key,
    is_known,
    keep_erasure_key,
    make_erasure_key,
    read_erasure_key,
)
from vault.models import KeySlot, Vault
from vault.selectors import get_vault, has_vault
from vault.services.argon2_queue import argon2_turn
from vault.services.binding import bind_anew, make_binding
from vault.services.precautions import check_may_erase, check_may_make, stop_erasure

logger = logging.getLogger(__name__)

_FREE_TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


class WrongPassphrase(WellbeingError):
    code, status, detail = "wrong_passphrase", 403, _("That did not open the vault. Please check it and try again.")


class WeakPassphrase(WellbeingError):
    code, status = "weak_passphrase", 400
    detail = _("That would be too easy to guess. A few unrelated words work well.")


class VaultExists(WellbeingError):
    code, status, detail = "vault_exists", 409, _("You have a vault already.")


class KeySlotDamaged(WellbeingError):
    code, status = "lock_damaged", 409
    detail = _(
        "This lock of your vault is damaged. If you have the other key (passphrase or recovery code), use that one."
    )


@dataclass(frozen=True, slots=True)
class VaultDraft:
    """A vault, or its new locks, not in the database before the person has shown that they wrote the code down.

    `former`: the vault it will take the place of, see `rekey`.
    """

    vault_id: UUID
    is_new: bool
    private: bytes = field(repr=False)
    erasure_key: bytes = field(repr=False)
    code: bytes = field(repr=False)
    passphrase_slot: bytes = field(repr=False)
    former: OpenedVault | None = None

    @property
    def recovery_code(self) -> str:
        return format_recovery_code(self.code)

    @property
    def recovery_groups(self) -> list[str]:
        return split_groups(self.recovery_code)

    @property
    def key_phrase(self) -> str:
        return make_key_phrase(self.opened.public)

    @property
    def opened(self) -> OpenedVault:
        return OpenedVault(vault_id=self.vault_id, private=self.private, public=public_of(self.private))

    def to_bytes(self) -> bytes:
        return msgspec.msgpack.encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        return msgspec.msgpack.decode(data, type=cls)


def create_vault(*, user: User, passphrase: str) -> tuple[OpenedVault, str]:
    """Make and keep a vault in one step; returns it open, with its recovery code."""
    draft = draft_vault(user=user, passphrase=passphrase)
    return keep_vault(user=user, draft=draft), draft.recovery_code


def draft_vault(*, user: User, passphrase: str) -> VaultDraft:
    """Keys, locks and a recovery code, not kept yet. Raises VaultExists, WeakPassphrase, MustWait."""
    if has_vault(user):
        raise VaultExists
    check_may_make(user)
    return make_draft(user, uuid.uuid4(), make_key_pair().private, make_erasure_key(), passphrase, is_new=True)


def recover_vault(*, user: User, code: str, passphrase: str) -> VaultDraft:
    """New locks for the vault the recovery code opens, with a new code; the old locks hold until `keep_vault`.

    Raises WrongPassphrase for a code that is not one or opens nothing, WeakPassphrase, TooOften, KeySlotDamaged,
    KeyAltered.
    """
    vault = get_vault(user)
    _check_strength(user, passphrase)
    try:
        private = _open(vault, "recovery", parse_recovery_code(code))
    except RecoveryCodeInvalid as error:
        raise WrongPassphrase from error
    return make_draft(user, vault.pk, private, read_erasure_key(vault.pk), passphrase, is_new=False)


def keep_vault(*, user: User, draft: VaultDraft) -> OpenedVault:
    """Store the vault, or replace both locks of it: the passphrase and recovery code before are dead then.

    Raises VaultExists, ErasureKeyKept, NotFound when the vault is gone, KeyAltered, MustWait.
    """
    if draft.is_new:
        check_may_make(user)
    with transaction.atomic():
        if not draft.is_new:
            vault = Vault.objects.select_for_update().filter(user=user, pk=draft.vault_id).first()
            if vault is None or bound_public_key(vault) != draft.opened.public:
                raise NotFound
        else:
            vault = bind_new_vault(user, draft)
            keep_erasure_key(vault.pk, draft.erasure_key, owner=user.pk, public=draft.opened.public)
        store_key_slots(vault, draft)
    logger.info("vault %s: %s", vault.pk, "made" if draft.is_new else "new passphrase and recovery code")
    return draft.opened


def open_vault(*, user: User, passphrase: str) -> OpenedVault:
    """Also compacts what came meanwhile.

    Raises VaultRequired, WrongPassphrase, TooOften, KeySlotDamaged, ErasureKeyGone, KeyAltered.
    """
    vault = get_vault(user)
    private = _open(vault, "passphrase", passphrase)
    opened = OpenedVault(vault_id=vault.pk, private=private, public=public_of(private))
    forget_former(vault.pk)
    compact_inbox(opened)
    return opened


def change_passphrase(*, user: User, passphrase: str, new_passphrase: str) -> None:
    """Wrap the same private key under the new passphrase. Touches no entry. Raises as `open_vault`, WeakPassphrase."""
    vault = get_vault(user)
    _check_strength(user, new_passphrase)
    private = _open(vault, "passphrase", passphrase)
    sealed = _lock_with_argon2(user, private, new_passphrase, vault.pk, read_erasure_key(vault.pk))
    slots = KeySlot.objects.filter(vault=vault, slot=KeySlot.Slot.PASSPHRASE)
    if not slots.update(sealed=sealed, failures=0, closed_until=None):
        raise ErasureKeyGone
    logger.info("vault %s: new passphrase", vault.pk)


def erase_vault(*, user: User, secret: str) -> None:
    """Delete the person's vault and all that is in it, see `erasing_vault` and `prove_owner`. Raises VaultRequired."""
    prove_owner(user=user, secret=secret)
    with erasing_vault(user=user) as had_vault:
        if not had_vault:
            raise VaultRequired


def prove_owner(*, user: User, secret: str) -> None:
    """Show that it is the owner who ends the vault: by passphrase or recovery code, or, without, by having waited.

    Raises what `open_vault` raises, and MustWait.
    """
    vault = get_vault(user)
    if not secret:
        check_may_erase(user)
        return
    try:
        _open(vault, "recovery", parse_recovery_code(secret))
    except RecoveryCodeInvalid:
        _open(vault, "passphrase", secret)


@contextmanager
def erasing_vault(*, user: User) -> Iterator[bool]:
    """Delete the vault with all in it and beside it, and destroy the key that backups of it would need; also that of a
    vault it took the place of, where renewing was cut off. Yields whether there is a vault.

    The key goes last, after what the caller deletes meanwhile: when anything fails, everything is still there to erase
    again. A task that is writing is waited for, and its entry erased too; a later one finds nothing to write to.
    """
    with transaction.atomic():
        # In the order in which a worker takes them.
        for dependant in DEPENDANTS:
            dependant.hold(user)
        vault, owner = Vault.objects.select_for_update().filter(user=user).first(), user.pk
        if vault is None:
            yield False
            return
        for dependant in DEPENDANTS:
            dependant.forget(vault)
        vault_id, former = vault.pk, vault.former
        vault.delete()
        stop_erasure(user=user)
        yield True
        if former is not None:
            destroy_erasure_key(former, owner=owner)
        destroy_erasure_key(vault_id)
    logger.info("vault %s: erased", vault_id)


def forget_former(vault_id: UUID) -> None:
    """Destroy the erasure key of the vault this one took the place of; again, where that was cut off before."""
    former, owner = Vault.objects.filter(pk=vault_id).values_list("former", "user_id").first() or (None, None)
    if former is not None:
        destroy_erasure_key(former, owner=owner)
        Vault.objects.filter(pk=vault_id).update(former=None)


def make_draft(
    user: User, vault_id: UUID, private: bytes, erasure_key: bytes, passphrase: str, *, is_new: bool
) -> VaultDraft:
    """Locks and a recovery code for a key pair. Raises WeakPassphrase."""
    _check_strength(user, passphrase)
    return VaultDraft(
        vault_id=vault_id,
        is_new=is_new,
        private=private,
        erasure_key=erasure_key,
        code=parse_recovery_code(make_recovery_code()),
        passphrase_slot=_lock_with_argon2(user, private, passphrase, vault_id, erasure_key),
    )


def bind_new_vault(user: User, draft: VaultDraft, **facts: Any) -> Vault:
    """Its row, without locks. What was agreed to for another vault ends. Raises VaultExists."""
    vault = Vault(id=draft.vault_id, user=user, public_key=draft.opened.public, **facts)
    vault.binding = make_binding(vault)
    sign_vault(vault)
    try:
        with transaction.atomic():
            vault.save(force_insert=True)
    except IntegrityError as error:
        raise VaultExists from error
    for dependant in DEPENDANTS:
        dependant.begin(user)
    return vault


def store_key_slots(vault: Vault, draft: VaultDraft) -> None:
    """Both locks of a draft, in the place of what was there."""
    recovery_slot = wrap_with_recovery(
        draft.private, draft.code, vault_id=vault.pk, public=draft.opened.public, erasure_key=draft.erasure_key
    )
    for slot, sealed in ((KeySlot.Slot.PASSPHRASE, draft.passphrase_slot), (KeySlot.Slot.RECOVERY, recovery_slot)):
        values = {"sealed": sealed, "failures": 0, "closed_until": None}
        KeySlot.objects.update_or_create(vault=vault, slot=slot, defaults=values)


def _open(vault: Vault, slot: Slot, secret: str | bytes) -> bytes:
    # First: what was locked together with another key looks damaged.
    was_bound = is_bound(vault)
    lock = KeySlot.objects.filter(vault=vault, slot=slot).first()
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


def _check_strength(user: User, passphrase: str) -> None:
    if len(passphrase) > MAX_LENGTH:
        raise WeakPassphrase(_("Please use at most %(most)d characters.") % {"most": MAX_LENGTH})
    strength = judge_passphrase(passphrase, about=[user.email])
    if not strength.is_enough:
        told = gettext("That would be too easy to guess.")
        raise WeakPassphrase(f"{told} {strength.advice}".strip())


def _lock_with_argon2(user: User, private: bytes, passphrase: str, vault_id: UUID, erasure_key: bytes) -> bytes:
    with argon2_turn(user):
        return wrap_with_passphrase(
            private, passphrase, vault_id=vault_id, public=public_of(private), erasure_key=erasure_key
        )
