"""Vaults for tests that are not about passphrases: without Argon2, and open in a browser when wanted."""

import base64
import secrets
import time
import uuid

from django.conf import settings
from django.test import Client

from accounts.models import User
from tests.vault.crypto.people import split_private_key
from vault.crypto.key_pairs import make_key_pair
from vault.crypto.recovery import format_recovery_code
from vault.journal.entries import OpenedVault
from vault.models import Vault
from vault.opened_here import make_proof
from vault.services.lifecycle import VaultDraft, erasing_vault, keep_vault

CODE = b"r" * 32
CODE_TEXT = format_recovery_code(CODE)


def make_vault(user: User) -> OpenedVault:
    """A vault whose recovery code is `CODE` and which no passphrase opens."""
    draft = VaultDraft(
        vault_id=uuid.uuid4(),
        is_new=True,
        private=make_key_pair().private,
        erasure_key=secrets.token_bytes(32),
        code=CODE,
        passphrase_slot=b"no lock",
    )
    return keep_vault(user=user, draft=draft)


def erase_vault(*, user: User) -> None:
    """As who has proved to be its owner."""
    with erasing_vault(user=user):
        pass


def hold_open_in(client: Client, user: User, opened: OpenedVault) -> None:
    """As if this browser's person had just typed the passphrase."""
    session = client.session
    expires = int(time.time()) + settings.VAULT_IDLE_SECONDS
    half, stored = split_private_key(
        opened.private, user_id=str(user.pk), session_id=session.session_key or "", expires=expires
    )
    session["vault"] = base64.b64encode(stored).decode()
    session.save()
    client.cookies[settings.VAULT_COOKIE_NAME] = half


def know_in(client: Client, user: User) -> None:
    """As if the person had opened their vault in this browser before."""
    vault = Vault.objects.get(user=user)
    client.cookies[settings.OPENED_COOKIE_NAME] = make_proof(vault.pk, bytes(vault.public_key))
