"""Passkeys in a real Chromium with an authenticator of its own (CDP's virtual one)."""

import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from tests.browser.conftest import Open
from vault.journal.entries import OpenedVault

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_added_and_signs_in_without_opening_the_vault(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    context = open_context(browser, alice, opened)
    page: Page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Name, for you to tell them apart").fill("Laptop")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Codes on paper")).to_be_visible()
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
