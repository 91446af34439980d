from __future__ import annotations

import pytest

from vault.journal import OpenedVault
from tests.vaults import make_vault
from accounts.models import User


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


@pytest.fixture
def other(bob: User) -> OpenedVault:
    return make_vault(bob)
