"""The vault's pages in a real browser: the words on offer, the code on paper, locking by itself and in every tab."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("site")]

NEXT_PASSPHRASE = "mellow anchor tulip frosty gecko"


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=site.url)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/accounts/signup/")
    page.fill("[name=email]", f"{uuid4()}@example.org")
    for field in ("password1", "password2"):
        page.fill(f"[name={field}]", "a sign-in password 9")
    page.click("main button[type=submit]")
    return page


def make_vault(page: Page) -> tuple[str, str]:
    """Through the pages, with the words on offer; returns passphrase and recovery code."""
    page.goto("/vault/new/")
    passphrase = page.inner_text("[data-offer-words]")
    page.fill("[name=again]", passphrase)
    page.click("text=Go on to the recovery code")
    return passphrase, write_code_down(page)


def write_code_down(page: Page) -> str:
    page.wait_for_url("**/vault/code/")
    groups = page.locator(".code-groups li").all_text_contents()
    page.click("text=I have written it down")
    for field in page.locator("input[name^=group_]").all():
        place = int((field.get_attribute("name") or "").removeprefix("group_"))
        field.fill(groups[place - 1].lower())
    page.click("text=That is it")
    expect(page.locator(".vault-chip-open")).to_be_visible()
    return "-".join(groups)


def open_vault(page: Page, passphrase: str) -> None:
    page.fill("[name=passphrase]", passphrase)
    page.click("main button[type=submit]")


def test_the_words_on_offer_open_the_vault_again(page: Page) -> None:
    passphrase, _ = make_vault(page)
    assert len(passphrase.split()) == 6
    page.click(".vault-chip-open")
    page.goto("/vault/open/?next=/vault/passphrase/")
    open_vault(page, "not these words at all")
    expect(page.locator(".errorlist")).to_have_text("That did not open the vault. Please check it and try again.")
    open_vault(page, passphrase)
    page.wait_for_url("**/vault/passphrase/")


def test_an_idle_page_leaves_for_the_locked_one_and_comes_back(page: Page, context: BrowserContext) -> None:
    passphrase, _ = make_vault(page)
    page.clock.install()
    page.goto("/vault/erase/?from=here")
    page.clock.fast_forward("14:00")
    with page.expect_response("**/vault/awake/"):
        page.mouse.move(5, 5)
    # The page takes in the answer a moment after it has come.
    page.wait_for_timeout(300)
    page.clock.fast_forward("14:00")
    assert page.url.endswith("/vault/erase/?from=here")
    # What the server would have done by itself after fifteen minutes.
    context.clear_cookies(name="vaultkey")
    page.clock.fast_forward("02:00")
    page.wait_for_url("**/vault/open/?next=%2Fvault%2Ferase%2F&away=1")
    expect(page.get_by_text("You were away for a while")).to_be_visible()
    open_vault(page, passphrase)
    page.wait_for_url("**/vault/erase/")


def test_locking_one_tab_locks_the_others(page: Page, context: BrowserContext) -> None:
    make_vault(page)
    other = context.new_page()
    other.goto("/vault/passphrase/")
    page.click(".vault-chip-open")
    other.wait_for_url("**/vault/open/?next=%2Fvault%2Fpassphrase%2F")


def test_the_code_on_paper_replaces_a_forgotten_passphrase(page: Page) -> None:
    passphrase, code = make_vault(page)
    page.click(".vault-chip-open")
    page.click("text=I forgot my passphrase")
    page.fill("[name=code]", code.replace("-", " ").lower())
    page.click("text=I would rather use one of my own")
    for field in ("new_passphrase", "again"):
        page.fill(f"[name={field}]", NEXT_PASSPHRASE)
    page.click("text=Go on to the new code")
    assert write_code_down(page) != code
    page.click(".vault-chip-open")
    open_vault(page, passphrase)
    expect(page.locator(".errorlist")).to_be_visible()
    open_vault(page, NEXT_PASSPHRASE)
    expect(page.locator(".vault-chip-open")).to_be_visible()


def test_what_is_typed_is_shown_where_somebody_wants_to_see_it(page: Page) -> None:
    make_vault(page)
    for address in ("/vault/open/", "/vault/passphrase/", "/vault/recover/", "/vault/renew/", "/vault/erase/"):
        page.goto("/vault/")
        if address == "/vault/open/":
            page.click("text=Lock now")
        page.goto(address)
        page.get_by_label("Show what I type").check()
        assert page.locator('main input[type="password"]').count() == 0
        page.get_by_label("Show what I type").uncheck()
        assert page.locator('main input[type="password"]').count() >= 1
