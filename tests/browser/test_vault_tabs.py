"""Tabs that show an open vault: what shuts them, what keeps them awake, and who has no say in it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Session, User
from tests.browser.conftest import Open, cookies_of
from tests.entries import checkin
from tests.vaults import make_vault
from vault.journal.entries import OpenedVault, append_entry
from vault.models import Vault

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOTE = "the talk with Carol"
SIGN_IN = "**/accounts/login/**"


@pytest.fixture
def context(open_context: Open, browser: Browser, alice: User, opened: OpenedVault) -> BrowserContext:
    """Alice's browser, her vault open, a note in her journal."""
    append_entry(vault=Vault.objects.get(user=alice), entry=checkin(note=NOTE), at=datetime.now(UTC))
    return open_context(browser, alice, opened)


@pytest.fixture
def journal(context: BrowserContext) -> Page:
    """With a clock that the test moves."""
    page = context.new_page()
    page.clock.install()
    page.goto("/journal/")
    expect(page.get_by_text(NOTE)).to_be_visible()
    return page


def _sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()


def _move(page: Page) -> None:
    page.mouse.move(5, 5)
    page.mouse.move(50, 50)


def _watch_leaving(page: Page) -> list[str]:
    """Every request by which the page leaves for where the vault is opened; an open vault sends it straight back."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/vault/open/" in request.url else None)
    return asked


def test_signing_out_shuts_the_other_tabs(context: BrowserContext, journal: Page) -> None:
    _sign_out(context.new_page())
    journal.wait_for_url(SIGN_IN)
    expect(journal.get_by_text(NOTE)).to_be_hidden()


def test_a_tab_that_was_quicker_than_a_slow_sign_out_is_shut_once_it_is_done(
    context: BrowserContext, journal: Page
) -> None:
    other, held = context.new_page(), []
    other.goto("/accounts/logout/")
    other.route("**/accounts/logout/", lambda route: held.append(route))
    with journal.expect_navigation(url="**/journal/"):
        other.get_by_role("button", name="Sign out").click(no_wait_after=True)
    held[0].continue_()
    journal.wait_for_url(SIGN_IN)


def test_a_session_that_was_ended_elsewhere_shuts_the_tab_at_the_next_move(journal: Page) -> None:
    Session.objects.all().delete()
    journal.clock.fast_forward("01:01")
    _move(journal)
    journal.wait_for_url(SIGN_IN)


def test_a_tab_of_somebody_who_is_no_longer_the_one_signed_in_shuts_at_the_next_move(
    context: BrowserContext, journal: Page, bob: User, live_server: Any
) -> None:
    _let_in(context, bob, live_server)
    context.new_page().goto("/today/")
    journal.clock.fast_forward("01:01")
    with journal.expect_request("**/vault/open/?next=%2Fjournal%2F"):
        _move(journal)
    expect(journal.get_by_text(NOTE)).to_be_hidden()


def test_another_tab_of_hers_keeps_a_tab_awake(context: BrowserContext, journal: Page) -> None:
    journal.clock.fast_forward("14:00")
    context.new_page().goto("/today/")
    # What one tab tells reaches the other a moment later.
    journal.wait_for_timeout(300)
    journal.clock.fast_forward("02:00")
    journal.clock.run_for(5000)
    expect(journal.get_by_text(NOTE)).to_be_visible()


def test_a_tab_of_somebody_else_does_not_keep_hers_awake(
    context: BrowserContext, journal: Page, bob: User, live_server: Any
) -> None:
    _let_in(context, bob, live_server)
    journal.clock.fast_forward("14:00")
    context.new_page().goto("/today/")
    with journal.expect_request("**/vault/open/?next=%2Fjournal%2F&away=1"):
        journal.clock.fast_forward("02:00")


def test_somebody_elses_locking_leaves_her_tab_alone(
    context: BrowserContext, journal: Page, bob: User, live_server: Any
) -> None:
    _let_in(context, bob, live_server)
    other = context.new_page()
    other.goto("/today/")
    other.click(".vault-chip-open")
    other.wait_for_url("**/vault/open/")
    journal.clock.run_for(2000)
    expect(journal.get_by_text(NOTE)).to_be_visible()


def _let_in(context: BrowserContext, user: User, live_server: Any) -> None:
    """Somebody else signs in at the same browser and opens a vault."""
    context.clear_cookies()
    context.add_cookies(cookies_of(live_server.url, user, make_vault(user)))  # type: ignore[arg-type]


def test_a_network_cut_shuts_nothing_until_the_server_has_forgotten_the_vault(journal: Page) -> None:
    journal.context.set_offline(True)
    journal.clock.fast_forward("08:00")
    _move(journal)
    journal.clock.run_for(5000)
    expect(journal.get_by_text(NOTE)).to_be_visible()
    journal.clock.fast_forward("07:00")
    _move(journal)
    journal.clock.run_for(5000)
    expect(journal.get_by_text(NOTE)).to_be_visible()
    with journal.expect_request("**/vault/open/?next=%2Fjournal%2F&away=1"):
        journal.clock.fast_forward("02:00")


def test_a_server_in_trouble_shuts_nothing_at_once(journal: Page) -> None:
    left = _watch_leaving(journal)
    journal.route("**/vault/awake/", lambda route: route.fulfill(status=503))
    journal.clock.fast_forward("01:01")
    with journal.expect_response("**/vault/awake/"):
        _move(journal)
    journal.clock.run_for(5000)
    expect(journal.get_by_text(NOTE)).to_be_visible()
    assert left == []


def test_a_refusal_that_one_tab_was_given_shuts_no_other(context: BrowserContext, journal: Page) -> None:
    """It may mean no more than that the one page is from before another sign-in."""
    left, other = _watch_leaving(journal), context.new_page()
    other.clock.install()
    other.goto("/journal/")
    other.route("**/vault/awake/", lambda route: route.fulfill(status=403))
    other.clock.fast_forward("01:01")
    with other.expect_request("**/vault/open/?next=%2Fjournal%2F"):
        _move(other)
    # What one tab tells reaches the other a moment later.
    journal.wait_for_timeout(300)
    journal.clock.run_for(2000)
    expect(journal.get_by_text(NOTE)).to_be_visible()
    assert left == []


def test_a_tab_left_alone_is_shut_when_the_time_is_over_and_not_before(journal: Page) -> None:
    left = _watch_leaving(journal)
    journal.clock.fast_forward("14:20")
    journal.clock.run_for(5000)
    assert left == []
    with journal.expect_request("**/vault/open/?next=%2Fjournal%2F&away=1"):
        journal.clock.fast_forward("00:45")


def test_a_tab_left_alone_over_the_time_is_shut_before_a_move_wakes_it(journal: Page) -> None:
    """As after a night with the lid closed, when the hand on the mouse is quicker than any timer."""
    journal.clock.set_system_time(datetime.fromtimestamp(datetime.now(UTC).timestamp() + 7200, tz=UTC))
    with journal.expect_request("**/vault/open/?next=%2Fjournal%2F&away=1"):
        _move(journal)


def test_signing_out_takes_what_was_read_off_the_cameras_page_which_stays(context: BrowserContext) -> None:
    page = context.new_page()
    capture = {"id": "1", "state": "recorded", "trigger": "manual", "queued_at": datetime.now(UTC).isoformat()}
    reading = {"outcome": "reading", "expression": "sadness", "probabilities": {"sadness": 0.9}, "corrected": None}
    answer = [{**capture, "reason": "", "ask_first": False, "reading": reading, "vault_open": True}]
    page.route("**/api/v1/captures/", lambda route: route.fulfill(json=answer), times=1)
    page.goto("/capture/")
    expect(page.get_by_text("Your face looked sad.")).to_be_visible()
    _sign_out(context.new_page())
    expect(page.get_by_text("You are signed out. Sign in to see what became of your snapshots.")).to_be_visible()
    expect(page.get_by_text("Your face looked sad.")).to_be_hidden()
    assert page.url.endswith("/capture/")


def test_a_session_that_is_over_shows_no_readings_when_the_cameras_page_is_seen_again(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/capture/")
    Session.objects.all().delete()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("You are signed out. Sign in to see what became of your snapshots.")).to_be_visible()
