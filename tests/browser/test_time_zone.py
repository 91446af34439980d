"""Somebody far from the site is asked once, in one line, and days and times are then theirs."""

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from accounts.selectors import get_assumed_zone, get_timezone
from tests.browser.conftest import Open
from vault.journal.entries import OpenedVault

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ASKED = "Days and times here are those of UTC. This computer is on the time of America/New York."


@pytest.fixture
def today_in_new_york(open_context: Open, browser: Browser, alice: User, opened: OpenedVault) -> Page:
    page = open_context(browser, alice, opened, timezone_id="America/New_York").new_page()
    page.goto("/today/")
    return page


def test_one_click_takes_the_time_of_the_computer(today_in_new_york: Page, alice: User) -> None:
    page = today_in_new_york
    expect(page.get_by_text(ASKED)).to_be_visible()
    page.get_by_role("button", name="Use the time here").click()
    expect(page.get_by_text("Noted. Days and times are those of America/New York now.")).to_be_visible()
    expect(page).to_have_url("/today/")
    expect(page.get_by_text("This computer is on the time of")).to_be_hidden()
    assert get_timezone(User.objects.get(pk=alice.pk)) == "America/New_York"


def test_who_leaves_it_is_not_asked_again_but_may_choose(today_in_new_york: Page, alice: User) -> None:
    page = today_in_new_york
    page.get_by_role("button", name="Leave it").click()
    expect(page.get_by_text("Noted. Days and times are those of UTC now.")).to_be_visible()
    expect(page.get_by_text(ASKED)).to_have_count(0)
    page.goto("/you/")
    page.get_by_text("Choose another time zone").click()
    page.get_by_label("Time zone").select_option(label="Reykjavik")
    page.get_by_role("button", name="Use this one").click()
    expect(page.get_by_text("Noted. Days and times are those of Atlantic/Reykjavik now.")).to_be_visible()
    assert get_timezone(User.objects.get(pk=alice.pk)) == "Atlantic/Reykjavik"


def test_nobody_is_asked_whose_computer_keeps_the_same_time(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_context(browser, alice, opened, timezone_id="Africa/Abidjan").new_page()
    page.goto("/today/")
    expect(page.locator("form[data-zone] [data-part=here]")).to_have_text("Africa/Abidjan")
    expect(page.get_by_text("This computer is on the time of")).to_be_hidden()
    assert get_assumed_zone(User.objects.get(pk=alice.pk)) == "UTC"
