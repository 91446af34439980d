from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from emotion.api.limits import CameraUseThrottle
from tests.vaults import make_vault
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Camera
from vault.journal.reading import read_journal
from vault.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opened_before")]

URL = "/api/v1/camera-uses/"


def note(client: Client, **change: object) -> Any:
    body = {"use": str(uuid4()), "trigger": "manual", "ended": "discarded", **change}
    return client.post(URL, body, content_type="application/json")


def test_a_use_is_sealed_without_an_open_vault_and_noted_once(alice: User, alice_client: Client) -> None:
    opened = make_vault(alice)
    use = str(uuid4())
    first, again = (note(alice_client, use=use, trigger="neutral", ended="denied") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    (entry,) = read_journal(opened).entries
    assert entry.data == Camera(use=UUID(use), trigger="neutral", ended="denied")


def test_a_note_that_was_held_up_keeps_its_time(alice: User, alice_client: Client) -> None:
    opened = make_vault(alice)
    note(alice_client, seconds_ago=1800)
    age = timezone.now() - read_journal(opened).entries[0].at
    assert timedelta(minutes=29) < age < timedelta(minutes=31)


def test_the_same_use_of_two_people_is_two_entries(
    alice: User, alice_client: Client, bob: User, bob_client: Client
) -> None:
    vaults: list[OpenedVault] = [make_vault(alice), make_vault(bob)]
    use = str(uuid4())
    assert [note(client, use=use).status_code for client in (alice_client, bob_client)] == [201, 201]
    assert [len(read_journal(opened).entries) for opened in vaults] == [1, 1]


@pytest.mark.parametrize("change", [{"ended": "sad"}, {"trigger": "boss"}, {"use": "1"}, {"seconds_ago": -1}])
def test_what_makes_no_sense_is_not_noted(alice: User, alice_client: Client, change: dict[str, object]) -> None:
    make_vault(alice)
    assert note(alice_client, **change).status_code == 400
    assert Entry.objects.count() == 0


def test_without_a_vault_or_a_person_nothing_is_noted(alice_client: Client, client: Client) -> None:
    assert note(alice_client).json()["code"] == "vault_required"
    assert note(client).status_code == 401


def test_a_flood_is_turned_away_until_the_hour_is_over(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_vault(alice)
    monkeypatch.setattr(CameraUseThrottle, "rate", "2/hour")
    monkeypatch.setattr(CameraUseThrottle, "timer", lambda _: 10 * 3600 - 90.0)
    answers = [note(alice_client) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].headers["Retry-After"] == "90"


def test_what_keeps_a_flood_away_says_how_many_and_never_when(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_vault(alice)
    kept: list[tuple[str, object, float]] = []
    monkeypatch.setattr(cache, "set", lambda *written: kept.append(written))
    for minute in (1, 59):
        monkeypatch.setattr(CameraUseThrottle, "timer", lambda _, minute=minute: 10 * 3600 + minute * 60.0)
        note(alice_client)
    key = f"throttle_camera_uses_this_hour_{alice.pk}"
    assert kept == [(key, 1, 59 * 60), (key, 1, 60)]


def test_a_page_learns_who_is_signed_in_and_gets_a_fresh_token(
    alice_client: Client, bob_client: Client, client: Client
) -> None:
    alices, bobs = (other.get("/api/v1/session/").json() for other in (alice_client, bob_client))
    assert alices["person"] != bobs["person"]
    assert alices["person"] == alice_client.get("/api/v1/session/").json()["person"]
    assert len(alices["token"]) > 30
    assert client.get("/api/v1/session/").status_code == 401
