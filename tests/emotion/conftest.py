"""Alice may send snapshots: she has a vault, has agreed, and Valkey runs."""

import pytest
from redis import Redis

from accounts.models import User
from emotion.consent_text import CONSENT_TEXT
from emotion.services.consents import give_consent
from tests.faces import smile, to_jpeg
from tests.vaults import make_vault
from vault.journal.entries import OpenedVault


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    return to_jpeg(smile())


@pytest.fixture
def opened(alice: User, valkey: Redis) -> OpenedVault:
    give_consent(user=alice, text_version=CONSENT_TEXT.version)
    return make_vault(alice)
