from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from emotion.services.preferences import set_ask_first
from tests.entries import checkin, reading
from tests.vaults import hold_open_in, make_vault
from vault.journal.entries import OpenedVault, append_entry
from vault.models import Entry, Vault

pytestmark = pytest.mark.django_db

URL = "/api/v1/journal/entries/"
ENTRY = reading(p=[0, 0, 0, 1, 0, 0, 0])
SHOWN = {"capture": str(ENTRY.capture), "outcome": "reading", "p": [0, 0, 0, 1, 0, 0, 0], "quality": 0.9, "model": "m"}


@pytest.fixture
def entry_id(alice: User, opened: OpenedVault) -> UUID:
    vault = Vault.objects.get(user=alice)
    set_ask_first(user=alice, ask_first=False)
    append_entry(vault=vault, entry=checkin(note="long ago"), at=timezone.now() - timedelta(days=30))
    return append_entry(vault=vault, entry=ENTRY, at=timezone.now())


def test_a_locked_vault_shows_nothing(alice_client: Client, entry_id: UUID) -> None:
    for answer in (
        alice_client.get(URL),
        alice_client.delete(f"{URL}{entry_id}/"),
        alice_client.post(f"{URL}{entry_id}/correction/", {"expression": "fear"}, content_type="application/json"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (423, "vault_locked")
    assert Entry.objects.count() == 2


def test_the_entries_of_the_last_days_are_read(
    alice: User, alice_client: Client, opened: OpenedVault, entry_id: UUID
) -> None:
    hold_open_in(alice_client, alice, opened)
    week = alice_client.get(URL).json()
    assert [(entry["id"], entry["data"]) for entry in week["entries"]] == [(str(entry_id), SHOWN)]
    assert len(alice_client.get(f"{URL}?days=31").json()["entries"]) == 2
    assert alice_client.get(f"{URL}?days=0").status_code == 400


def test_a_damaged_row_is_named_and_the_rest_still_opens(
    alice: User, alice_client: Client, opened: OpenedVault, entry_id: UUID
) -> None:
    hold_open_in(alice_client, alice, opened)
    Entry.objects.filter(pk=entry_id).update(sealed=b"x" * 1073)
    answer = alice_client.get(f"{URL}?days=31").json()
    assert (len(answer["entries"]), answer["damaged"]) == (1, [str(entry_id)])


def test_a_reading_is_corrected_beside_the_original_and_deleted(
    alice: User, alice_client: Client, opened: OpenedVault, entry_id: UUID
) -> None:
    hold_open_in(alice_client, alice, opened)
    address = f"{URL}{entry_id}/correction/"
    said = alice_client.post(address, {"expression": "surprise"}, content_type="application/json")
    assert said.status_code == 201
    [entry] = alice_client.get(URL).json()["entries"]
    assert entry["data"] == {**SHOWN, "corrected": "surprise"}
    assert alice_client.post(address, {"expression": "bliss"}, content_type="application/json").status_code == 400
    assert alice_client.delete(f"{URL}{entry_id}/").status_code == 204
    assert alice_client.get(URL).json()["entries"] == []
    assert alice_client.delete(f"{URL}{entry_id}/").status_code == 404


@pytest.mark.parametrize("stranger", ["bob_client", "root_client"])
def test_strangers_and_superusers_find_nothing(stranger: str, entry_id: UUID, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(stranger)
    user = User.objects.get(email=f"{stranger.removesuffix('_client')}@example.org")
    hold_open_in(client, user, make_vault(user))
    assert client.get(f"{URL}?days=365").json() == {"entries": [], "damaged": [], "withheld": 0}
    assert client.delete(f"{URL}{entry_id}/").status_code == 404
    address = f"{URL}{entry_id}/correction/"
    assert client.post(address, {"expression": "fear"}, content_type="application/json").status_code == 404
    assert Entry.objects.count() == 2
