"""Every view breaks in the middle of its work: page, mail and log say where, and nothing of what anybody typed."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings as site
from django.core import mail
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils.log import AdminEmailHandler

from accounts.models import User
from tests.private import PASSPHRASE, Private, browser_of, read
from tests.vaults import hold_open_in

PASSWORD = "seventeen purple kettles"
NOTE = "heliotrope-2218"
CODE = "7QK2-9M4T-XW8P"
TYPED = {
    "passphrase": PASSPHRASE, "new_passphrase": PASSPHRASE, "again": PASSPHRASE, "code": CODE, "note": NOTE,
    "password": PASSWORD, "password1": PASSWORD, "password2": PASSWORD, "oldpassword": PASSWORD,
    "login": "alice@example.org", "email": "alice@example.org", "pleasantness": "0.5", "energy": "0.5",
    "words": "calm", "agreed": "yes", "text_version": "1", "expression": "sadness", "answer": "did",
    "confirmation": "erase everything", "minutes": "5",
}  # fmt: skip

_is_in_a_view = False


class BreakMiddleware:
    """From the moment a view begins, the database is broken for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            _break(False)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        _break(True)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        _break(False)


def _break(broken: bool) -> None:
    global _is_in_a_view
    _is_in_a_view = broken


def _fail(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    if _is_in_a_view:
        raise RuntimeError("broken")
    return execute(sql, params, many, context)


@pytest.fixture
def client(alice: User, settings: Any) -> Iterator[Client]:
    """Alice's, with her vault open, on a site whose views all break and whose error mails tell all they can."""
    settings.ADMINS = [("Root", "root@example.org")]
    settings.MIDDLEWARE = [*site.MIDDLEWARE, f"{__name__}.BreakMiddleware"]
    private = Private(alice)
    client = browser_of(alice)
    hold_open_in(client, alice, private.opened)
    client.private = private  # type: ignore[attr-defined]
    handler = AdminEmailHandler(include_html=True)
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(_fail))
        yield client
    logger.removeHandler(handler)
    _break(False)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_view_that_breaks_gives_nothing_away(method: str, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    private: Private = client.private  # type: ignore[attr-defined]
    caplog.set_level(logging.DEBUG)
    cookies = [client.cookies[name].value for name in (site.VAULT_COOKIE_NAME, site.SESSION_COOKIE_NAME)]
    secrets = [PASSPHRASE, PASSWORD, NOTE, CODE, "sadness", private.code, *cookies, repr(private.opened.private)]
    statuses: Counter[int] = Counter()
    pages = ""
    for address in private.addresses():
        if address.startswith("/admin/") or "logout" in address:
            continue
        response = getattr(client, method)(address, TYPED if method == "post" else {})
        statuses[response.status_code] += 1
        pages += read(response) if response.status_code >= 500 else ""
    mails = "".join(message.body + str(getattr(message, "alternatives", "")) for message in mail.outbox)
    assert statuses[500] > 12, statuses
    assert mails.count("RuntimeError at /") >= statuses[500] > 0
    assert "broken" in caplog.text
    assert [secret for secret in secrets if secret in mails + caplog.text + pages] == []
    assert "Traceback" not in pages
    assert "RuntimeError" not in pages


def test_no_error_is_mailed_to_anybody_by_itself() -> None:
    assert (site.ADMINS, site.MANAGERS, site.DEBUG) == ([], [], False)
    assert site.DEFAULT_EXCEPTION_REPORTER_FILTER == "wellbeing.error_reporting.SilentReporterFilter"
