"""Who else keeps something that belongs to a vault, and is asked before and while it goes.

The vault imports none of them: they join `DEPENDANTS` when the site starts, and are asked inside its own transaction.
"""

from datetime import date
from typing import Final, Protocol

from accounts.models import User
from core.exceptions import WellbeingError
from vault.models import Vault


class VaultBusy(WellbeingError):
    """Something is on its way into the vault; a dependant says what."""

    code, status = "vault_busy", 409


class Dependant(Protocol):
    def hold(self, user: User) -> None:
        """Take the locks that workers take before a vault's, in their order."""

    def refuse_if_busy(self, vault: Vault) -> None:
        """Raise VaultBusy while something is on its way into this vault."""

    def forget(self, vault: Vault) -> None:
        """Destroy what goes with this vault."""

    def begin(self, user: User) -> None:
        """The person's vault is a new one: end what was agreed to for another."""

    def sign_anew(self) -> int:
        """Vouch with the newest key for what the site vouched for with older ones; returns for how many rows."""

    def forget_before(self, vault: Vault, day: date) -> None:
        """Destroy what speaks of entries older than `day`, which are deleted now."""


DEPENDANTS: Final[list[Dependant]] = []
