"""Signing in with the organisation at a real provider, whose sign-in page has another origin than its issuer."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import User
from accounts.session_store import SessionStore
from tests.browser.conftest import Open
from tests.oidc import running_provider, use_provider

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AGO = 20 * 60


@pytest.fixture
def pages(live_server: Any, settings: Any) -> Iterator[str]:
    """Where the provider has people sign in. The site knows it as Example Corp."""
    with running_provider(f"{live_server.url}/accounts/oidc/work/login/callback/") as provider:
        use_provider(settings, provider)
        yield provider.pages


@pytest.fixture
def context(open_context: Open, browser: Browser) -> BrowserContext:
    return open_context(browser, None)


def sign_in_there(page: Page, name: str, pages: str) -> None:
    """What the provider asks of a person, on its own origin."""
    page.wait_for_url(f"{pages}/sign-in/**")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Sign in there").click()


def age_session(context: BrowserContext) -> None:
    """As if everything in it had been proved twenty minutes earlier."""
    [key] = [cookie.get("value") for cookie in context.cookies() if cookie.get("name") == "session"]
    session = SessionStore(key)
    for record in session["account_authentication_methods"]:
        record["at"] -= AGO
    session.save()


def test_the_button_leads_to_the_provider_and_back_in(context: BrowserContext, pages: str) -> None:
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with Example Corp").click()
    sign_in_there(page, "anna", pages)
    page.wait_for_url("**/today/")
    assert User.objects.get().email == "anna@example.org"
    assert [text for text in said if "form-action" in text] == []


def test_confirming_after_twenty_minutes_is_a_fresh_sign_in_or_no(context: BrowserContext, pages: str) -> None:
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with Example Corp").click()
    sign_in_there(page, "anna", pages)
    page.wait_for_url("**/today/")
    age_session(context)

    page.goto("/you/leave/")
    page.get_by_role("button", name="Sign in at Example Corp again").click()
    # It remembers anna, and asks all the same.
    sign_in_there(page, "mallory", pages)
    expect(page.get_by_text("Somebody else signed in there. Nothing was changed.")).to_be_visible()
    page.goto("/you/leave/")
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()

    page.get_by_role("button", name="Sign in at Example Corp again").click()
    sign_in_there(page, "anna", pages)
    page.wait_for_url("**/you/leave/")
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_hidden()
    assert User.objects.get().email == "anna@example.org"
