"""The dashboard's card on the window, for those with a camera, without one, and with both behind them."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from emotion.models import Consent
from tests.entries import checkin
from tests.recommender.conftest import Append, ReadFace
from tests.responses import ClientResponse
from tests.signed import agree
from vault.journal.entries import OpenedVault

pytestmark = pytest.mark.django_db

SAID = "Your 4 check-ins said pleasant on the whole, with middling energy."


def text_of(response: ClientResponse) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def midnight() -> datetime:
    return datetime.now(tz=UTC).replace(hour=0, minute=0, second=0, microsecond=0)


class CheckInBefore(Protocol):
    def __call__(self, *, days_ago: int) -> None: ...


@pytest.fixture
def check_in(append: Append, midnight: datetime) -> CheckInBefore:
    def check_in(*, days_ago: int) -> None:
        append(checkin(), midnight - timedelta(days=days_ago))

    return check_in


@pytest.fixture
def four_check_ins(check_in: CheckInBefore) -> None:
    for days_ago in (0, 1, 1, 3):
        check_in(days_ago=days_ago)


@pytest.fixture
def agreed(alice: User, opened: OpenedVault) -> None:
    agree(alice)


@pytest.fixture(params=["no camera", "no consent"])
def no_readings_come(request: pytest.FixtureRequest, settings: Settings, agreed: None) -> None:
    """Where there is no camera a consent of earlier changes nothing."""
    if request.param == "no camera":
        settings.CAMERA = False
    else:
        Consent.objects.all().delete()


def test_who_only_checks_in_reads_what_they_said_and_nothing_of_readings(
    opened_client: Client, four_check_ins: None, no_readings_come: None, midnight: datetime
) -> None:
    response = opened_client.get("/today/")
    text = text_of(response)
    assert f"<p>{SAID}</p> <h3>How much of it is known</h3> <p>Check-ins on 3 of 7 days: 4 in all.</p>" in text
    assert text.count(SAID) == 1
    assert "eading" not in text.partition('id="mood-title"')[2].partition("</section>")[0]
    assert "Latest readings" not in text
    assert '<div class="columns">' not in text
    assert [day.count for day in response.context["days"]] == [0, 0, 0, 1, 0, 2, 1]
    before = midnight - timedelta(days=1)
    assert f'<span class="visually-hidden">{before:%A}: 2 check-ins</span>' in text
    assert f'<span class="visually-hidden">{midnight - timedelta(days=2):%A}: nothing</span>' in text


def test_the_first_check_ins_say_how_many_more_it_takes(
    opened_client: Client, check_in: CheckInBefore, no_readings_come: None
) -> None:
    empty = text_of(opened_client.get("/today/"))
    assert "<p>Not enough yet to sum up: it takes 3 more check-ins.</p>" in empty
    assert "Nothing to go by yet in the last 7 days." in empty
    check_in(days_ago=0)
    check_in(days_ago=0)
    assert "<p>Not enough yet to sum up: it takes 1 more check-in.</p>" in text_of(opened_client.get("/today/"))


def test_readings_of_before_are_still_shown_and_no_more_are_asked_for(
    opened_client: Client, four_check_ins: None, read_face: ReadFace, midnight: datetime, no_readings_come: None
) -> None:
    read_face("happiness", midnight)
    response = opened_client.get("/today/")
    text = text_of(response)
    assert f"<p>{SAID}</p>" in text
    assert "it takes" not in text.partition('id="mood-title"')[2].partition("</section>")[0]
    assert "<progress" not in text
    assert "Check-ins on 3 of 7 days: 4 in all. Readings on 1 of 7 days: 1 reading in all." in text
    assert [day.count for day in response.context["days"]] == [0, 0, 0, 1, 0, 2, 2]
    assert f'<span class="visually-hidden">{midnight:%A}: 1 check-in, 1 reading</span>' in text
    assert "Each day counts its check-ins and readings together." in text
    assert "Latest readings" in text
    assert '<div class="columns">' in text


def test_with_the_camera_the_page_tells_how_many_readings_it_takes_too(
    opened_client: Client, four_check_ins: None, read_face: ReadFace, midnight: datetime, agreed: None
) -> None:
    text = text_of(opened_client.get("/today/"))
    assert f"<p>{SAID} To sum up your readings too, it takes 30 more readings and readings on 3 more days.</p>" in text
    assert "Latest readings" in text
    assert "None yet." in text
    read_face("happiness", midnight)
    text = text_of(opened_client.get("/today/"))
    assert "it takes 29 more readings and readings on 2 more days." in text
    assert '<progress class="meter" max="30" value="1"' in text
