from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from emotion.models import Schedule
from vault.journal.entries import OpenedVault

pytestmark = pytest.mark.django_db

URL = "/api/v1/schedule/"
ALWAYS = {
    "enabled": True,
    "days": [0, 1, 2, 3, 4, 5, 6],
    "start": "00:00",
    "end": "23:59",
    "mode": "every",
    "every_minutes": 15,
    "timezone": "UTC",
}


def put(client: Client, **change: object) -> Any:
    return client.put(URL, {**ALWAYS, **change}, content_type="application/json")


def test_before_anything_is_set_it_is_off(alice_client: Client) -> None:
    answer = alice_client.get(URL).json()
    assert (answer["enabled"], answer["next_at"], answer["why_none"]) == (False, None, "off")
    assert (answer["days"], answer["start"], answer["every_minutes"]) == ([0, 1, 2, 3, 4], "09:00:00", 60)


def test_a_schedule_is_kept_and_says_when_the_next_one_is(alice_client: Client, opened: OpenedVault) -> None:
    answer = put(alice_client, days=[6, 0, 0, 1, 2, 3, 4, 5]).json()
    assert "days" in answer["fields"], "eight days are no week"
    answer = put(alice_client).json()
    assert answer["why_none"] is None
    upcoming = datetime.fromisoformat(answer["next_at"])
    assert timedelta(0) < upcoming - timezone.now() <= timedelta(minutes=16)
    assert (upcoming.minute % 15, upcoming.second) == (0, 0)
    assert alice_client.get(URL).json()["days"] == ALWAYS["days"]


def test_it_says_what_is_missing(alice: User, alice_client: Client) -> None:
    assert put(alice_client).json()["why_none"] == "vault_required"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quiet", [{"start": "12:00"}]),
        ("quiet", [{"start": "12:00", "end": "13:00"}] * 5),
        ("per_day", 13),
        ("expiry_minutes", 4),
        ("mode", "always"),
        ("days", [7]),
        ("every_minutes", 14),
        ("every_minutes", 481),
        ("timezone", "Mars/Olympus"),
        ("start", "25:00"),
    ],
)
def test_what_makes_no_sense_is_not_kept(field: str, value: object, alice_client: Client) -> None:
    answer = put(alice_client, **{field: value})
    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (400, "invalid", [field])
    assert Schedule.objects.count() == 0


def test_everything_about_a_schedule_is_kept(alice_client: Client, opened: OpenedVault) -> None:
    quiet = [{"start": "12:00", "end": "13:00"}, {"start": "22:00", "end": "06:00"}]
    change = {"mode": "times", "times": ["14:00", "09:30"], "quiet": quiet, "min_gap_minutes": 90, "expiry_minutes": 10}
    put(alice_client, **change)
    kept = alice_client.get(URL).json()
    assert kept["times"] == ["09:30:00", "14:00:00"]
    assert {name: kept[name] for name in change if name != "times"} == {
        name: value for name, value in change.items() if name != "times"
    }
    moment, expires = (datetime.fromisoformat(kept[name]) for name in ("next_at", "expires_at"))
    assert (moment.hour, moment.minute) in ((9, 30), (14, 0))
    assert expires - moment == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([], "Name at least one time."),
        (["12:30", "23:59"], "Outside your hours or in a quiet time: 12:30, 23:59."),
        (["09:00", "09:30"], "They must lie at least 45 minutes apart."),
    ],
)
def test_times_that_do_not_fit_are_named(times: list[str], words: str, alice_client: Client) -> None:
    answer = put(alice_client, mode="times", times=times, quiet=[{"start": "12:00", "end": "13:00"}])
    assert (answer.status_code, answer.json()["fields"]["times"]) == (400, [words])


def test_random_moments_are_the_same_on_every_reload(alice_client: Client, opened: OpenedVault) -> None:
    first = put(alice_client, mode="random", per_day=2).json()["next_at"]
    assert alice_client.get(URL).json()["next_at"] == first
    assert bytes(Schedule.objects.get().seed) not in alice_client.get(URL).content


def test_an_answered_moment_is_not_asked_for_again(alice_client: Client, opened: OpenedVault) -> None:
    put(alice_client)
    Schedule.objects.update(done_until=None)
    due = alice_client.get(URL).json()["next_at"]
    assert datetime.fromisoformat(due) <= timezone.now(), "every quarter of an hour: the latest one still waits"
    after = alice_client.post(f"{URL}done/", {"moment": due}, content_type="application/json").json()["next_at"]
    assert datetime.fromisoformat(after) > timezone.now()
    assert alice_client.get(URL).json()["next_at"] == after


def test_a_moment_of_the_future_cannot_be_answered_away(alice_client: Client, opened: OpenedVault) -> None:
    put(alice_client)
    ahead = (timezone.now() + timedelta(days=3)).isoformat()
    alice_client.post(f"{URL}done/", {"moment": ahead}, content_type="application/json")
    kept = Schedule.objects.get().done_until
    assert kept is not None
    assert kept <= timezone.now()


def test_a_pause_of_minutes_or_until_a_moment_and_its_end(alice_client: Client, opened: OpenedVault) -> None:
    put(alice_client)
    hour = alice_client.post(f"{URL}pause/", {"minutes": 60}, content_type="application/json").json()
    paused_until = datetime.fromisoformat(hour["paused_until"])
    assert timedelta(minutes=59) < paused_until - timezone.now() <= timedelta(minutes=60)
    assert datetime.fromisoformat(hour["next_at"]) >= paused_until
    until = (datetime.now(tz=UTC) + timedelta(days=2)).replace(microsecond=0)
    longer = alice_client.post(f"{URL}pause/", {"until": until.isoformat()}, content_type="application/json").json()
    assert datetime.fromisoformat(longer["paused_until"]) == until
    put(alice_client, every_minutes=30)
    assert alice_client.get(URL).json()["paused_until"] is not None, "a new schedule does not end a pause"
    ended = alice_client.post(f"{URL}pause/", {"until": None}, content_type="application/json").json()
    assert ended["paused_until"] is None


@pytest.mark.parametrize(
    "asked", [{"minutes": 0}, {"minutes": 5, "until": "2099-01-01T00:00Z"}, {"until": "2001-01-01T00:00Z"}]
)
def test_a_pause_that_makes_no_sense(asked: dict[str, object], alice_client: Client) -> None:
    assert alice_client.post(f"{URL}pause/", asked, content_type="application/json").status_code == 400


@pytest.mark.parametrize("stranger", ["bob_client", "root_client"])
def test_each_sees_and_changes_only_their_own(
    stranger: str, alice_client: Client, request: pytest.FixtureRequest
) -> None:
    put(alice_client, every_minutes=77, timezone="Asia/Kolkata")
    client: Client = request.getfixturevalue(stranger)
    assert client.get(URL).json()["timezone"] == "UTC"
    put(client, every_minutes=20)
    assert alice_client.get(URL).json()["every_minutes"] == 77
