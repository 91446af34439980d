from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import User
from emotion.labels import EXPRESSIONS
from emotion.services.schedules import set_timezone
from recommender.catalogue.models import WindowSettings
from tests import entries
from tests.recommender.activities import make_activity, make_catalogue
from tests.recommender.conftest import Append, ReadFace
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Feedback
from vault.journal.reading import read_journal

pytestmark = pytest.mark.django_db

ADDRESSES = [
    ("get", "/api/v1/mood/"),
    ("get", "/api/v1/suggestions/"),
    ("post", f"/api/v1/suggestions/{UUID(int=7)}/feedback/"),
]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_a_closed_vault_is_423_and_none_is_409(
    alice_client: Client, bob_client: Client, opened: OpenedVault, method: str, path: str
) -> None:
    locked = getattr(alice_client, method)(path, {}, content_type="application/json")
    assert (locked.status_code, locked.json()["code"]) == (423, "vault_locked")
    missing = getattr(bob_client, method)(path, {}, content_type="application/json")
    assert (missing.status_code, missing.json()["code"]) == (409, "vault_required")


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_a_visitor_is_refused(client: Client, method: str, path: str) -> None:
    assert getattr(client, method)(path).status_code == 401


def test_the_mood_of_an_empty_window(opened_client: Client) -> None:
    response = opened_client.get("/api/v1/mood/")
    mood = response.json()
    assert response["Cache-Control"] == "no-store, no-transform"
    assert len(mood["coverage"].pop("days")) == 7
    mood.pop("since")
    mood.pop("until")
    assert mood == {
        "window_days": 7,
        "enough": False,
        "readings_needed": 30,
        "days_needed": 3,
        "sentence": "Not enough yet to sum up: it takes 3 more check-ins.",
        "coverage": {"reasons": {}, "readings": 0, "days_with_readings": 0},
        "mix": None,
        "leading": None,
        "seen": None,
        "said": None,
        "corrected": 0,
    }


def test_the_mood_of_somebody_who_only_checks_in(opened_client: Client, append: Append) -> None:
    for _ in range(4):
        append(entries.checkin(0.5, -0.5))
    mood = opened_client.get("/api/v1/mood/").json()
    assert mood["sentence"] == "Your 4 check-ins said pleasant on the whole, with low energy."
    assert (mood["enough"], mood["said"]["count"], mood["mix"]) == (True, 4, None)


def test_the_mood_of_a_full_window_in_the_persons_own_time(
    opened_client: Client, alice: User, read_face: ReadFace
) -> None:
    WindowSettings(window_days=3, floor_readings=10, floor_days=2).save()
    set_timezone(user=alice, zone="Asia/Kathmandu")
    now = datetime.now(tz=UTC)
    for index in range(20):
        read_face("happiness", now - timedelta(hours=2 * index))
    mood = opened_client.get("/api/v1/mood/").json()
    assert mood["since"].endswith("T00:00:00+05:45")
    assert [share["expression"] for share in mood["mix"]] == list(EXPRESSIONS)
    assert sum(share["value"] for share in mood["mix"]) == pytest.approx(1)
    assert (mood["enough"], mood["leading"], mood["window_days"]) == (True, "happiness", 3)
    assert mood["seen"]["source"] == "seen"
    assert mood["seen"]["pleasantness"]["low"] <= mood["seen"]["pleasantness"]["value"]


def test_suggestions_are_the_ones_on_the_page(opened_client: Client) -> None:
    make_catalogue()
    first = opened_client.get("/api/v1/suggestions/").json()
    assert opened_client.get("/api/v1/suggestions/").json() == first
    page = opened_client.get("/today/").content.decode()
    assert len(first) == 2
    for suggestion in first:
        assert f'name="suggestion" value="{suggestion["id"]}"' in page
        assert suggestion["reason"].startswith("The last 7 days hold too little to go by")


def test_an_answer_over_the_api(opened_client: Client, opened: OpenedVault) -> None:
    make_activity("walk")
    (suggestion,) = opened_client.get("/api/v1/suggestions/").json()
    path = f"/api/v1/suggestions/{suggestion['id']}/feedback/"
    for _ in range(2):
        said = {"answer": "did", "helped": -1, "before": -1, "after": 0}
        response = opened_client.post(path, said, content_type="application/json")
        assert (response.status_code, response.json()) == (200, said)
    (entry,) = read_journal(opened).of(Feedback)
    assert (entry.data.helped, entry.data.before, entry.data.after) == (-1, -1, 0)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid"),
        ({"answer": "maybe"}, "invalid"),
        ({"answer": "did", "helped": 3}, "invalid"),
        ({"answer": "never", "helped": 1}, "invalid_answer"),
    ],
)
def test_an_answer_that_makes_no_sense_is_400(opened_client: Client, body: dict[str, Any], code: str) -> None:
    make_activity("walk")
    (suggestion,) = opened_client.get("/api/v1/suggestions/").json()
    path = f"/api/v1/suggestions/{suggestion['id']}/feedback/"
    response = opened_client.post(path, body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, code)


def test_somebody_elses_suggestion_is_404(opened_client: Client, append: Append, bob_client: Client, bob: User) -> None:
    from tests.recommender.conftest import PASSPHRASE
    from vault.services.lifecycle import create_vault

    offer = append(entries.suggestion("walk"))
    create_vault(user=bob, passphrase=PASSPHRASE)
    bob_client.post("/vault/open/", {"passphrase": PASSPHRASE})
    response = bob_client.post(
        f"/api/v1/suggestions/{offer}/feedback/", {"answer": "did"}, content_type="application/json"
    )
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
