"""A day in the page: everything is sent to one address, and the page stays where its person is."""

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from accounts.models import User
from recommender.catalogue.services.catalogue import load_catalogue
from tests.browser.conftest import Open
from vault.journal.entries import OpenedVault
from vault.journal.kinds import CheckIn, Suggestion, Taste
from vault.journal.reading import read_journal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def today(open_context: Open, browser: Browser, alice: User, opened: OpenedVault) -> Page:
    load_catalogue()
    page = open_context(browser, alice, opened).new_page()
    page.goto("/today/")
    return page


def _check_in(page: Page, *, own: str = "") -> None:
    page.get_by_role("slider", name="How pleasant").press("ArrowRight")
    if own:
        page.get_by_text("A word of your own, or a note").click()
        page.get_by_label("Words of your own").fill(own)
    page.get_by_role("button", name="Check in").click()


def test_pad_works_again_after_each_answer(today: Page, opened: OpenedVault) -> None:
    for count in (1, 2):
        with today.expect_response("**/today/"):
            _check_in(today)
        expect(today.locator("#main")).to_be_focused()
        expect(today.get_by_text("Noted, thank you.")).to_be_visible()
        assert len(read_journal(opened).of(CheckIn)) == count


def test_what_was_refused_is_still_there(today: Page, opened: OpenedVault) -> None:
    _check_in(today, own="one, two, three, four, five, six")
    expect(today.get_by_role("alert")).to_have_text("At most 5 words of your own, of 24 letters each.")
    expect(today.locator("[data-part=pad-words]")).to_have_text("neither pleasant nor unpleasant, middling energy")
    expect(today.get_by_role("slider", name="How pleasant")).to_have_value("0.05")
    today.get_by_label("Words of your own").fill("one")
    today.get_by_role("button", name="Check in").click()
    expect(today.get_by_text("Noted, thank you.")).to_be_visible()
    (entry,) = read_journal(opened).of(CheckIn)
    assert (entry.data.pleasantness, entry.data.words) == (0.05, ("one",))


def test_answer_leaves_the_page_where_it_is(today: Page) -> None:
    button = today.locator(".suggestion").first.get_by_role("button", name="Not now")
    button.scroll_into_view_if_needed()
    before = today.evaluate("window.scrollY")
    assert before > 0
    button.click()
    expect(today.locator("#suggestions").get_by_text("Noted, thank you.")).to_be_visible()
    assert abs(today.evaluate("window.scrollY") - before) < 300


def test_nothing_that_is_asked_for_names_what_was_done_or_read(today: Page, opened: OpenedVault) -> None:
    asked: list[Request] = []
    today.on("request", lambda request: asked.append(request))
    today.get_by_role("button", name="Keep my answers").click()
    expect(today.get_by_text("Noted, thank you.")).to_be_visible()
    today.get_by_role("link", name="Choose something yourself").click()
    today.get_by_label("I have").select_option("2 minutes")
    today.get_by_role("button", name="Show what fits").click()
    expect(today.locator("#choices li:visible").first).to_be_visible()
    today.locator("#choices summary:visible").first.click()
    today.get_by_role("button", name="Pick: ").first.click()
    expect(today).to_have_url("/today/")
    assert len(read_journal(opened).of(Taste)) == 1
    assert [entry.data.chosen for entry in read_journal(opened).of(Suggestion)].count(True) == 1
    site = today.url.removesuffix("/today/")
    paths = {request.url.removeprefix(site) for request in asked}
    assert {path for path in paths if not path.startswith("/static/")} == {"/today/", "/activities/"}
    named = {request.all_headers().get("referer", f"{site}/") for request in asked}
    assert named == {f"{site}/"}


def test_back_leads_from_the_catalogue_to_the_day_and_a_link_to_one_activity_opens_it(today: Page) -> None:
    today.get_by_role("link", name="Choose something yourself").click()
    today.get_by_label("I have").select_option("5 minutes")
    today.get_by_role("button", name="Show what fits").click()
    today.go_back()
    expect(today.get_by_role("heading", name="What might do you good")).to_be_visible()
    today.goto("/activities/#activity-desk-plant")
    expect(today.locator("#activity-desk-plant")).to_be_visible()
    expect(today.locator("#activity-desk-plant")).to_be_in_viewport()


def test_without_script_the_day_is_the_same(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    load_catalogue()
    page = open_context(browser, alice, opened, java_script_enabled=False, permissions=[]).new_page()
    page.goto("/today/")
    page.locator(".suggestion").first.get_by_role("button", name="Not now").click()
    expect(page.get_by_text("Noted, thank you.")).to_be_visible()
    expect(page).to_have_url("/today/")
    page.go_back()
    page.get_by_role("link", name="Choose something yourself").click()
    page.get_by_label("I have").select_option("5 minutes")
    page.get_by_role("button", name="Show what fits").click()
    page.get_by_role("button", name="Pick: ").first.click()
    expect(page).to_have_url("/today/")
    assert [entry.data.chosen for entry in read_journal(opened).of(Suggestion)].count(True) == 1
