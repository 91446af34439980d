"""What limits have counted does not stay in the database when it counts no more."""

from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import User
from emotion.services.cache_cleanup import delete_expired
from emotion.tasks import delete_expired_limits
from tests.conftest import PASSWORD
from wellbeing.settings import CACHES

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache_table(settings: Any) -> None:
    """The one of a site, where tests count in memory."""
    settings.CACHES = CACHES
    call_command("createcachetable", verbosity=0)


def kept() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache ORDER BY cache_key")
        return [key for (key,) in cursor.fetchall()]


@pytest.mark.usefixtures("cache_table")
def test_what_is_over_goes_and_what_still_counts_stays() -> None:
    for name, seconds in (("over", -90), ("counts", 90), ("for_good", None)):
        cache.set(name, 1, seconds)
    assert kept() == [":1:counts", ":1:for_good", ":1:over"]
    delete_expired_limits()
    assert kept() == [":1:counts", ":1:for_good"]
    assert cache.get("counts") == 1


@pytest.mark.usefixtures("cache_table")
def test_no_address_of_a_sign_in_outlives_its_limit(alice: User, client: Client) -> None:
    client.post("/accounts/login/", {"login": alice.email, "password": "wrong"}, REMOTE_ADDR="203.0.113.7")
    assert [key for key in kept() if "203.0.113.7" in key] != []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cache SET expires = '2020-01-01 00:00:00'")
    delete_expired()
    assert kept() == []


@pytest.mark.usefixtures("cache_table")
def test_a_block_holds_however_much_else_is_counted(alice: User) -> None:
    for number in range(5):
        Client().post("/accounts/login/", {"login": alice.email, "password": f"wrong {number}"})
    for number in range(400):
        cache.set(f"throttle_captures_{number}", [1.0], 3600)
    answer = Client().post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert "Too many failed login attempts" in answer.content.decode()
    assert len([key for key in kept() if "throttle_captures_" in key]) == 400


def test_what_is_counted_in_memory_is_left_to_it() -> None:
    cache.set("counts", 1)
    delete_expired()
    assert cache.get("counts") == 1
