"""The whole product without a camera: sign-up, check-in, suggestions, in a browser that would have one."""

import json
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from recommender.ranking.suggest import SLOTS
from tests.e2e.test_journey import make_vault, sign_up
from tests.site import Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("site")]


@pytest.fixture(scope="module")
def quiet_site() -> Iterator[Site]:
    with running_site(WELLBEING_CAMERA="off") as running:
        yield running


@pytest.fixture
def page(browser: Browser, quiet_site: Site) -> Iterator[Page]:
    context = browser.new_context(base_url=quiet_site.url)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def test_from_sign_up_to_suggestions_by_ones_own_word(page: Page) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    sign_up(page, "alice@example.org")
    make_vault(page)
    page.goto("/today/")
    expect(page.locator(".nav")).not_to_contain_text("Snapshot")
    page.get_by_role("slider", name="How pleasant").focus()
    for key in ("PageUp", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text("Noted, thank you.")).to_be_visible()
    expect(page.locator(".suggestion")).to_have_count(SLOTS)
    page.goto("/journal/")
    expect(page.locator("main")).to_contain_text("You checked in")
    assert problems == []


def test_the_browser_never_offers_its_camera(page: Page, quiet_site: Site) -> None:
    page.goto("/")
    allowed = "document.featurePolicy ? document.featurePolicy.allowsFeature('camera') : false"
    assert page.evaluate(allowed) is False
    assert page.request.get("/capture/").status == 404
    assert page.request.get("/api/v1/captures/").status == 404
    schema = page.request.get("/api/v1/schema/?format=json")
    assert "captures" not in schema.text()


def test_the_site_is_ready_without_a_model(quiet_site: Site) -> None:
    with urllib.request.urlopen(f"{quiet_site.url}/readyz") as answer:
        assert json.load(answer) == {"status": "ready", "checks": {"database": True}, "model": None}
    assert "classifier" not in quiet_site.log.read_text().lower()
