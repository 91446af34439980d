import re
from datetime import UTC, datetime, time

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.selectors import get_assumed_zone, get_local_now
from emotion.models import Schedule
from emotion.services.schedules import pause_schedule, save_schedule
from emotion.views.zones import list_zones
from tests.signed import agree
from tests.vaults import make_vault

pytestmark = pytest.mark.django_db


def test_zone_is_the_sites_until_it_is_chosen(alice_client: Client, alice: User, bob: User, settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    assert (get_assumed_zone(alice), get_assumed_zone(bob)) == ("Europe/Berlin", "Europe/Berlin")
    answer = alice_client.post("/you/timezone/", {"timezone": "America/New_York"}, follow=True)
    assert "Noted. Days and times are those of America/New York now." in answer.content.decode()
    alice.refresh_from_db()
    assert (get_assumed_zone(alice), get_assumed_zone(bob)) == (None, "Europe/Berlin")
    assert [str(get_local_now(person).tzinfo) for person in (alice, bob)] == ["America/New_York", "Europe/Berlin"]


def test_pause_of_a_schedule_that_was_never_made_says_nothing_of_the_zone(alice: User) -> None:
    assert pause_schedule(user=alice, until=datetime(2026, 12, 1, tzinfo=UTC)).paused_until is None
    assert get_assumed_zone(alice) == "UTC"


def test_choosing_a_zone_makes_no_schedule(alice_client: Client, alice: User) -> None:
    alice_client.post("/you/timezone/", {"timezone": "Asia/Tokyo"})
    assert not Schedule.objects.exists()
    shown = alice_client.get("/api/v1/schedule/").json()
    assert (shown["enabled"], shown["timezone"]) == (False, "Asia/Tokyo")


def test_choosing_a_zone_leaves_the_rest_of_the_schedule_and_asks_for_no_moment_of_before(
    alice_client: Client, alice: User
) -> None:
    save_schedule(user=alice, enabled=True, days=[5], start=time(10), end=time(11), timezone="Europe/Rome")
    until = datetime(2026, 12, 1, tzinfo=UTC)
    pause_schedule(user=alice, until=until)
    before = datetime.now(tz=UTC)
    alice_client.post("/you/timezone/", {"timezone": "Asia/Tokyo"})
    schedule = Schedule.objects.get(user=alice)
    assert (schedule.enabled, schedule.days, schedule.timezone) == (True, [5], "Asia/Tokyo")
    assert schedule.paused_until == until
    assert schedule.done_until is not None
    assert schedule.done_until >= before


@pytest.mark.parametrize("zone", ["", "Europe/Atlantis", "../../etc/passwd", "Europe/Berlin\n"])
def test_zone_that_is_not_known_is_refused_and_nothing_changes(alice_client: Client, alice: User, zone: str) -> None:
    answer = alice_client.post("/you/timezone/", {"timezone": zone}, follow=True)
    assert "That time zone is not known here." in answer.content.decode()
    alice.refresh_from_db()
    assert get_assumed_zone(alice) == "UTC"


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
    make_vault(alice)
    receipt = agree(alice, given_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC)).pk
    alice_client.post("/you/timezone/", {"timezone": "Europe/Berlin"})
    assert "Since 2 July 2026, 00:30." in alice_client.get("/consent/").content.decode()
    assert "2 July 2026, 00:30:00 CEST" in alice_client.get(f"/consent/{receipt}/").content.decode()
