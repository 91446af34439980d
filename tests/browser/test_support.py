"""Help without script, in German too, on a phone in the dark; the page on an activity beside it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page

from accounts.models import User
from recommender.catalogue.models import SupportContact
from recommender.catalogue.services.catalogue import load_catalogue
from tests.browser.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


def _faults(page: Page) -> list[str]:
    return [
        f"{found['id']}: {node['html'][:120]}"
        for found in Axe().run(page).response["violations"]
        for node in found["nodes"]
    ]


def test_without_script_one_step_leads_to_numbers_that_can_be_called(
    open_context: Open, blind_browser: Browser, alice: User
) -> None:
    load_catalogue()
    SupportContact.objects.filter(slug="de-telefonseelsorge").update(verified_on=timezone.localdate())
    context = open_context(blind_browser, alice, java_script_enabled=False, viewport=PHONE, permissions=[])
    page = context.new_page()
    page.goto("/today/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Support").click()
    page.get_by_role("link", name="Germany", exact=True).click()
    germany = page.get_by_role("region", name="Germany")
    assert germany.locator("a[href^='tel:']").all_inner_texts() == ["112", "0800 111 0 111"]
    page.get_by_role("button", name="Deutsch").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Jemand zum Reden"
    assert page.get_by_role("region", name="Deutschland").count() == 1


def test_support_and_an_activity_have_no_fault_in_german_on_a_phone_in_the_dark(
    open_context: Open, blind_browser: Browser, alice: User
) -> None:
    load_catalogue()
    context = open_context(
        blind_browser,
        alice,
        locale="de-DE",
        color_scheme="dark",
        viewport=PHONE,
        reduced_motion="reduce",
        permissions=[],
    )
    page, faults = context.new_page(), {}
    for path in ("/support/", "/activities/"):
        page.goto(path)
        faults[path] = _faults(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert faults == {"/support/": [], "/activities/": []}
