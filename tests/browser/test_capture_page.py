"""The camera opens on a click, closes at once, and nothing leaves the page before it was accepted."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from emotion.journal import OpenedVault
from emotion.models import Capture, Consent, Schedule
from emotion.selectors import get_next_at
from tests.browser.conftest import Open
from wellbeing.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _watch_uploads(page: Page) -> list[Request]:
    uploads: list[Request] = []
    page.on("request", lambda r: uploads.append(r) if r.method == "POST" and "/captures/" in r.url else None)
    return uploads


def _query(request: Request) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.url).query)


def _take_still(page: Page) -> None:
    page.click("[data-do=take]")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()


def _tracks(page: Page) -> list[str]:
    states: list[str] = page.evaluate("tracks.map((track) => track.readyState)")
    return states


def _said(page: Page) -> str:
    expect(page.locator("[data-part=say]")).to_be_visible()
    return page.inner_text("[data-part=say]")


def _plan_soon(user: User) -> datetime:
    """A schedule whose next moment is between one and two minutes away, and whose hours have begun."""
    now = datetime.now(UTC)
    start = (now + timedelta(minutes=2)).replace(second=0, microsecond=0) - timedelta(minutes=15)
    schedule = Schedule.objects.create(
        user=user, enabled=True, days=list(range(7)), start=start.time(),
        end=time((start.hour + 4) % 24, start.minute), every_minutes=15, timezone="UTC",
    )  # fmt: skip
    next_at, _ = get_next_at(user, schedule)
    assert next_at is not None
    return next_at


def _jump_to(page: Page, moment: datetime) -> None:
    """The page's clock stands just before `moment`; it must have been installed before the page was opened."""
    left = moment - datetime.now(UTC)
    page.clock.fast_forward(int(left.total_seconds() * 1000) + 1500)


def _open_planned(open_context: Open, browser: Browser, user: User, **options: object) -> tuple[Page, datetime]:
    next_at = _plan_soon(user)
    page = open_context(browser, user, **options).new_page()
    page.clock.install()
    page.goto("/capture/")
    expect(page.locator("[data-part=next]")).to_contain_text("Next at")
    # An answer that comes in after the clock was moved would set it right again by the server's.
    expect(page.locator("[data-part=why]")).to_be_hidden()
    page.wait_for_load_state("networkidle")
    return page, next_at


def test_the_camera_is_asked_for_only_after_a_click(page: Page) -> None:
    expect(page.get_by_text("The camera is off.")).to_be_visible()
    assert _tracks(page) == []
    assert page.is_hidden("[data-camera-indicator]")


def test_the_indicator_shows_while_the_camera_is_on(page: Page) -> None:
    page.click("[data-do=take]")
    expect(page.locator("[data-camera-indicator]")).to_be_visible()
    expect(page.locator("[data-part=count]")).to_have_text("3")
    page.click("[data-do=camera-off]")
    expect(page.locator("[data-camera-indicator]")).to_be_hidden()
    assert _tracks(page) == ["ended"]


def test_the_track_has_ended_when_the_still_is_shown(page: Page) -> None:
    _take_still(page)
    assert _tracks(page) == ["ended"]
    assert page.is_hidden("[data-camera-indicator]")


def test_a_hidden_page_switches_the_camera_off(page: Page) -> None:
    page.click("[data-do=look]")
    expect(page.get_by_role("button", name="Take it")).to_be_visible()
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true});document.dispatchEvent(new Event('visibilitychange'))"
    )
    assert _said(page) == "The camera went off because the page was hidden. Nothing was sent."
    assert _tracks(page) == ["ended"]


def test_a_discarded_picture_is_never_sent(page: Page) -> None:
    uploads = _watch_uploads(page)
    _take_still(page)
    page.click("[data-do=discard]")
    assert _said(page) == "Discarded. Nothing was sent."
    assert page.evaluate("document.querySelector('[data-part=still]').width") == 0
    assert uploads == []
    assert not Capture.objects.exists()


def test_a_sent_picture_is_one_small_jpeg_and_one_capture(page: Page, opened: OpenedVault) -> None:
    uploads = _watch_uploads(page)
    _take_still(page)
    assert uploads == []
    with page.expect_response(lambda answer: "captures/?id=" in answer.url) as answer:
        page.click("[data-do=send]")
    assert answer.value.status == 202
    assert _said(page) == "Sent. It is read now, then destroyed."
    capture = Capture.objects.get(vault_id=opened.vault_id)
    assert (capture.trigger, capture.state, capture.frame_count) == ("manual", "queued", 1)
    assert _query(uploads[0]) == {"id": [str(capture.pk)], "trigger": ["manual"]}
    expect(page.locator(f'[data-capture="{capture.pk}"]')).to_contain_text("Being read")


def test_a_network_cut_is_outlasted_with_the_same_id(page: Page) -> None:
    uploads = _watch_uploads(page)
    _take_still(page)
    page.context.set_offline(True)
    page.click("[data-do=send]")
    expect(page.locator("[data-part=say]")).to_contain_text("out of reach")
    page.context.set_offline(False)
    expect(page.locator("[data-part=say]")).to_have_text("Sent. It is read now, then destroyed.")
    assert len(uploads) >= 2
    assert {upload.url for upload in uploads} == {uploads[0].url}
    assert Capture.objects.count() == 1


