from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from core.exceptions import VaultLocked
from vault.crypto.key_pairs import make_key_pair
from vault.http import opened
from vault.journal.entries import OpenedVault


def _request(held: OpenedVault | None) -> Any:
    return SimpleNamespace(opened_vault=held)


def test_the_vault_that_is_held_open_is_given() -> None:
    keys = make_key_pair()
    held = OpenedVault(vault_id=UUID(int=1), private=keys.private, public=keys.public)
    assert opened(_request(held)) is held


def test_a_locked_vault_is_refused() -> None:
    with pytest.raises(VaultLocked):
        opened(_request(None))
