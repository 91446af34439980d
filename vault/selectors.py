"""What the database answers about one person's vault. Reads only."""

from __future__ import annotations

from accounts.models import User
from core.exceptions import VaultRequired
from vault.models import Vault


def get_vault(user: User) -> Vault:
    """Raises VaultRequired."""
    vault = Vault.objects.filter(user=user).first()
    if vault is None:
        raise VaultRequired
    return vault
