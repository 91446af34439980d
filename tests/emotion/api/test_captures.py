import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from emotion.models import Capture
from emotion.services.classify import record_waiting
from emotion.services.consents import withdraw_consent
from emotion.services.entries import correct_reading
from tests.valkey import AWAY
from tests.vaults import hold_open_in, make_vault
from vault.journal.compaction import delete_entry
from vault.journal.entries import OpenedVault
from vault.journal.reading import read_journal
from vault.models import Vault

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opened_before")]

URL = "/api/v1/captures/"


def post(client: Client, jpeg: bytes, capture_id: UUID | None = None, trigger: str = "manual") -> Any:
    address = f"{URL}?id={capture_id or uuid4()}&trigger={trigger}"
    return client.post(address, jpeg, content_type="application/octet-stream")


def test_a_snapshot_is_accepted_and_the_same_one_again_is_known(
    alice_client: Client, opened: OpenedVault, jpeg: bytes
) -> None:
    capture_id = uuid4()
    first = post(alice_client, jpeg, capture_id)
    assert (first.status_code, first.json()) == (202, {"id": str(capture_id), "state": "queued"})
    again = post(alice_client, jpeg, capture_id)
    assert (again.status_code, again.json()) == (200, first.json())
    assert Capture.objects.count() == 1


