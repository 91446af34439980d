"""What strangers and administrators get to see of Alice, at every address there is: nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver

from emotion.journal import read_journal
from tests.addresses import every_route
from tests.matrix import METHODS, play_matrix
from tests.private import MARK, Private, read, sign_in
from wellbeing.models import User

ROLES = ("anonymous", "other employee", "staff", "superuser")


@pytest.fixture
def private(alice: User) -> Private:
    return Private(alice)


def _person(role: str) -> User | None:
    match role:
        case "other employee":
            return User.objects.create_user("bob@example.org")
        case "staff":
            return User.objects.create_user("sam@example.org", is_staff=True)
        case "superuser":
            return User.objects.create_superuser("root@example.org")
    return None


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_no_address_shows_or_changes_anything_of_alice(role: str, private: Private) -> None:
    client, before, addresses = sign_in(_person(role)), private.rows(), private.addresses()
    # Who else has an account is for administrators alone.
    secrets = private.secrets + ([] if role == "superuser" else [private.user.email])

    def ask(method: str, address: str, sent: Mapping[str, str]) -> tuple[int, str]:
        response = getattr(client, method)(address, sent, **_as_json(method))
        return response.status_code, read(response) + str(response.headers)

    result = play_matrix(ask, addresses, secrets=secrets, sent=private.named_ids, may_crash=("/readyz",))
    assert (result.leaks, result.crashes) == ([], [])
    assert private.rows() == before
    assert result.addresses > 80
    assert result.requests >= (result.addresses - 2) * len(METHODS)
    assert {200, 404 if role == "anonymous" else 405} <= set(result.statuses)


def _as_json(method: str) -> dict[str, str]:
    return {"content_type": "application/json"} if method in {"put", "patch", "delete"} else {}


@pytest.mark.django_db
def test_the_matrix_would_notice(private: Private) -> None:
    def ask(method: str, address: str, sent: Mapping[str, str]) -> tuple[int, str]:
        return (500, "") if method == "put" else (200, f"{address} {sent} {MARK if method != 'get' else ''}")

    result = play_matrix(ask, ["/vault/"], secrets=private.secrets, sent=private.named_ids)
    assert result.crashes == ["put /vault/: 500"]
    assert result.leaks == [f"{method} /vault/: {MARK}" for method in ("post", "patch", "delete")]


@pytest.mark.django_db
def test_the_journal_held_data_that_could_have_leaked(private: Private) -> None:
    entries = read_journal(private.opened).entries
    assert [entry.kind for entry in entries] == ["reading", "checkin", "suggestion"]
    assert MARK in str([entry.data for entry in entries])


@pytest.mark.django_db
def test_every_private_page_asks_a_visitor_to_sign_in(client: Client) -> None:
    public = {
        "",
        "privacy/",
        "support/",
        "language/",
        "healthz",
        "readyz",
        "metrics",
        "manifest.webmanifest",
        "service-worker.js",
        "offline/",
        "api/v1/schema/",
        "static/<path:path>",
    }
    prefixes = ("accounts/", "admin/", "support/", "static/")
    for route in every_route():
        if route in public or route.startswith(prefixes):
            continue
        address = "/" + re.sub(r"<[^>]+>", str(uuid4()), route)
        response = client.get(address)
        if route.startswith("api/"):
            assert (address, response.status_code) == (address, 403)
        else:
            assert response.status_code == 302, address
            assert response["Location"].startswith("/accounts/login/"), address


def test_the_crawl_knows_every_pattern() -> None:
    assert len(list(every_route())) >= len(get_resolver().reverse_dict) // 4
