"""What the database answers about one person's vault. Reads only."""

from accounts.models import User
from core.exceptions import VaultRequired
from vault.models import Vault


def has_vault(user: User) -> bool:
    return Vault.objects.filter(user=user).exists()


def find_vault(user: User) -> Vault | None:
    return Vault.objects.filter(user=user).first()


def get_vault(user: User) -> Vault:
    """Raises VaultRequired."""
    vault = find_vault(user)
    if vault is None:
        raise VaultRequired
    return vault
