"""A check-in in a few seconds: by pointer, by keyboard alone, without script, with the vault locked."""

import time

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from recommender.wording.moods import energy_word, pleasantness_word
from tests.browser.conftest import Open
from vault.journal.entries import OpenedVault
from vault.journal.kinds import CheckIn, show_data
from vault.journal.reading import read_journal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _checkins(opened: OpenedVault) -> list[dict[str, object]]:
    return [show_data(entry.data) for entry in read_journal(opened).of(CheckIn)]


@pytest.fixture
def today(open_context: Open, browser: Browser, alice: User, opened: OpenedVault) -> Page:
    page = open_context(browser, alice, opened).new_page()
    page.goto("/today/")
    return page


def test_a_touch_on_the_pad_and_a_word_are_a_check_in(today: Page, opened: OpenedVault) -> None:
    expect(today.get_by_text("Touch, drag, or use the arrow keys.")).to_be_visible()
    assert today.locator("[name=pleasantness][type=radio]").count() == 0
    pad = today.locator("[data-part=pad]")
    box = pad.bounding_box()
    assert box is not None
    pad.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.9})
    expect(today.locator("[data-part=pad-words]")).to_have_text("pleasant, low energy")
    today.get_by_role("checkbox", name="tired").check()
    today.get_by_role("button", name="Check in").click()
    expect(today.get_by_text("Noted, thank you.")).to_be_visible()
    (checkin,) = _checkins(opened)
    assert (checkin["words"], checkin["note"]) == (("tired",), "")
    assert (checkin["pleasantness"], checkin["energy"]) == (
        pytest.approx(0.57, abs=0.05),
        pytest.approx(-0.9, abs=0.05),
    )


def test_the_keyboard_alone_needs_a_dozen_strokes_and_seconds(today: Page, opened: OpenedVault) -> None:
    started = time.monotonic()
    today.get_by_role("slider", name="How pleasant").focus()
    for key in ("ArrowLeft", "PageDown", "PageDown", "Home"):
        today.keyboard.press(key)
    expect(today.get_by_role("slider", name="Your energy")).to_have_attribute("aria-valuetext", "low energy")
    today.keyboard.press("Enter")
    expect(today.get_by_text("Noted, thank you.")).to_be_visible()
    assert time.monotonic() - started < 15
    (checkin,) = _checkins(opened)
    assert (checkin["pleasantness"], checkin["energy"]) == (-0.3, -0.5)


def test_arrows_move_a_step_and_the_keys_beside_them_leap(today: Page) -> None:
    sliders = [today.get_by_role("slider", name=name) for name in ("How pleasant", "Your energy")]
    sliders[0].focus()
    places = []
    for key in ("ArrowRight", "End", "ArrowUp", "PageUp", "ArrowLeft", "Home", "ArrowDown", "PageDown"):
        today.keyboard.press(key)
        places.append(tuple(float(slider.input_value()) for slider in sliders))
    assert places == [
        (0.05, 0), (0.3, 0), (0.3, 0.05), (0.3, 0.3), (0.25, 0.3), (0, 0.3), (0, 0.25), (0, 0),
    ]  # fmt: skip


def test_the_pad_has_the_words_of_every_other_page_from_edge_to_edge(today: Page) -> None:
    pleasant, energetic = (today.get_by_role("slider", name=name) for name in ("How pleasant", "Your energy"))
    for value in (-1, -0.45, -0.4, -0.15, -0.1, 0, 0.05, 0.1, 0.35, 0.4, 1):
        for slider in (pleasant, energetic):
            slider.fill(str(value))
        words = (pleasantness_word(value), energy_word(value))
        assert (pleasant.get_attribute("aria-valuetext"), energetic.get_attribute("aria-valuetext")) == words
        expect(today.locator("[data-part=pad-words]")).to_have_text(", ".join(words))


def test_an_untouched_pad_is_not_sent(today: Page, opened: OpenedVault) -> None:
    today.get_by_role("button", name="Check in").click()
    expect(today.get_by_text("Touch the pad first")).to_be_visible()
    assert _checkins(opened) == []


def test_words_of_ones_own_are_offered_again(today: Page, opened: OpenedVault) -> None:
    for turn in range(2):
        today.get_by_role("slider", name="How pleasant").press("ArrowRight")
        if turn:
            today.get_by_role("checkbox", name="wired").check()
        else:
            today.get_by_text("A word of your own, or a note").click()
            today.get_by_label("Words of your own").fill("Wired")
        today.get_by_role("button", name="Check in").click()
        expect(today.get_by_text("Noted, thank you.")).to_be_visible()
        today.reload()
    assert [checkin["words"] for checkin in _checkins(opened)] == [("wired",), ("wired",)]


def test_without_script_the_same_questions_are_buttons(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_context(browser, alice, java_script_enabled=False, permissions=[]).new_page()
    page.goto("/today/")
    expect(page.get_by_text("Your vault is locked: what you say is sealed at once")).to_be_visible()
    assert page.is_hidden("[data-part=pad]")
    page.get_by_role("radio", name="Very pleasant").check()
    page.get_by_role("radio", name="Very low").check()
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_text("Noted, thank you.")).to_be_visible()
    (checkin,) = _checkins(opened)
    assert (checkin["pleasantness"], checkin["energy"]) == (1.0, -1.0)
