"""Who else keeps something that belongs to a vault, and is asked before and while it goes.

The vault imports none of them: they register when the site starts, and are asked inside the vault's own transaction.
"""

from __future__ import annotations

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

    def forget_before(self, vault: Vault, day: date) -> None:
        """Destroy what speaks of entries older than `day`, which are deleted now."""


_DEPENDANTS: Final[list[Dependant]] = []


def register(dependant: Dependant) -> None:
    _DEPENDANTS.append(dependant)


def hold(user: User) -> None:
    for dependant in _DEPENDANTS:
        dependant.hold(user)


def refuse_if_busy(vault: Vault) -> None:
    for dependant in _DEPENDANTS:
        dependant.refuse_if_busy(vault)


def forget(vault: Vault) -> None:
    for dependant in _DEPENDANTS:
        dependant.forget(vault)


def forget_before(vault: Vault, day: date) -> None:
    for dependant in _DEPENDANTS:
        dependant.forget_before(vault, day)
