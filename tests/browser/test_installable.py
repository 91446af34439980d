"""The site can be installed, and what the browser then keeps of it is nobody's."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from tests.browser.conftest import Open
from vault.journal.entries import OpenedVault

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEPT = """async () => {
  const kept = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      kept.push([new URL(request.url).pathname, await (await cache.match(request)).text()]);
    }
  }
  return kept;
}"""


#: Registers again each time, as every page does: a worker whose first page was cut off is not installed.
IS_READY = """async () => {
  const registration = await navigator.serviceWorker.register("/service-worker.js");
  return registration.active && new URL(registration.scope).pathname;
}"""


def _kept(page: Page) -> dict[str, str]:
    page.wait_for_function(IS_READY, polling=500)
    pairs: list[list[str]] = page.evaluate(KEPT)
    return dict(pairs)


def test_nothing_of_a_persons_pages_is_kept_and_offline_says_so(
    open_context: Open, browser: Browser, alice: User, opened: OpenedVault
) -> None:
    page = open_context(browser, alice, opened, service_workers="allow").new_page()
    for path in ("/today/", "/capture/", "/journal/", "/you/"):
        page.goto(path)
    kept = _kept(page)
    assert set(kept) == {"/offline/"}
    assert "csrf-token" not in kept["/offline/"]
    assert "Sign in" in kept["/offline/"]
    page.context.set_offline(True)
    page.goto("/journal/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()


def test_the_manifest_names_icons_that_exist(open_context: Open, browser: Browser, transactional_db: None) -> None:
    page = open_context(browser, None, service_workers="allow").new_page()
    page.goto("/")
    manifest: dict[str, Any] = page.request.get("/manifest.webmanifest").json()
    assert (manifest["start_url"], manifest["display"]) == ("/today/", "standalone")
    for icon in manifest["icons"]:
        answer = page.request.get(icon["src"])
        assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
        width, height = (int.from_bytes(answer.body()[start : start + 4]) for start in (16, 20))
        assert f"{width}x{height}" == icon["sizes"]
    assert page.wait_for_function(IS_READY, polling=500).json_value() == "/"
