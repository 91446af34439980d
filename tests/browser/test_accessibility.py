"""Every page in both themes, on a phone and a desk: nothing for axe to find, nothing wider than the screen."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from emotion.models import Consent
from tests.browser.conftest import Open
from vault.journal.entries import OpenedVault

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PUBLIC = (
    "/",
    "/privacy/",
    "/how-faces-are-read/",
    "/support/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/confirm-email/",
    "/nothing-here/",
    "/offline/",
)
PRIVATE = (
    "/today/",
    "/capture/",
    "/journal/",
    "/you/",
    "/consent/",
    "/vault/",
    "/vault/passphrase/",
    "/vault/erase/",
    "/vault/recover/",
    "/accounts/logout/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/webauthn/",
    "/accounts/3rdparty/",
    "/accounts/reauthenticate/",
    "/you/devices/",
    "/you/token/",
    "/you/data/",
    "/you/data/export/",
    "/you/data/import/",
    "/you/camera/",
    "/you/audit/",
    "/you/leave/",
    "/accounts/email/",
    "/accounts/password/change/",
)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SCREENS = [("light", PHONE), ("dark", DESK)]


def _faults(page: Page) -> list[str]:
    found = [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("wider than the screen")
    return found


def _look_at(context: Any, paths: tuple[str, ...]) -> dict[str, list[str]]:
    page, faults = context.new_page(), {}
    for path in paths:
        page.goto(path)
        faults[path] = _faults(page)
    return {path: found for path, found in faults.items() if found}


@pytest.mark.parametrize(("theme", "screen"), SCREENS)
def test_public_pages_have_no_fault(
    open_context: Open, browser: Browser, transactional_db: None, theme: str, screen: dict[str, int]
) -> None:
    context = open_context(browser, None, color_scheme=theme, viewport=screen, reduced_motion="reduce")
    assert _look_at(context, PUBLIC) == {}


@pytest.mark.parametrize(("theme", "screen"), SCREENS)
def test_private_pages_have_no_fault(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault, theme: str, screen: dict[str, int]
) -> None:
    receipt = Consent.objects.get(user=alice)
    context = open_context(browser, alice, opened, color_scheme=theme, viewport=screen, reduced_motion="reduce")
    assert _look_at(context, (*PRIVATE, f"/consent/{receipt.pk}/")) == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_before_anything_was_set_up_have_no_fault(
    open_context: Open, browser: Browser, transactional_db: None, bob: User, theme: str
) -> None:
    context = open_context(browser, bob, color_scheme=theme, viewport=PHONE, reduced_motion="reduce")
    assert _look_at(context, ("/today/", "/capture/", "/journal/", "/you/", "/consent/", "/vault/new/")) == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_moments_of_a_snapshot_have_no_fault(page: Page, theme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.click("[data-do=look]")
    page.get_by_role("button", name="Take it").wait_for()
    assert _faults(page) == []
    page.click("[data-do=shoot]")
    page.get_by_role("button", name="Send", exact=True).wait_for()
    assert _faults(page) == []


def test_the_list_of_snapshots_tells_screen_readers_what_becomes_of_each(page: Page) -> None:
    expect(page.locator("[data-history] [data-part=list]")).to_have_attribute("aria-live", "polite")


def test_a_chosen_theme_stays(open_context: Open, browser: Browser, transactional_db: None) -> None:
    page = open_context(browser, None, color_scheme="light").new_page()
    page.goto("/")
    page.check("[name=theme][value=dark]", force=True)
    page.goto("/privacy/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(27, 26, 23)"
    assert page.is_checked("[name=theme][value=dark]")
