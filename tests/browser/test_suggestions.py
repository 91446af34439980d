"""Answering a suggestion while the network is away, or after having been signed out."""

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from recommender.catalogue.services.catalogue import load_catalogue
from tests.browser.conftest import Open
from tests.conftest import PASSWORD
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Feedback
from vault.journal.reading import read_journal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def today(open_context: Open, browser: Browser, alice: User, opened: OpenedVault) -> Page:
    load_catalogue()
    page = open_context(browser, alice, opened).new_page()
    page.goto("/today/")
    return page


def answers(opened: OpenedVault) -> list[object]:
    return [entry.data.answer for entry in read_journal(opened).of(Feedback)]


def test_rating_that_was_touched_does_not_stand_in_the_way_of_another_answer(today: Page, opened: OpenedVault) -> None:
    first = today.locator(".suggestion").first
    first.get_by_text("I did it").click()
    first.get_by_text("Helped a lot").click()
    first.get_by_role("button", name="Not for me").click()
    expect(today.get_by_text("Noted, thank you.")).to_be_visible()
    assert answers(opened) == ["never"]


def test_answer_that_could_not_be_sent_says_so_once_and_can_be_given_again(today: Page, opened: OpenedVault) -> None:
    first = today.locator(".suggestion").first
    today.context.set_offline(True)
    for _ in range(2):
        first.get_by_role("button", name="Not now").click()
        expect(first.get_by_role("alert")).to_have_text(
            "That was not sent: the site cannot be reached just now. Please try again in a moment."
        )
    today.context.set_offline(False)
    first.get_by_role("button", name="Not now").click()
    expect(today.get_by_text("Noted, thank you.")).to_be_visible()
    assert answers(opened) == ["not_now"]


def test_who_was_signed_out_meanwhile_signs_in_on_a_whole_page_and_is_back(today: Page, alice: User) -> None:
    today.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    today.locator(".suggestion").first.get_by_role("button", name="Not now").click()
    expect(today).to_have_url("/accounts/login/?next=/today/")
    expect(today.get_by_text("You were signed out meanwhile. Please sign in, then send it once more.")).to_be_visible()
    today.get_by_label("Email").fill(alice.email)
    today.get_by_label("Password", exact=True).fill(PASSWORD)
    today.get_by_role("button", name="Sign in", exact=True).click()
    expect(today).to_have_url("/today/")
