"""Passkeys in a real Chromium with an authenticator of its own (CDP's virtual one)."""

import json
import re
from typing import Any
from urllib.parse import parse_qs

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import User
from tests.browser.conftest import Open
from vault.journal.entries import OpenedVault
from vault.models import KeySlot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
    "hasPrf": True,
}


def with_passkey(context: BrowserContext, **options: Any) -> Page:
    """A page whose browser has an authenticator, with a passkey of the account on it."""
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR | options})
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Name, for you to tell them apart").fill("Laptop")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Codes on paper")).to_be_visible()
    return page


def let_it_open(page: Page) -> None:
    page.goto("/vault/passkey/")
    page.get_by_role("button", name="Use a passkey of mine").click()
    expect(page.get_by_text("From now on this passkey opens your vault")).to_be_visible()


def test_a_passkey_is_added_and_signs_in_without_opening_the_vault(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    context = open_context(browser, alice, opened)
    page = with_passkey(context)
    assert set(Authenticator.objects.values_list("user", "type")) == {
        (alice.pk, "webauthn"),
        (alice.pk, "recovery_codes"),
    }
    context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("/today/$"))
    expect(page.locator("main")).to_contain_text("Open your vault here first")
    page.goto("/accounts/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("signs you in alone")


def test_what_is_called_off_says_so_and_can_be_tried_again(open_context: Open, browser: Browser, alice: User) -> None:
    page = open_context(browser, alice).new_page()
    page.goto("/accounts/2fa/webauthn/add/")
    page.evaluate(
        "() => { navigator.credentials.create = async () => { throw new DOMException('no', 'NotAllowedError') } }"
    )
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("That did not work, or was called off.")).to_be_visible()
    assert not Authenticator.objects.exists()


def test_a_browser_without_passkeys_says_so_instead_of_a_button_that_does_nothing(
    open_context: Open, browser: Browser, alice: User
) -> None:
    context = open_context(browser, alice)
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Codes on paper")).to_be_visible()
    page.add_init_script("delete window.PublicKeyCredential")
    for path in ("/accounts/2fa/webauthn/add/", "/accounts/2fa/webauthn/reauthenticate/"):
        page.goto(path)
        expect(page.get_by_text("This browser does not know passkeys.")).to_be_visible()
        expect(page.locator("[data-passkey-do]")).to_be_hidden()


def test_a_morning_is_one_touch(open_context: Open, browser: Browser, alice: User, opened: OpenedVault) -> None:
    """Signed in, and the vault open."""
    context = open_context(browser, alice, opened)
    page = with_passkey(context)
    let_it_open(page)
    context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("/today/$"))
    expect(page.locator(".vault-chip-open")).to_be_visible()


def test_the_secret_of_a_passkey_goes_where_a_passphrase_would_and_stays_nowhere(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    context = open_context(browser, alice, opened)
    page = with_passkey(context)
    sent: list[tuple[str, dict[str, list[str]]]] = []
    page.on("request", lambda asked: sent.append((asked.url, parse_qs(asked.post_data or ""))))
    let_it_open(page)
    page.click(".vault-chip-open")
    page.get_by_role("button", name="Open with a passkey").click()
    expect(page.locator(".vault-chip-open")).to_be_visible()
    told = {re.sub(r".*(/vault/\w+/).*", r"\1", url): form["secret"] for url, form in sent if "secret" in form}
    assert set(told) == {"/vault/passkey/", "/vault/open/"}
    assert told["/vault/passkey/"] == told["/vault/open/"]
    secret = told["/vault/open/"][0]
    assert len(secret) == 43
    assert not [url for url, _ in sent if secret in url]
    stored = [str(row) for row in [*KeySlot.objects.values(), *Authenticator.objects.values()]]
    kept = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert not [text for text in [*stored, kept, page.content()] if secret in text]
    assert set(json.loads(kept)[0]) == {"vault-salt"}
    results = [
        row.data["credential"]["clientExtensionResults"] for row in Authenticator.objects.filter(type="webauthn")
    ]
    assert results == [{"credProps": {"rk": True}}]


def test_a_passkey_taken_away_opens_nothing(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    context = open_context(browser, alice, opened)
    page = with_passkey(context)
    let_it_open(page)
    page.get_by_role("button", name="Remove Laptop").click()
    expect(page.get_by_text("This passkey no longer opens your vault.")).to_be_visible()
    context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("/today/$"))
    expect(page.locator(".vault-chip-open")).to_have_count(0)


def test_a_passkey_that_keeps_no_secrets_says_so(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    context = open_context(browser, alice, opened)
    page = with_passkey(context, hasPrf=False)
    page.goto("/vault/passkey/")
    page.get_by_role("button", name="Use a passkey of mine").click()
    expect(page.get_by_text("cannot open a vault")).to_be_visible()
    assert not KeySlot.objects.filter(slot="passkey").exists()


def test_a_browser_without_passkeys_says_so(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_context(browser, alice, opened).new_page()
    page.add_init_script("delete window.PublicKeyCredential")
    for address in ("/vault/passkey/", "/accounts/2fa/webauthn/add/"):
        page.goto(address)
        expect(page.get_by_text("This browser does not know passkeys.")).to_be_visible()
