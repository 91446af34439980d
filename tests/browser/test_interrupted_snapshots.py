"""A network cut, a lost session, a withdrawal: a frame waits in this page's memory for a minute, then it is gone."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Session, User
from emotion.models import Capture
from emotion.services.consents import withdraw_consent
from tests.browser.capturing import (
    forms_of,
    open_with_clock,
    said_on,
    sign_in_on,
    take_still,
    tracks_of,
    uses_of,
    watch_uploads,
)
from tests.browser.conftest import Open
from vault.journal.entries import OpenedVault

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_network_cut_is_outlasted_with_the_same_id(page: Page) -> None:
    uploads = watch_uploads(page)
    take_still(page)
    page.context.set_offline(True)
    page.click("[data-do=send]")
    expect(page.locator("[data-part=say]")).to_contain_text("out of reach")
    page.context.set_offline(False)
    expect(page.locator("[data-part=say]")).to_have_text("Sent. It is read now, then destroyed.")
    assert len(uploads) >= 2
    assert {form[0] for form in forms_of(page)} == {str(Capture.objects.get().pk)}
    assert Capture.objects.count() == 1


def test_a_browser_that_cannot_join_two_signals_sends_all_the_same(page: Page) -> None:
    page.evaluate("() => { AbortSignal.any = AbortSignal.timeout = undefined }")
    take_still(page)
    page.click("[data-do=send]")
    expect(page.locator("[data-part=say]")).to_have_text("Sent. It is read now, then destroyed.")
    assert len(forms_of(page)) == 1


def test_a_picture_is_dropped_after_a_minute_without_network(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_with_clock(open_context, browser, alice)
    page.click("[data-do=take]")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    page.context.set_offline(True)
    page.click("[data-do=send]")
    expect(page.locator("[data-part=say]")).to_contain_text("out of reach")
    page.clock.fast_forward(61_000)
    expect(page.locator("[data-part=say]")).to_contain_text("the picture was dropped")
    page.context.set_offline(False)
    page.clock.fast_forward(10_000)
    assert uses_of(opened, 1) == [("manual", "dropped")]
    assert not Capture.objects.exists()


def test_a_try_the_server_leaves_hanging_ends_after_twenty_seconds_and_another_follows(page: Page) -> None:
    uploads = watch_uploads(page)
    page.route(
        "**/api/v1/captures/", lambda route: None if route.request.method == "POST" else route.continue_(), times=1
    )
    take_still(page)
    # The seconds of the first try are made shorter.
    page.evaluate(
        "() => { const wait = window.setTimeout; window.limits = []; window.setTimeout = (done, ms) =>"
        "wait(done, ms === 20_000 && limits.push(ms) === 1 ? ms / 20 : ms) }"
    )
    page.click("[data-do=send]")
    expect(page.locator("[data-part=say]")).to_have_text("Sent. It is read now, then destroyed.")
    assert len(uploads) == 2
    assert page.evaluate("limits") == [20_000, 20_000]
    assert [form[0] for form in forms_of(page)] == [str(Capture.objects.get().pk)] * 2


@pytest.fixture
def waiting(page: Page) -> Page:
    """Alice's session is over while a snapshot of hers waits in the page."""
    take_still(page)
    Session.objects.all().delete()
    page.click("[data-do=send]")
    expect(page.locator("[data-part=say]")).to_contain_text("You were signed out. The picture waits a minute")
    return page


def test_a_snapshot_outlasts_a_new_sign_in_in_another_tab(waiting: Page, alice: User) -> None:
    sign_in_on(waiting.context, alice)
    expect(waiting.locator("[data-part=say]")).to_have_text("Sent. It is read now, then destroyed.")
    assert Capture.objects.get().vault.user == alice


def test_a_snapshot_is_never_sent_as_somebody_else(waiting: Page, bob: User, opened: OpenedVault) -> None:
    sign_in_on(waiting.context, bob)
    expect(waiting.locator("[data-part=say]")).to_contain_text("Somebody else is signed in now")
    assert not Capture.objects.exists()
    assert uses_of(opened, 0) == []


def test_consent_withdrawn_while_a_snapshot_waits_for_the_network(page: Page, alice: User, opened: OpenedVault) -> None:
    uploads = watch_uploads(page)
    take_still(page)
    page.context.set_offline(True)
    page.click("[data-do=send]")
    expect(page.locator("[data-part=say]")).to_contain_text("out of reach")
    withdraw_consent(user=alice)
    page.context.set_offline(False)
    expect(page.locator("[data-part=say]")).to_have_text("Snapshots need your consent first. The picture was dropped.")
    assert len(uploads) >= 2
    assert not Capture.objects.exists()
    assert uses_of(opened, 1) == [("manual", "dropped")]


def test_consent_withdrawn_in_another_tab_switches_the_camera_off_at_once(page: Page, opened: OpenedVault) -> None:
    page.click("[data-do=look]")
    expect(page.get_by_role("button", name="Take it")).to_be_visible()
    _withdraw_on(page.context)
    page.wait_for_timeout(1000)
    assert page.evaluate("tracks.every((track) => track.readyState === 'ended')")
    assert said_on(page) == "You withdrew your consent, so the camera is off. Nothing was sent."
    assert tracks_of(page) == ["ended"]
    assert uses_of(opened, 1) == [("manual", "stopped")]


def test_consent_withdrawn_while_the_server_hangs_ends_the_sending_at_once(page: Page, opened: OpenedVault) -> None:
    page.route("**/api/v1/captures/", lambda route: None if route.request.method == "POST" else route.continue_())
    take_still(page)
    page.evaluate(
        "() => { window.told = []; const line = document.querySelector('[data-part=say]');"
        "new MutationObserver(() => told.push(line.textContent)).observe(line, {childList: true}) }"
    )
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/captures/")):
        page.click("[data-do=send]")
    _withdraw_on(page.context)
    assert said_on(page) == "You withdrew your consent, so the camera is off. Nothing was sent."
    assert page.evaluate("told") == ["You withdrew your consent, so the camera is off. Nothing was sent."]
    assert uses_of(opened, 1) == [("manual", "stopped")]


def _withdraw_on(context: BrowserContext) -> None:
    """In another tab, as a person does."""
    other = context.new_page()
    other.goto("/consent/")
    other.get_by_role("button", name="Withdraw my consent").click()
    expect(other.get_by_role("button", name="I agree")).to_be_visible()
