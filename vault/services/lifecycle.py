"""Make, open, re-lock and erase a vault. No sign-in, password reset or administrator gets past a passphrase here."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.exceptions import NotFound, VaultRequired, WellbeingError
from vault.authentic import sign_vault
from vault.crypto.errors import RecoveryCodeInvalid
from vault.crypto.key_pairs import make_key_pair, public_of
from vault.crypto.key_phrase import make_key_phrase
from vault.crypto.key_slots import wrap_with_recovery
from vault.crypto.recovery import format_recovery_code, make_recovery_code, parse_recovery_code, split_groups
from vault.dependants import DEPENDANTS
from vault.journal.compaction import compact_inbox
from vault.journal.entries import OpenedVault, bound_public_key
from vault.keystore.keys import (
    ErasureKeyGone,
    destroy_erasure_key,
    keep_erasure_key,
    make_erasure_key,
    read_erasure_key,
)
from vault.models import KeySlot, Vault
from vault.selectors import get_vault, has_vault
from vault.services.binding import make_binding
from vault.services.key_slots import WrongPassphrase, lock_with_argon2, open_slot, raise_cost
from vault.services.precautions import check_may_erase, check_may_make, stop_erasure
from vault.services.strength import check_strength

logger = logging.getLogger(__name__)


class VaultExists(WellbeingError):
    code, status, detail = "vault_exists", 409, _("You have a vault already.")


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
    check_strength(user, passphrase)
    try:
        private = open_slot(vault, "recovery", parse_recovery_code(code))
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
    private = open_slot(vault, "passphrase", passphrase)
    raise_cost(vault, passphrase, private)
    return begin_use(vault, private)


def begin_use(vault: Vault, private: bytes) -> OpenedVault:
    """What follows when a lock has opened: nothing is left of a former vault, and the inbox is compacted."""
    opened = OpenedVault(vault_id=vault.pk, private=private, public=public_of(private))
    forget_former(vault.pk)
    compact_inbox(opened)
    return opened


def change_passphrase(*, user: User, passphrase: str, new_passphrase: str) -> None:
    """Wrap the same private key under the new passphrase. Touches no entry. Raises as `open_vault`, WeakPassphrase."""
    vault = get_vault(user)
    check_strength(user, new_passphrase)
    private = open_slot(vault, "passphrase", passphrase)
    sealed = lock_with_argon2(user, private, new_passphrase, vault.pk, read_erasure_key(vault.pk))
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
        open_slot(vault, "recovery", parse_recovery_code(secret))
    except RecoveryCodeInvalid:
        open_slot(vault, "passphrase", secret)


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
    check_strength(user, passphrase)
    return VaultDraft(
        vault_id=vault_id,
        is_new=is_new,
        private=private,
        erasure_key=erasure_key,
        code=parse_recovery_code(make_recovery_code()),
        passphrase_slot=lock_with_argon2(user, private, passphrase, vault_id, erasure_key),
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
    """Both locks of a draft, in the place of what was there. No passkey opens it until it is added again."""
    KeySlot.objects.filter(vault=vault, slot=KeySlot.Slot.PASSKEY).delete()
    recovery_slot = wrap_with_recovery(
        draft.private, draft.code, vault_id=vault.pk, public=draft.opened.public, erasure_key=draft.erasure_key
    )
    for slot, sealed in ((KeySlot.Slot.PASSPHRASE, draft.passphrase_slot), (KeySlot.Slot.RECOVERY, recovery_slot)):
        values = {"sealed": sealed, "failures": 0, "closed_until": None}
        KeySlot.objects.update_or_create(vault=vault, slot=slot, defaults=values)
