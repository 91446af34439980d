"""Snapshots by themselves: never without notice, never in a hidden tab, never twice, never made up for."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from accounts.models import User
from accounts.selectors import get_person_mark
from emotion.models import Capture, Schedule
from tests.browser.capturing import (
    hide,
    jump_to,
    keep_page_clock,
    open_due,
    open_planned,
    plan_due,
    plan_soon,
    said_on,
    sign_in_on,
    sign_out_on,
    tracks_of,
    uses_of,
    watch_uploads,
)
from tests.browser.conftest import Open
from tests.signed import agree
from tests.vaults import make_vault
from vault.journal.entries import OpenedVault

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_scheduled_snapshot_gives_notice_and_asks_before_sending(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_due(open_context, browser, alice)
    uploads = watch_uploads(page)
    assert not page.is_checked("[data-part=send-without-asking]")
    expect(page.locator("[data-part=notice-text]")).to_contain_text("A snapshot in")
    assert tracks_of(page) == []
    page.click("[data-answer=now]")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    assert tracks_of(page) == ["ended"]
    assert uploads == []
    page.click("[data-do=send]")
    expect(page.locator("[data-part=say]")).to_have_text("Sent. It is read now, then destroyed.")
    assert Capture.objects.get().trigger == "scheduled"
    assert uses_of(opened, 1) == [("scheduled", "sent")]
    expect(page.locator("[data-part=next]")).to_contain_text("in 1 h 5")


def test_silence_during_the_countdown_means_yes_and_is_sent_only_when_that_was_switched_on(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    choice = f"localStorage.setItem('send-without-asking:{get_person_mark(alice)}', 'yes')"
    page = open_due(open_context, browser, alice, choice)
    expect(page.locator("[data-part=notice-text]")).to_contain_text("A snapshot in")
    expect(page.locator("[data-part=say]")).to_have_text("Sent. It is read now, then destroyed.", timeout=25_000)
    assert Capture.objects.get().trigger == "scheduled"


def test_what_one_person_chose_counts_for_nobody_else_who_signs_in_here(
    open_context: Open, browser: Browser, alice: User, bob: User, opened: OpenedVault
) -> None:
    context = open_context(browser, alice)
    page = context.new_page()
    page.goto("/capture/")
    page.check("[data-part=send-without-asking]")
    page.evaluate(f"localStorage.setItem('snoozed-until:{get_person_mark(alice)}', String(Date.now() + 600_000))")
    sign_out_on(context)
    make_vault(bob)
    agree(bob)
    plan_due(bob)
    sign_in_on(context, bob)
    page.goto("/capture/")
    uploads = watch_uploads(page)
    assert not page.is_checked("[data-part=send-without-asking]")
    page.click("[data-answer=now]")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    assert uploads == []
    sign_out_on(context)
    sign_in_on(context, alice)
    page.goto("/capture/")
    assert page.is_checked("[data-part=send-without-asking]")


def test_a_choice_from_before_they_were_kept_apart_counts_for_nobody_and_is_forgotten(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    context = open_context(browser, alice, permissions=["camera", "notifications"])
    page = context.new_page()
    page.goto("/support/")
    choices = {"send-without-asking": "yes", "snoozed-until": "99999999999999", "notify": "yes"}
    page.evaluate(
        "(choices) => Object.entries(choices).forEach(([key, value]) => localStorage.setItem(key, value))", choices
    )
    plan_due(alice)
    page.goto("/capture/")
    expect(page.locator("[data-part=notice-text]")).to_contain_text("A snapshot in")
    assert not page.is_checked("[data-part=send-without-asking]")
    assert not page.is_checked("[data-part=notify]")
    assert (
        page.evaluate("(choices) => Object.keys(choices).map((key) => localStorage.getItem(key))", choices)
        == [None] * 3
    )


def test_a_skipped_snapshot_opens_no_camera_and_does_not_come_back(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_due(open_context, browser, alice)
    page.click("[data-answer=skip]")
    assert said_on(page) == "Skipped. Nothing was taken."
    assert tracks_of(page) == []
    assert uses_of(opened, 1) == [("scheduled", "skipped")]
    page.reload()
    expect(page.locator("[data-part=next]")).to_contain_text("in 1 h 5")
    assert page.is_hidden("[data-notice]")


def test_a_moment_slept_through_is_not_made_up_for(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page, next_at = open_planned(open_context, browser, alice)
    jump_to(page, next_at + timedelta(minutes=31))
    expect(page.locator("[data-part=missed]")).to_contain_text("was missed. It is not made up for.")
    assert page.is_hidden("[data-notice]")
    assert tracks_of(page) == []


def test_without_a_standing_permission_a_scheduled_snapshot_waits_for_a_click(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    plan_due(alice)
    page = open_context(browser, alice, permissions=[]).new_page()
    page.clock.install()
    page.goto("/capture/")
    expect(page.locator("[data-part=notice-text]")).to_have_text("Time for a snapshot. May I?")
    page.clock.run_for(12_000)
    assert tracks_of(page) == []


def test_a_pause_is_shown_and_ended(open_context: Open, browser: Browser, alice: User, opened: OpenedVault) -> None:
    plan_soon(alice)
    page = open_context(browser, alice).new_page()
    page.goto("/capture/")
    page.click("[data-pause=hour]")
    expect(page.locator("[data-part=next]")).to_contain_text("Paused until")
    page.click("[data-pause=resume]")
    expect(page.locator("[data-part=next]")).not_to_contain_text("Paused")
    assert Schedule.objects.get(user=alice).paused_until is None


def test_the_tab_that_is_seen_leads(open_context: Open, browser: Browser, alice: User, opened: OpenedVault) -> None:
    plan_soon(alice)
    context = open_context(browser, alice)
    first, second = context.new_page(), context.new_page()
    first.goto("/capture/")
    expect(first.locator("[data-part=next]")).to_contain_text("Next at")
    second.goto("/capture/")
    expect(second.locator("[data-part=why]")).to_have_text("Another tab is taking care of this.")
    assert first.is_hidden("[data-part=why]")
    hide(first)
    expect(second.locator("[data-part=why]")).to_be_hidden()
    expect(first.locator("[data-part=why]")).to_have_text("Another tab is taking care of this.")
    second.close()
    expect(first.locator("[data-part=why]")).to_be_hidden()


def test_of_two_windows_that_are_both_seen_one_takes_the_snapshot(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    first = open_due(open_context, browser, alice)
    expect(first.locator("[data-part=notice-text]")).to_contain_text("A snapshot in")
    second = first.context.new_page()
    second.goto("/capture/")
    expect(second.locator("[data-part=why]")).to_have_text("Another tab is taking care of this.")
    assert not any(page.evaluate("document.hidden") for page in (first, second))
    # Long enough for a second of the other window's clock to tick.
    second.wait_for_timeout(1500)
    assert second.is_hidden("[data-notice]")
    first.click("[data-answer=now]")
    first.click("[data-do=send]")
    expect(first.locator("[data-part=say]")).to_have_text("Sent. It is read now, then destroyed.")
    assert second.is_hidden("[data-notice]")
    assert tracks_of(second) == []
    assert uses_of(opened, 1) == [("scheduled", "sent")]


def test_an_answer_from_before_a_change_does_not_undo_what_the_change_has_shown(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    plan_soon(alice)
    page = open_context(browser, alice).new_page()
    page.goto("/capture/")
    expect(page.locator("[data-part=next]")).to_contain_text("Next at")
    held: list[Route] = []
    page.route("**/api/v1/schedule/", lambda route: held.append(route))
    with page.expect_request("**/api/v1/schedule/"):
        page.evaluate("new BroadcastChannel('wellbeing-snapshots').postMessage('changed')")
    before = page.request.get("/api/v1/schedule/")
    page.click("[data-pause=hour]")
    expect(page.locator("[data-part=next]")).to_contain_text("Paused until")
    with page.expect_response("**/api/v1/schedule/"):
        held[0].fulfill(response=before)
    # Long enough for a second of the page's clock to tick.
    page.wait_for_timeout(1500)
    expect(page.locator("[data-part=next]")).to_contain_text("Paused until")


def test_a_hidden_tab_opens_no_camera_and_asks_when_it_is_seen_again(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_due(
        open_context, browser, alice, "Object.defineProperty(document, 'hidden', {value: true, configurable: true})"
    )
    expect(page).to_have_title(re.compile("^● Snapshot"))
    page.wait_for_timeout(1500)
    assert page.is_hidden("[data-notice]")
    assert tracks_of(page) == []
    hide(page, hidden=False)
    expect(page.locator("[data-part=notice-text]")).to_contain_text("A snapshot in")


def test_a_tab_that_goes_behind_during_the_countdown_waits_again(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_due(open_context, browser, alice)
    expect(page.locator("[data-part=notice-text]")).to_contain_text("A snapshot in")
    hide(page)
    expect(page.locator("[data-notice]")).to_be_hidden()
    hide(page, hidden=False)
    expect(page.locator("[data-part=notice-text]")).to_contain_text("A snapshot in")
    assert tracks_of(page) == []


def test_not_now_asks_again_in_ten_minutes(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    plan_due(alice)
    page = open_context(browser, alice).new_page()
    page.clock.install()
    keep_page_clock(page)
    page.goto("/capture/")
    page.click("[data-answer=snooze]")
    expect(page.locator("[data-part=next]")).to_contain_text("Not now: I ask again in 9 min")
    page.clock.fast_forward("09:00")
    assert page.is_hidden("[data-notice]")
    page.clock.fast_forward("01:05")
    expect(page.locator("[data-notice]")).to_be_visible()
    assert tracks_of(page) == []


def test_a_laptop_that_slept_through_the_day_asks_for_nothing_of_it(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    """Asleep with a moment due, awake after three more: one word about the missed one, no notice, no camera."""
    page, next_at = open_planned(open_context, browser, alice)
    jump_to(page, next_at + timedelta(hours=7))
    expect(page.locator("[data-part=missed]")).to_contain_text("was missed. It is not made up for.")
    page.clock.run_for(20_000)
    assert page.is_hidden("[data-notice]")
    assert tracks_of(page) == []


def _open_notice(open_context: Open, browser: Browser, user: User, **options: Any) -> Page:
    """The notice of a moment that is due, on a page whose clock the test moves."""
    plan_due(user)
    page = open_context(browser, user, **options).new_page()
    page.clock.install()
    keep_page_clock(page)
    page.goto("/capture/")
    expect(page.locator("[data-notice]")).to_be_visible()
    return page


@pytest.mark.parametrize("permissions", [["camera"], []], ids=["A snapshot in 10 s", "May I?"])
def test_a_notice_slept_through_opens_no_camera_and_its_moment_is_missed(
    permissions: list[str], open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = _open_notice(open_context, browser, alice, permissions=permissions)
    page.clock.fast_forward("03:00:00")
    expect(page.locator("[data-part=missed]")).to_contain_text("was missed. It is not made up for.")
    page.clock.run_for(20_000)
    assert page.is_hidden("[data-notice]")
    assert tracks_of(page) == []
    assert uses_of(opened, 0) == []


def test_a_countdown_that_a_short_sleep_broke_off_is_missed_in_every_tab(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = _open_notice(open_context, browser, alice)
    with page.expect_response("**/schedule/done/"):
        page.clock.fast_forward("06:00")
    expect(page.locator("[data-part=missed]")).to_contain_text("was missed. It is not made up for.")
    again = page.context.new_page()
    again.goto("/capture/")
    expect(again.locator("[data-part=next]")).to_contain_text("in 1 h 5")
    assert tracks_of(page) == []


def test_a_yes_to_a_notice_of_hours_ago_opens_no_camera(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = _open_notice(open_context, browser, alice)
    # In one breath: no timer of the page comes between waking and the click.
    page.evaluate(
        "() => { const now = Date.now; Date.now = () => now() + 3 * 3_600_000;"
        "document.querySelector('[data-answer=now]').click() }"
    )
    expect(page.locator("[data-part=missed]")).to_contain_text("was missed. It is not made up for.")
    assert tracks_of(page) == []
    assert uses_of(opened, 0) == []


def test_a_still_that_a_sleeping_computer_left_unanswered_is_thrown_away_on_waking(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = _open_notice(open_context, browser, alice)
    page.click("[data-answer=now]")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    # Timers stood still meanwhile, the clock on the wall did not.
    page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=1))
    page.clock.run_for(2000)
    assert said_on(page) == "Nobody answered, so the picture was thrown away. Nothing was sent."
    assert uses_of(opened, 1) == [("scheduled", "discarded")]


@pytest.mark.parametrize("other", [False, True], ids=["nobody", "somebody else"])
def test_snapshots_stop_while_the_person_is_signed_out_and_go_on_when_they_are_back(
    other: bool, open_context: Open, browser: Browser, alice: User, bob: User, opened: OpenedVault
) -> None:
    page, next_at = open_planned(open_context, browser, alice)
    sign_out_on(page.context)
    if other:
        plan_due(bob)
        sign_in_on(page.context, bob)
    jump_to(page, next_at)
    who = "Somebody else is signed in." if other else "You are signed out."
    expect(page.locator("[data-part=next]")).to_have_text(f"{who} Snapshots stop until you are back.")
    page.clock.run_for(20_000)
    assert page.is_hidden("[data-notice]")
    assert tracks_of(page) == []
    if other:
        sign_out_on(page.context)
    sign_in_on(page.context, alice)
    page.clock.fast_forward("00:40")
    # The server's clock is not the one this test moved: the moment is ahead again.
    expect(page.locator("[data-part=next]")).to_contain_text("Next at")


def test_a_computer_in_another_time_zone_offers_to_move_the_schedule(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    plan_soon(alice)
    page = open_context(browser, alice, timezone_id="Asia/Tokyo").new_page()
    page.goto("/capture/")
    expect(page.locator("[data-part=travel]")).to_contain_text("This computer is on the time of Asia/Tokyo.")
    assert Schedule.objects.get(user=alice).timezone == "UTC"
    page.get_by_role("button", name="Use the time here").click()
    expect(page.locator("[data-part=travel]")).to_be_hidden()
    expect(page.locator("[data-part=saved]")).to_have_text("Saved.")
    assert Schedule.objects.get(user=alice).timezone == "Asia/Tokyo"


def test_a_first_schedule_is_saved_whole_and_says_when_the_next_one_is(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_context(browser, alice, timezone_id="Europe/Berlin").new_page()
    page.goto("/capture/")
    page.check("[name=enabled]")
    page.get_by_role("radio", name="Regularly").check()
    page.get_by_text("Quiet times and limits").click()
    page.get_by_role("button", name="Add a quiet time").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-part=saved]")).to_have_text("Saved.")
    expect(page.locator("[data-part=next]")).to_contain_text("Next at")
    kept = Schedule.objects.get(user=alice)
    assert (kept.mode, kept.timezone, kept.quiet) == ("every", "Europe/Berlin", [["12:00", "13:00"]])
    page.get_by_role("radio", name="At my times").check()
    page.get_by_label("Times", exact=True).fill("12:30")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-part=saved]")).to_have_text(
        "That was not saved. Outside your hours or in a quiet time: 12:30."
    )
