"""Every vault is bound again by the newest key, each to its own public key and owner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emotion.journal import is_bound
from emotion.models import Vault
from emotion.services.binding import rebind_vaults
from tests.vaults import make_vault
from wellbeing import rotation
from wellbeing.keys import server_keys
from wellbeing.models import User

pytestmark = pytest.mark.django_db


def test_each_vault_gets_a_binding_of_its_own(alice: User, bob: User, tmp_path: Path, settings: Any) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    server_keys()
    for user in (alice, bob):
        make_vault(user)
    rotation.announce_keys(["binding"])
    rotation.activate_keys(["binding"], now=0)
    assert rebind_vaults() == 2
    rotation.destroy_retired_keys(now=rotation.now_seconds())
    assert len(server_keys().binding) == 1
    assert [is_bound(vault) for vault in Vault.objects.all()] == [True, True]
