"""Passkeys that open a vault: what the PRF extension of WebAuthn gives is the secret of a lock, and is kept nowhere."""

import base64
import hashlib
import logging
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.selectors import find_passkeys
from core.exceptions import NotFound, WellbeingError
from vault.crypto.key_slots import wrap_with_passkey
from vault.journal.entries import OpenedVault
from vault.keystore.keys import read_erasure_key
from vault.models import KeySlot, Vault
from vault.selectors import get_vault
from vault.services.key_slots import WrongPassphrase, open_slot
from vault.services.lifecycle import begin_use

logger = logging.getLogger(__name__)

_SECRET_BYTES: Final = 32


class NoSecret(WellbeingError):
    code, status = "no_passkey_secret", 400
    detail = _("The passkey gave nothing to lock the vault with. Nothing was changed.")


def make_salt(vault: Vault) -> str:
    """What the passkey is asked with, base64url; a vault with new keys asks with another, and gets another secret."""
    return _to_text(hashlib.sha256(b"wb/v1/passkey-salt" + vault.pk.bytes).digest())


def find_opening(vault: Vault, passkeys: Mapping[str, str]) -> Mapping[str, str]:
    """Those of a person's passkeys, ids to names, that open the vault."""
    opening = set(KeySlot.objects.filter(vault=vault, slot=KeySlot.Slot.PASSKEY).values_list("credential", flat=True))
    return {credential: name for credential, name in passkeys.items() if credential in opening}


def add_passkey(*, user: User, opened: OpenedVault, credential: str, secret: str) -> None:
    """Have a passkey of the person's account open the open vault too. Raises NotFound, NoSecret, ErasureKeyGone."""
    vault, raw = get_vault(user), _read_secret(secret)
    if vault.pk != opened.vault_id or credential not in find_passkeys(user):
        raise NotFound
    if raw is None:
        raise NoSecret
    sealed = wrap_with_passkey(
        opened.private, raw, vault_id=vault.pk, public=opened.public, erasure_key=read_erasure_key(vault.pk)
    )
    values = {"sealed": sealed, "failures": 0, "closed_until": None}
    KeySlot.objects.update_or_create(vault=vault, slot=KeySlot.Slot.PASSKEY, credential=credential, defaults=values)
    logger.info("vault %s: a passkey opens it", vault.pk)


def open_by_passkey(*, user: User, credential: str, secret: str) -> OpenedVault:
    """Raises what `lifecycle.open_vault` raises; WrongPassphrase also for one not added, or not the account's."""
    vault, raw = get_vault(user), _read_secret(secret)
    if raw is None or credential not in find_opening(vault, find_passkeys(user)):
        raise WrongPassphrase
    return begin_use(vault, open_slot(vault, "passkey", raw, credential=credential))


def remove_passkey(*, user: User, credential: str) -> bool:
    """Whether it opened the vault until now."""
    slots = KeySlot.objects.filter(vault__user=user, slot=KeySlot.Slot.PASSKEY, credential=credential)
    return bool(credential and slots.delete()[0])


def _read_secret(text: str) -> bytes | None:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return raw if len(raw) == _SECRET_BYTES else None


def _to_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