def test_several_frames_come_as_a_form(alice_client: Client, opened: OpenedVault, jpeg: bytes) -> None:
    frames = [SimpleUploadedFile(f"{n}.jpg", jpeg, "image/jpeg") for n in range(3)]
    answer = alice_client.post(URL, {"id": str(uuid4()), "trigger": "manual", "frames": frames})
    assert answer.status_code == 202
    assert Capture.objects.get().frame_count == 3


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "not_jpeg"),
        (b"\x89PNG and so on", 400, "not_jpeg"),
        (bytes(600_000), 413, "too_large"),
        (bytes(3_000_000), 413, "too_large"),
    ],
)
def test_what_is_no_small_jpeg_gets_a_code(
    body: bytes, status: int, code: str, alice_client: Client, opened: OpenedVault
) -> None:
    answer = post(alice_client, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Capture.objects.count() == 0


def test_a_form_that_is_too_long_is_refused_before_it_is_read(alice_client: Client, opened: OpenedVault) -> None:
    frames = [SimpleUploadedFile("big.jpg", bytes(3_000_000), "image/jpeg")]
    answer = alice_client.post(URL, {"id": str(uuid4()), "frames": frames})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("query", ["", "?id=17", "?id=00000000-0000-4000-8000-000000000000&trigger=whim"])
def test_a_snapshot_needs_a_proper_id_and_trigger(query: str, alice_client: Client, opened: OpenedVault) -> None:
    answer = alice_client.post(URL + query, b"", content_type="application/octet-stream")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_other_content_is_not_supported(alice_client: Client, opened: OpenedVault) -> None:
    answer = alice_client.post(URL, json.dumps({"id": str(uuid4())}), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_each_refusal_has_its_status(
    client: Client, alice: User, alice_client: Client, opened: OpenedVault, bob: User, bob_client: Client, jpeg: bytes
) -> None:
    assert post(client, jpeg).status_code in (401, 403)
    no_vault = post(bob_client, jpeg)
    assert (no_vault.status_code, no_vault.json()["code"]) == (409, "vault_required")
    make_vault(bob)
    no_consent = post(bob_client, jpeg)
    assert (no_consent.status_code, no_consent.json()["code"]) == (403, "consent_required")
    off = post(alice_client, jpeg, trigger="scheduled")
    assert (off.status_code, off.json()["code"]) == (409, "outside_schedule")
    for _ in range(3):
        post(alice_client, jpeg)
    often = post(alice_client, jpeg)
    assert (often.status_code, often.json()["code"]) == (429, "too_often")
    assert 1 <= int(often.headers["Retry-After"]) <= 11


def test_redis_away_is_503_and_nothing_is_accepted(
    alice_client: Client, opened: OpenedVault, jpeg: bytes, settings: Settings
) -> None:
    settings.BLOBS_URL = AWAY
    answer = post(alice_client, jpeg)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) == 5
    assert Capture.objects.count() == 0


def test_a_browser_must_show_its_csrf_token(alice: User, opened: OpenedVault, jpeg: bytes) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert post(strict, jpeg).status_code == 403
    assert Capture.objects.count() == 0


@pytest.fixture
def recorded(alice_client: Client, opened: OpenedVault, jpeg: bytes) -> UUID:
    capture_id = uuid4()
    post(alice_client, jpeg, capture_id)
    record_waiting(task_id=uuid4())
    return capture_id


def test_what_became_of_it_is_shown_and_the_reading_only_while_the_vault_is_open(
    alice: User, alice_client: Client, opened: OpenedVault, recorded: UUID
) -> None:
    address = f"{URL}{recorded}/"
    closed = alice_client.get(address).json()
    assert (closed["id"], closed["state"], closed["reason"], closed["reading"]) == (str(recorded), "recorded", "", None)
    assert closed["vault_open"] is False
    hold_open_in(alice_client, alice, opened)
    asked = alice_client.get(address).json()
    assert (asked["reading"], asked["ask_first"]) == (None, True)
    alice_client.post("/api/v1/checkins/skip/")
    reading = alice_client.get(address).json()["reading"]
    assert (reading["outcome"], reading["expression"], reading["corrected"]) == ("reading", "happiness", None)
    assert sum(reading["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    correct_reading(opened, UUID(reading["entry"]), "surprise")
    [listed] = alice_client.get(URL).json()
    assert (listed["reading"]["expression"], listed["reading"]["corrected"]) == ("happiness", "surprise")


def test_a_deleted_reading_is_told_from_one_in_a_locked_vault(
    alice: User, alice_client: Client, opened: OpenedVault, recorded: UUID
) -> None:
    delete_entry(opened, read_journal(opened).entries[0].id)
    [locked] = alice_client.get(URL).json()
    hold_open_in(alice_client, alice, opened)
    [deleted] = alice_client.get(URL).json()
    assert [(capture["reading"], capture["vault_open"]) for capture in (locked, deleted)] == [
        (None, False),
        (None, True),
    ]


@pytest.mark.parametrize("stranger", ["bob_client", "root_client"])
def test_strangers_and_superusers_find_nothing(
    stranger: str, recorded: UUID, opened: OpenedVault, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(stranger)
    user = User.objects.get(email=f"{stranger.removesuffix('_client')}@example.org")
    hold_open_in(client, user, make_vault(user))
    assert len(read_journal(opened).entries) == 1, "there is something to leak"
    assert client.get(URL).json() == []
    assert client.get(f"{URL}{recorded}/").status_code == 404
    missing = client.get(f"{URL}{uuid4()}/")
    assert client.get(f"{URL}{recorded}/").json() == missing.json()


def test_alices_key_in_another_hand_opens_nothing(
    alice: User, bob: User, bob_client: Client, opened: OpenedVault, recorded: UUID
) -> None:
    """Bob's session with Alice's private key: the vault is matched to the person who is signed in."""
    make_vault(bob)
    hold_open_in(bob_client, bob, opened)
    assert bob_client.get(URL).json() == []
    assert bob_client.get("/api/v1/journal/entries/").status_code == 423


def test_a_withdrawal_while_it_waits_is_shown(
    alice: User, alice_client: Client, opened: OpenedVault, jpeg: bytes
) -> None:
    capture_id = uuid4()
    post(alice_client, jpeg, capture_id)
    withdraw_consent(user=alice)
    assert alice_client.get(f"{URL}{capture_id}/").json()["state"] == "withdrawn"
    assert Vault.objects.filter(user=alice).exists()
