"""The camera opens on a click, closes at once, and nothing leaves the page before it was accepted."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from emotion.choices import NoReading
from emotion.models import Capture, Consent, Schedule
from tests.browser.capturing import (
    forms_of,
    hide,
    open_with_clock,
    said_on,
    take_still,
    tracks_of,
    uses_of,
    watch_uploads,
)
from tests.browser.conftest import Open
from vault.journal.entries import OpenedVault

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_camera_is_asked_for_only_after_a_click(page: Page) -> None:
    expect(page.get_by_text("The camera is off.")).to_be_visible()
    assert tracks_of(page) == []
    assert page.is_hidden("[data-camera-indicator]")


def test_the_indicator_shows_while_the_camera_is_on(page: Page, opened: OpenedVault) -> None:
    page.click("[data-do=take]")
    expect(page.locator("[data-camera-indicator]")).to_be_visible()
    expect(page.locator("[data-part=count]")).to_have_text("3")
    page.click("[data-do=camera-off]")
    expect(page.locator("[data-camera-indicator]")).to_be_hidden()
    assert tracks_of(page) == ["ended"]
    assert uses_of(opened, 1) == [("manual", "stopped")]


def test_stopping_before_the_first_picture_has_come_is_no_trouble_of_the_camera(
    page: Page, opened: OpenedVault
) -> None:
    page.evaluate(
        "navigator.mediaDevices.getUserMedia = async () =>"
        "new MediaStream([new RTCPeerConnection().addTransceiver('video').receiver.track])"
    )
    page.click("[data-do=take]")
    expect(page.locator("[data-camera-indicator]")).to_be_visible()
    page.click("[data-do=camera-off]")
    assert said_on(page) == "The camera is off. Nothing was sent."
    assert uses_of(opened, 1) == [("manual", "stopped")]


def test_a_camera_allowed_only_after_stop_was_pressed_is_closed_at_once(page: Page, opened: OpenedVault) -> None:
    page.evaluate(
        "() => { const open = navigator.mediaDevices.getUserMedia;"
        "const allowed = new Promise((resolve) => { window.allow = resolve });"
        "navigator.mediaDevices.getUserMedia = async (wish) => { await allowed; return open(wish) } }"
    )
    page.click("[data-do=take]")
    expect(page.get_by_text("Waiting for the camera.")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    page.evaluate("allow()")
    assert said_on(page) == "The camera is off. Nothing was sent."
    assert tracks_of(page) == ["ended"]
    assert page.is_hidden("[data-camera-indicator]")
    assert uses_of(opened, 1) == [("manual", "stopped")]


def test_an_unplugged_camera_is_noticed(page: Page, opened: OpenedVault) -> None:
    page.click("[data-do=look]")
    expect(page.get_by_role("button", name="Take it")).to_be_visible()
    page.evaluate("tracks[0].dispatchEvent(new Event('ended'))")
    assert said_on(page) == "The camera went away."
    assert page.is_hidden("[data-camera-indicator]")
    assert uses_of(opened, 1) == [("manual", "stopped")]


def test_a_page_that_is_left_notes_what_became_of_its_picture(page: Page, opened: OpenedVault) -> None:
    take_still(page)
    page.goto("/support/")
    assert uses_of(opened, 1) == [("manual", "stopped")]


def test_the_track_has_ended_when_the_still_is_shown(page: Page) -> None:
    take_still(page)
    assert tracks_of(page) == ["ended"]
    assert page.is_hidden("[data-camera-indicator]")


def test_a_hidden_page_switches_the_camera_off(page: Page) -> None:
    page.click("[data-do=look]")
    expect(page.get_by_role("button", name="Take it")).to_be_visible()
    hide(page)
    assert said_on(page) == "The camera went off because the page was hidden. Nothing was sent."
    assert tracks_of(page) == ["ended"]


def test_a_computer_that_falls_asleep_over_the_countdown_takes_nothing_on_waking(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_with_clock(open_context, browser, alice)
    page.click("[data-do=take]")
    expect(page.locator("[data-part=count]")).to_be_visible()
    page.clock.fast_forward("01:00:00")
    assert said_on(page) == "Your computer was asleep, so the camera went off. Nothing was sent."
    assert tracks_of(page) == ["ended"]
    assert uses_of(opened, 1) == [("manual", "stopped")]


def test_a_computer_that_falls_asleep_between_two_stills_sends_none(page: Page, opened: OpenedVault) -> None:
    page.evaluate(
        "() => { const camera = document.querySelector('[data-taking]');"
        "new MutationObserver((changes, watch) => {"
        "if (camera.dataset.stage !== 'shooting') return;"
        "watch.disconnect(); const now = Date.now; Date.now = () => now() + 3_600_000"
        "}).observe(camera, {attributeFilter: ['data-stage']}) }"
    )
    page.click("[data-do=take]")
    assert said_on(page) == "Your computer was asleep, so the camera went off. Nothing was sent."
    assert tracks_of(page) == ["ended"]
    assert uses_of(opened, 1) == [("manual", "stopped")]


def test_a_discarded_picture_is_never_sent_and_stands_in_the_ledger(page: Page, opened: OpenedVault) -> None:
    uploads = watch_uploads(page)
    take_still(page)
    page.click("[data-do=discard]")
    assert said_on(page) == "Discarded. Nothing was sent."
    assert page.evaluate("document.querySelector('[data-part=still]').width") == 0
    assert uploads == []
    assert not Capture.objects.exists()
    assert uses_of(opened, 1) == [("manual", "discarded")]


def test_a_sent_snapshot_is_three_small_jpegs_and_one_capture(page: Page, opened: OpenedVault) -> None:
    uploads = watch_uploads(page)
    take_still(page)
    assert uploads == []
    with page.expect_response(lambda r: r.request.method == "POST" and "/captures/" in r.url) as answer:
        page.click("[data-do=send]")
    assert answer.value.status == 202
    assert said_on(page) == "Sent. It is read now, then destroyed."
    capture = Capture.objects.get(vault_id=opened.vault_id)
    assert (capture.trigger, capture.state, capture.frame_count) == ("manual", "queued", 3)
    [(capture_id, trigger, sizes)] = forms_of(page)
    assert (capture_id, trigger, len(sizes)) == (str(capture.pk), "manual", 3)
    assert 5_000 < min(sizes) <= max(sizes) < 200_000
    assert uses_of(opened, 1) == [("manual", "sent")]
    expect(page.locator(f'[data-capture="{capture.pk}"]')).to_contain_text("Being read")


def test_a_refusal_is_told_with_the_servers_words(page: Page, alice: User) -> None:
    take_still(page)
    Consent.objects.filter(user=alice).update(ended_at=datetime.now(UTC))
    page.click("[data-do=send]")
    assert said_on(page) == "Snapshots need your consent first. The picture was dropped."


def test_the_only_reading_of_today_deleted_is_no_reason_to_open_a_vault_that_is_open(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    Capture.objects.create(id=uuid4(), vault_id=opened.vault_id, state="recorded", finished_at=datetime.now(UTC))
    line = open_context(browser, alice, opened).new_page()
    line.goto("/capture/")
    expect(line.locator("[data-capture] [data-text]")).to_have_text("No longer in your journal.")
    locked = open_context(browser, alice).new_page()
    locked.goto("/capture/")
    expect(locked.locator("[data-capture] [data-text]")).to_have_text("Kept in your vault. Open it to see")


def test_a_denied_camera_is_explained_and_the_rest_goes_on(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_context(browser, alice, permissions=[]).new_page()
    page.goto("/capture/")
    page.click("[data-do=take]")
    assert "did not allow the camera" in said_on(page)
    assert uses_of(opened, 1) == [("manual", "denied")]
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
    assert "can't find a camera" in said_on(page)
    assert uses_of(opened, 1) == [("manual", "failed")]


#: What WebKit says to a wish for a camera that faces the person, where it knows none that does.
NONE_FACES = """(cameras) => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
        if (!cameras || wish.video.facingMode) throw new DOMException("", "OverconstrainedError");
        return open(wish);
    };
    if (!cameras) navigator.mediaDevices.enumerateDevices = async () => [];
}"""


def test_a_missing_camera_is_explained_where_the_browser_blames_the_wish(page: Page) -> None:
    page.evaluate(NONE_FACES, 0)
    page.click("[data-do=take]")
    assert "can't find a camera" in said_on(page)


def test_a_camera_that_is_not_known_to_face_the_person_will_do(page: Page) -> None:
    page.evaluate(NONE_FACES, 1)
    take_still(page)
    assert tracks_of(page) == ["ended"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("NotReadableError", "Another program seems to be using the camera"), ("OverconstrainedError", "Choose another")],
)
def test_a_busy_or_unfit_camera_is_explained(page: Page, name: str, words: str) -> None:
    page.evaluate(
        "(name) => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name)) }", name
    )
    page.click("[data-do=take]")
    assert words in said_on(page)


def test_what_became_of_a_snapshot_is_told_in_the_words_of_the_journal(page: Page) -> None:
    now = datetime.now(UTC).isoformat()
    sad = {"outcome": "reading", "expression": "sadness", "probabilities": {"sadness": 0.4}, "corrected": None}
    readings = [sad, sad | {"corrected": "happiness"}, *({"outcome": reason} for reason in NoReading.values)]
    capture = {"state": "recorded", "trigger": "manual", "queued_at": now, "ask_first": False, "vault_open": True}
    answer = [capture | {"id": str(index), "reading": reading} for index, reading in enumerate(readings)]
    page.route("**/api/v1/captures/", lambda route: route.fulfill(json=answer))
    page.reload()
    expect(page.locator("[data-part=list] [data-text]")).to_have_text(
        [
            "Your face looked sad.",
            "You said: happy.",
            "No face in the picture.",
            "More than one face.",
            "Face too far away.",
            "Too dark.",
            "Too bright.",
            "Blurred.",
            "Face turned away.",
            "Hard to tell.",
        ]
    )


def test_without_consent_or_vault_the_page_says_what_comes_first(
    open_context: Open, browser: Browser, transactional_db: None, bob: User
) -> None:
    page = open_context(browser, bob).new_page()
    page.goto("/capture/")
    expect(page.get_by_role("heading", name="Two things first")).to_be_visible()
    assert page.locator("[data-taking]").count() == 0
