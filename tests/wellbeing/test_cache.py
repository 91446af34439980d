"""The cache that keeps the limits says when it cannot, and a full disk is nobody's fault but the disk's."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from wellbeing.cache import LoudDatabaseCache
from wellbeing.settings import CACHES

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache() -> Iterator[BaseCache]:
    """The site's own; the other tests have one in memory."""
    with override_settings(CACHES=CACHES | {"default": CACHES["default"] | {"BACKEND": _NAME}}):
        call_command("createcachetable", verbosity=0)
        yield caches["default"]


_NAME = f"{LoudDatabaseCache.__module__}.{LoudDatabaseCache.__qualname__}"


def refuse_writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """As SQLite does on a full disk."""
    if sql.startswith(("INSERT", "UPDATE")) and "cache" in sql:
        raise OperationalError("database or disk is full")
    return execute(sql, params, many, context)


def test_what_is_there_already_is_no_fault(cache: BaseCache) -> None:
    assert (cache.add("a", 1), cache.add("a", 2), cache.get("a")) == (True, False, 1)
    with CaptureQueriesContext(connection) as queries:
        cache.set("a", 3)
    assert (cache.get("a"), cache.touch("nowhere")) == (3, False)
    assert not any("probe" in query["sql"] for query in queries)


@pytest.mark.parametrize("write", ["add", "set"])
def test_what_cannot_be_written_is_a_fault(cache: BaseCache, write: str) -> None:
    with connection.execute_wrapper(refuse_writes), pytest.raises(OperationalError):
        getattr(cache, write)("a", 1)


def test_sign_in_on_a_full_disk_names_no_flood(cache: BaseCache, client: Client) -> None:
    client.raise_request_exception = False
    with connection.execute_wrapper(refuse_writes):
        answer = client.post("/accounts/login/", {"login": "alice@example.org", "password": "x"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_site_on_a_full_disk_is_not_ready(cache: BaseCache, client: Client) -> None:
    with connection.execute_wrapper(refuse_writes):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, False)


def test_site_whose_disk_has_no_room_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wellbeing.health._ROOM_BYTES", 1 << 60)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["disk"]) == (503, False)


def test_site_without_its_data_folder_is_not_ready(client: Client, settings: Any) -> None:
    settings.DATA_DIR = settings.DATA_DIR / "gone"
    assert client.get("/readyz").json()["checks"]["disk"] is False


def test_page_of_a_limit_is_the_sites_own_and_says_until_when(client: Client) -> None:
    for _ in range(6):
        answer = client.post("/accounts/password/reset/", {"email": "somebody@example.org"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Please try again in a minute." in answer.content.decode()
