from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Consent, Schedule
from emotion.selectors import get_assumed_zone, get_local_now, get_schedule
from emotion.services.consents import give_consent
from emotion.services.schedules import pause_schedule, set_timezone
from emotion.views.zones import list_zones

pytestmark = pytest.mark.django_db


def test_zone_is_the_sites_until_it_is_chosen(alice_client: Client, alice: User, bob: User, settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    assert (get_assumed_zone(alice), get_assumed_zone(bob)) == ("Europe/Berlin", "Europe/Berlin")
    answer = alice_client.post("/you/timezone/", {"timezone": "America/New_York"}, follow=True)
    assert "Noted. Days and times are those of America/New York now." in answer.content.decode()
    assert (get_assumed_zone(alice), get_assumed_zone(bob)) == (None, "Europe/Berlin")
    assert [str(get_local_now(person).tzinfo) for person in (alice, bob)] == ["America/New_York", "Europe/Berlin"]


def test_pause_of_a_schedule_that_was_never_made_says_nothing_of_the_zone(alice: User) -> None:
    assert pause_schedule(user=alice, until=datetime(2026, 12, 1, tzinfo=UTC)).paused_until is None
    assert get_assumed_zone(alice) == "UTC"


def test_choosing_a_zone_undoes_no_pause_of_another_tab(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    Schedule.objects.create(user=alice, enabled=True, days=[5], start="10:00", end="11:00")
    until = datetime(2026, 12, 1, tzinfo=UTC)

    def pause_meanwhile(user: User) -> Schedule:
        stale = get_schedule(user)
        Schedule.objects.update(paused_until=until)
        return stale

    monkeypatch.setattr("emotion.services.schedules.get_schedule", pause_meanwhile)
    assert set_timezone(user=alice, zone="Asia/Tokyo").paused_until == until


def test_choosing_a_zone_switches_no_snapshot_on(alice_client: Client, alice: User) -> None:
    alice_client.post("/you/timezone/", {"timezone": "Asia/Tokyo"})
    schedule = Schedule.objects.get(user=alice)
    assert (schedule.enabled, schedule.days, str(schedule.start), str(schedule.end)) == (
        False,
        [0, 1, 2, 3, 4],
        "09:00:00",
        "17:00:00",
    )


def test_choosing_a_zone_leaves_the_rest_of_the_schedule_and_asks_for_no_moment_of_before(
    alice_client: Client, alice: User
) -> None:
    Schedule.objects.create(user=alice, enabled=True, days=[5], start="10:00", end="11:00", timezone="Europe/Rome")
    before = datetime.now(tz=UTC)
    alice_client.post("/you/timezone/", {"timezone": "Asia/Tokyo"})
    schedule = Schedule.objects.get(user=alice)
    assert (schedule.enabled, schedule.days, schedule.timezone) == (True, [5], "Asia/Tokyo")
    assert schedule.done_until is not None
    assert schedule.done_until >= before


@pytest.mark.parametrize("zone", ["", "Europe/Atlantis", "../../etc/passwd", "Europe/Berlin\n"])
def test_zone_that_is_not_known_is_refused_and_nothing_changes(alice_client: Client, alice: User, zone: str) -> None:
    answer = alice_client.post("/you/timezone/", {"timezone": zone}, follow=True)
    assert "That time zone is not known here." in answer.content.decode()
    assert not Schedule.objects.filter(user=alice).exists()


def test_page_leads_back_to_where_the_person_was_and_nowhere_else(alice_client: Client) -> None:
    told = {"timezone": "Europe/Oslo", "next": "/today/"}
    assert alice_client.post("/you/timezone/", told)["Location"] == "/today/"
    assert alice_client.post("/you/timezone/", told | {"next": "https://evil.example/"})["Location"] == "/you/"


def test_list_holds_each_zone_once_and_marks_the_persons(alice_client: Client) -> None:
    names = [zone for _, zones in list_zones() for zone, _ in zones]
    assert len(names) == len(set(names)) > 400
    assert {"Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata"} <= set(names)
    alice_client.post("/you/timezone/", {"timezone": "America/New_York"})
    page = alice_client.get("/you/").content.decode()
    assert re.findall(r"<option[^>]* selected>[^<]*", page) == ['<option value="America/New_York" selected>New York']


def test_times_of_consent_are_those_of_the_person(alice_client: Client, alice: User) -> None:
    give_consent(user=alice, text_version=CONSENT_TEXT.version)
    Consent.objects.update(given_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    alice_client.post("/you/timezone/", {"timezone": "Europe/Berlin"})
    receipt = Consent.objects.get().pk
    assert "Since 2 July 2026, 00:30." in alice_client.get("/consent/").content.decode()
    assert "2 July 2026, 00:30:00 CEST" in alice_client.get(f"/consent/{receipt}/").content.decode()
