"""Whatever the schema allows, and much that it does not, is sent to every operation: none answers with our error.

`WELLBEING_TEST_EXAMPLES=1000` sends more than the few that fit into every run.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as site
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from redis import Redis

from accounts.models import User
from tests.private import browser_of
from tests.signed import agree
from tests.vaults import hold_open_in, know_in, make_vault

EXAMPLES = int(os.environ.get("WELLBEING_TEST_EXAMPLES", "8"))

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


_handle = WSGIHandler()


def _answer(environ: dict[str, Any], start_response: Any) -> Any:
    """The site, asked by its own name."""
    return _handle(environ | {"HTTP_HOST": "testserver"}, start_response)


schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", _answer)


@pytest.fixture(autouse=True)
def _site(valkey: Redis, settings: Any) -> Iterator[None]:
    """Takes many captures, and keeps the test's own connections open, as Django's test client has it do."""
    settings.CAPTURES_PER_HOUR = 1_000_000
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.fixture
def visitors(db: None) -> dict[str, dict[str, str]]:
    """The cookies of each kind of person there is."""
    return {"nobody": {}, **{who: _cookies(who) for who in ("no vault", "a locked vault", "an open vault")}}


def _cookies(who: str) -> dict[str, str]:
    user = User.objects.create_user(f"{who.replace(' ', '-')}@example.org")
    client = browser_of(user)
    if who != "no vault":
        opened = make_vault(user)
        agree(user)
        know_in(client, user)
        if who == "an open vault":
            hold_open_in(client, user, opened)
    return {name: cookie.value for name, cookie in client.cookies.items()}


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[*HealthCheck], derandomize=True, database=None)
def test_no_request_breaks_the_api(case: schemathesis.Case[Any], visitors: dict[str, dict[str, str]]) -> None:
    token = "x" * 32
    for who, cookies in visitors.items():
        response = case.call(cookies=cookies | {site.CSRF_COOKIE_NAME: token}, headers={"X-CSRFToken": token})
        assert response.status_code < 500, (who, case.method, case.path, response.text[:400])
        assert cookies or response.status_code >= 400, (case.method, case.path, response.status_code)