def test_a_picture_is_dropped_after_a_minute_without_network(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_context(browser, alice).new_page()
    page.clock.install()
    page.goto("/capture/")
    page.click("[data-do=take]")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    page.context.set_offline(True)
    page.click("[data-do=send]")
    expect(page.locator("[data-part=say]")).to_contain_text("out of reach")
    page.clock.fast_forward(61_000)
    expect(page.locator("[data-part=say]")).to_contain_text("the picture was dropped")
    page.context.set_offline(False)
    assert not Capture.objects.exists()


def test_a_refusal_is_told_with_the_servers_words(page: Page, alice: User) -> None:
    _take_still(page)
    Consent.objects.filter(user=alice).update(ended_at=datetime.now(UTC))
    page.click("[data-do=send]")
    assert _said(page) == "Snapshots need your consent first. The picture was dropped."


def test_a_denied_camera_is_explained_and_the_rest_goes_on(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_context(browser, alice, permissions=[]).new_page()
    page.goto("/capture/")
    page.click("[data-do=take]")
    assert "did not allow the camera" in _said(page)
    expect(page.get_by_role("button", name="Take one now")).to_be_enabled()
    page.check("[name=enabled]")
    page.click("text=Save")
    expect(page.locator("[data-part=saved]")).to_have_text("Saved.")
    assert Schedule.objects.get(user=alice).enabled is True


def test_a_missing_camera_is_explained(
    open_context: Open, blind_browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_context(blind_browser, alice).new_page()
    page.goto("/capture/")
    page.click("[data-do=take]")
    assert "can't find a camera" in _said(page)


@pytest.mark.parametrize(
    ("name", "words"),
    [("NotReadableError", "Another program seems to be using the camera"), ("OverconstrainedError", "Choose another")],
)
def test_a_busy_or_unfit_camera_is_explained(page: Page, name: str, words: str) -> None:
    page.evaluate(
        "(name) => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name)) }", name
    )
    page.click("[data-do=take]")
    assert words in _said(page)


def test_a_scheduled_snapshot_gives_notice_and_asks_before_sending(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page, next_at = _open_planned(open_context, browser, alice)
    uploads = _watch_uploads(page)
    assert not page.is_checked("[data-part=send-without-asking]")
    _jump_to(page, next_at)
    expect(page.locator("[data-part=notice-text]")).to_contain_text("A snapshot in")
    assert _tracks(page) == []
    page.click("[data-answer=now]")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    assert _tracks(page) == ["ended"]
    assert uploads == []
    page.click("[data-do=send]")
    expect(page.locator("[data-part=say]")).to_have_text("Sent. It is read now, then destroyed.")
    assert Capture.objects.get().trigger == "scheduled"


def test_a_scheduled_snapshot_is_sent_without_asking_only_when_that_was_switched_on(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page, next_at = _open_planned(open_context, browser, alice)
    page.check("[data-part=send-without-asking]")
    _jump_to(page, next_at)
    page.click("[data-answer=now]")
    expect(page.locator("[data-part=say]")).to_have_text("Sent. It is read now, then destroyed.")
    assert Capture.objects.get().trigger == "scheduled"


def test_a_skipped_snapshot_opens_no_camera(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page, next_at = _open_planned(open_context, browser, alice)
    _jump_to(page, next_at)
    page.click("[data-answer=skip]")
    assert _said(page) == "Skipped. Nothing was taken."
    assert _tracks(page) == []


def test_a_moment_slept_through_is_not_made_up_for(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page, next_at = _open_planned(open_context, browser, alice)
    _jump_to(page, next_at + timedelta(minutes=5))
    expect(page.locator("[data-part=missed]")).to_contain_text("was missed. It is not made up for.")
    assert page.is_hidden("[data-notice]")
    assert _tracks(page) == []


def test_without_a_standing_permission_a_scheduled_snapshot_waits_for_a_click(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page, next_at = _open_planned(open_context, browser, alice, permissions=[])
    _jump_to(page, next_at)
    expect(page.locator("[data-part=notice-text]")).to_have_text("Time for a snapshot. May I?")
    page.clock.run_for(12_000)
    assert _tracks(page) == []


def test_a_pause_is_shown_and_ended(open_context: Open, browser: Browser, alice: User, opened: OpenedVault) -> None:
    _plan_soon(alice)
    page = open_context(browser, alice).new_page()
    page.goto("/capture/")
    page.click("[data-pause=hour]")
    expect(page.locator("[data-part=next]")).to_contain_text("Paused until")
    page.click("[data-pause=resume]")
    expect(page.locator("[data-part=next]")).not_to_contain_text("Paused")
    assert Schedule.objects.get(user=alice).paused_until is None


def test_of_two_tabs_one_leads(open_context: Open, browser: Browser, alice: User, opened: OpenedVault) -> None:
    _plan_soon(alice)
    context = open_context(browser, alice)
    first, second = context.new_page(), context.new_page()
    first.goto("/capture/")
    expect(first.locator("[data-part=next]")).to_contain_text("Next at")
    second.goto("/capture/")
    expect(second.locator("[data-part=why]")).to_have_text("Another tab is taking care of this.")
    assert first.is_hidden("[data-part=why]")
    first.close()
    expect(second.locator("[data-part=why]")).to_be_hidden()


def test_without_consent_or_vault_the_page_says_what_comes_first(
    open_context: Open, browser: Browser, transactional_db: None, bob: User
) -> None:
    page = open_context(browser, bob).new_page()
    page.goto("/capture/")
    expect(page.get_by_role("heading", name="Two things first")).to_be_visible()
    assert page.locator("[data-taking]").count() == 0
