"""What a visitor is asked for, and that what could leak is there; `tests/test_matrix.py` asks every address."""

import re
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

from accounts.models import User
from tests.addresses import every_route
from tests.private import MARK, Private
from vault.journal.kinds import Audit, CheckIn, Reading, Suggestion
from vault.journal.reading import read_journal


@pytest.fixture
def private(alice: User) -> Private:
    return Private(alice)


@pytest.mark.django_db
def test_the_journal_held_data_that_could_have_leaked(private: Private) -> None:
    entries = read_journal(private.opened).entries
    assert [type(entry.data) for entry in entries] == [Audit, Reading, CheckIn, Suggestion]
    assert MARK in str([entry.data for entry in entries])


@pytest.mark.django_db
def test_the_privacy_page_tells_of_every_cookie_there_is(client: Client) -> None:
    told = {
        "SESSION_COOKIE_NAME": "sign you in",
        "CSRF_COOKIE_NAME": "know that a form is yours",
        "BROWSER_COOKIE_NAME": "know your browser again",
        "VAULT_COOKIE_NAME": "open your vault",
        "OPENED_COOKIE_NAME": "which vaults were opened in it",
        "SEEN_COOKIE_PREFIX": "notice an older copy of it",
        "LANGUAGE_COOKIE_NAME": "keep the language you chose",
    }
    assert {name for name in dir(settings) if name.endswith(("COOKIE_NAME", "COOKIE_PREFIX"))} == told.keys()
    page = client.get("/privacy/").content.decode()
    sentence = next(line for line in page.splitlines() if "No cookies but those that" in line)
    assert [words for words in told.values() if words not in sentence] == []


@pytest.mark.django_db
def test_every_private_page_asks_a_visitor_to_sign_in(client: Client) -> None:
    public = {
        "",
        "privacy/",
        "how-faces-are-read/",
        "support/",
        "language/",
        "healthz",
        "readyz",
        "metrics",
        "manifest.webmanifest",
        "favicon.ico",
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
            assert (address, response.status_code) == (address, 401)
        else:
            assert response.status_code == 302, address
            assert response["Location"].startswith("/accounts/login/"), address


def test_the_crawl_knows_every_pattern() -> None:
    assert len(list(every_route())) >= len(get_resolver().reverse_dict) // 4
