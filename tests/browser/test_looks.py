"""Pages for eyes that need large letters or few colours."""

import pytest
from playwright.sync_api import Browser, expect

from accounts.models import User
from tests.browser.conftest import Open
from vault.journal.entries import OpenedVault

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: As with a smallest size in the browser's settings, which changes the letters but no rem.
LARGE_LETTERS = "body * { font-size: 32px !important }"
IN_THE_WAY = """() => {
    const boxes = [...document.querySelectorAll(".site-head-in a, .site-head-in button")]
        .map((element) => element.getBoundingClientRect())
        .filter((box) => box.width);
    const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
    const outside = boxes.filter((box) => box.right > innerWidth);
    return boxes.flatMap((a, place) => boxes.slice(place + 1).filter((b) => !apart(a, b))).concat(outside).length;
}"""


def test_large_letters_leave_the_header_readable(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_context(browser, alice, opened, bypass_csp=True, viewport={"width": 1280, "height": 900}).new_page()
    page.goto("/today/")
    page.add_style_tag(content=LARGE_LETTERS)
    assert page.evaluate(IN_THE_WAY) == 0


@pytest.mark.parametrize(("path", "chosen"), [("/today/", ".chip"), ("/", ".segmented label")])
def test_a_choice_has_a_colour_of_its_own_among_forced_ones(
    path: str, chosen: str, open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_context(browser, alice, opened, forced_colors="active").new_page()
    page.goto(path)
    first = page.locator(f"{chosen}:visible").first
    second = page.locator(f"{chosen}:visible").nth(1)
    first.locator("input").check()
    background = "(label) => getComputedStyle(label.querySelector('span')).backgroundColor"
    expect(second.locator("input")).not_to_be_checked()
    assert first.evaluate(background) != second.evaluate(background)
