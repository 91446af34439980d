"""Which moments are behind a person: the answered ones, and those before a schedule, zone or pause was changed."""

from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.models import User
from emotion.models import Schedule
from emotion.services.schedules import TimezoneUnknown, finish_moment, pause_schedule, save_schedule, set_timezone

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOURS = {"enabled": True, "start": time(9), "end": time(17)}


@pytest.fixture(autouse=True)
def _made_an_hour_ago(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have a schedule, and it is NOW."""
    set_clock(monkeypatch, NOW - timedelta(hours=1))
    for user in (alice, bob):
        save_schedule(user=user, timezone="Europe/Berlin", days=[4, 0, 0], **HOURS)
    set_clock(monkeypatch, NOW)


def set_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr("emotion.services.schedules.now", lambda: now)


def behind(user: User) -> timedelta:
    """How long before NOW the last moment lies that is not asked for any more."""
    done_until = Schedule.objects.get(user=user).done_until
    assert done_until is not None
    return NOW - done_until


def test_a_new_schedule_asks_for_no_moment_before_it(alice: User, bob: User) -> None:
    save_schedule(user=alice, timezone="Asia/Kolkata", days=[6, 1, 1], **HOURS)
    alice.refresh_from_db()
    schedule = Schedule.objects.get(user=alice)
    assert (alice.timezone, schedule.days) == ("Asia/Kolkata", [1, 6])
    assert (behind(alice), behind(bob)) == (timedelta(0), timedelta(hours=1))


@pytest.mark.parametrize(
    ("moment", "done"),
    [
        (NOW - 61 * MINUTE, 60 * MINUTE),
        (NOW - 60 * MINUTE, 60 * MINUTE),
        (NOW - 59 * MINUTE, 59 * MINUTE),
        (NOW, timedelta(0)),
        (NOW + MINUTE, timedelta(0)),
    ],
    ids=["before the last", "the last again", "after the last", "this one", "one to come"],
)
def test_an_answered_moment_is_behind_and_none_to_come(
    moment: datetime, done: timedelta, alice: User, bob: User
) -> None:
    finish_moment(user=alice, moment=moment)
    assert (behind(alice), behind(bob)) == (done, timedelta(hours=1))


def test_another_zone_asks_for_no_moment_before_it(alice: User, bob: User) -> None:
    set_timezone(user=alice, zone="Asia/Kolkata")
    assert list(
        User.objects.filter(pk__in=[alice.pk, bob.pk]).order_by("email").values_list("timezone", flat=True)
    ) == [
        "Asia/Kolkata",
        "Europe/Berlin",
    ]
    assert (behind(alice), behind(bob)) == (timedelta(0), timedelta(hours=1))


def test_a_zone_that_is_none_changes_nothing(alice: User) -> None:
    with pytest.raises(TimezoneUnknown):
        set_timezone(user=alice, zone="Mars/Olympus")
    alice.refresh_from_db()
    assert (alice.timezone, behind(alice)) == ("Europe/Berlin", timedelta(hours=1))


def test_a_pause_and_its_end_make_up_for_nothing(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    pause_schedule(user=alice, until=NOW + 9 * MINUTE)
    assert (Schedule.objects.get(user=alice).paused_until, behind(alice)) == (NOW + 9 * MINUTE, timedelta(0))
    set_clock(monkeypatch, NOW + 5 * MINUTE)
    pause_schedule(user=alice, until=None)
    assert (Schedule.objects.get(user=alice).paused_until, behind(alice)) == (None, -5 * MINUTE)
    assert (Schedule.objects.get(user=bob).paused_until, behind(bob)) == (None, timedelta(hours=1))


def test_without_a_schedule_nothing_is_paused_or_answered(root: User) -> None:
    pause_schedule(user=root, until=NOW)
    finish_moment(user=root, moment=NOW)
    assert not Schedule.objects.filter(user=root).exists()
