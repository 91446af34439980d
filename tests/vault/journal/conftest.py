import pytest

from accounts.models import User
from tests.vaults import make_vault
from vault.journal.entries import OpenedVault


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


@pytest.fixture
def other(bob: User) -> OpenedVault:
    return make_vault(bob)
