"""Alice may send snapshots: she has a vault, has agreed, and Valkey runs."""

import pytest
from redis import Redis

from accounts.models import User
from tests.faces import smile, to_jpeg
from tests.signed import agree
from tests.vaults import make_vault
from vault.journal.entries import OpenedVault


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    return to_jpeg(smile())


@pytest.fixture
def opened(alice: User, valkey: Redis) -> OpenedVault:
    opened = make_vault(alice)
    agree(alice)
    return opened


@pytest.fixture
def opened_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has a vault has opened it before in whatever browser they use."""
    monkeypatch.setattr("vault.http.was_opened_here", lambda request, vault: True)
