from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import User
from emotion.services.preferences import set_ask_first
from tests.entries import of_face
from vault.journal.entries import OpenedVault, append_entry
from vault.journal.kinds import Kind
from vault.models import Vault
from vault.services.lifecycle import create_vault

PASSPHRASE = "quilted otter drums vivid canyon"


class Append(Protocol):
    def __call__(self, entry: Kind, at: datetime | None = None) -> UUID: ...


class ReadFace(Protocol):
    def __call__(self, expression: str, at: datetime | None = None) -> UUID: ...


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    """Alice's vault, open. She does not want to be asked first: test_displayed_journal.py has those who do."""
    set_ask_first(user=alice, ask_first=False)
    return create_vault(user=alice, passphrase=PASSPHRASE)[0]


@pytest.fixture
def append(opened: OpenedVault) -> Append:
    """Seal an entry into Alice's journal."""
    vault = Vault.objects.get(pk=opened.vault_id)

    def append(entry: Kind, at: datetime | None = None) -> UUID:
        return append_entry(vault=vault, entry=entry, at=at or datetime.now(tz=UTC))

    return append


@pytest.fixture
def read_face(append: Append) -> ReadFace:
    """A reading in Alice's journal of a face that showed one expression."""

    def read_face(expression: str, at: datetime | None = None) -> UUID:
        return append(of_face(expression), at)

    return read_face


@pytest.fixture
def opened_client(opened: OpenedVault, alice_client: Client) -> Client:
    """Alice's browser with her vault open."""
    response = alice_client.post("/vault/open/", {"passphrase": PASSPHRASE})
    assert response.status_code == 302
    return alice_client
