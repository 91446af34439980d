"""A real Chromium in front of the real site; its camera plays a face that never moves."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from redis import Redis

from accounts.models import User
from tests.conftest import sign_in
from tests.faces import smile, write_fake_camera
from tests.signed import agree
from tests.vaults import hold_open_in, know_in, make_vault
from vault.journal.entries import OpenedVault
from vault.selectors import has_vault

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

# A busy machine needs longer than Playwright's five seconds for a countdown and three stills.
expect.set_options(timeout=15_000)

#: Keeps every camera track the page ever gets, so that a test can ask whether it has ended, and what was in each form
#: it sent: [id, trigger, sizes of the frames]. The browser shows a test no body that holds files.
WATCH = """
window.sent = [];
const send = window.fetch.bind(window);
window.fetch = (address, options) => {
  const form = options?.body;
  if (form instanceof FormData) {
    window.sent.push([form.get("id"), form.get("trigger"), form.getAll("frames").map((frame) => frame.size)]);
  }
  return send(address, options);
};
window.tracks = [];
if (navigator.mediaDevices) {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await open(wish);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
}
"""

Open = Callable[..., BrowserContext]


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    # Playwright keeps an event loop in this thread; Django then refuses the ORM unless told that nothing is shared.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as running:
        yield running
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _launch(playwright: Playwright, *flags: str) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags])


@pytest.fixture(scope="package")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """With a camera."""
    film = write_fake_camera(Path(tmp_path_factory.mktemp("camera")) / "face.mjpeg", smile())
    browser = _launch(playwright, "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}")
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def blind_browser(playwright: Playwright) -> Iterator[Browser]:
    """Without any camera."""
    browser = _launch(playwright)
    yield browser
    browser.close()


@pytest.fixture
def opened(transactional_db: None, alice: User, valkey: Redis) -> OpenedVault:
    """Alice has a vault and has agreed to snapshots."""
    opened = make_vault(alice)
    agree(alice)
    return opened


@pytest.fixture
def open_context(live_server: Any, settings: Any) -> Iterator[Open]:
    """`open_context(browser, user, opened=None, **options)`: a browser that is signed in as `user`."""
    settings.PUBLIC_URL = live_server.url
    contexts: list[BrowserContext] = []

    def open_(browser: Browser, user: User | None, opened: OpenedVault | None = None, **options: Any) -> BrowserContext:
        # Requests that pass a service worker do not know that the test took the network away.
        usual = {"permissions": ["camera"], "service_workers": "block"}
        context = browser.new_context(base_url=live_server.url, **(usual | options))
        contexts.append(context)
        context.set_default_timeout(15_000)
        context.add_init_script(WATCH)
        if user is not None:
            context.add_cookies(cookies_of(live_server.url, user, opened))  # type: ignore[arg-type]
        return context

    yield open_
    for context in contexts:
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")
        context.close()


@pytest.fixture
def page(open_context: Open, browser: Browser, alice: User, opened: OpenedVault) -> Page:
    """The snapshot page, Alice's camera allowed."""
    page = open_context(browser, alice).new_page()
    page.goto("/capture/")
    return page


def cookies_of(url: str, user: User, opened: OpenedVault | None) -> list[dict[str, str]]:
    """A browser that holds them is signed in as `user`, with that vault open; their own was opened in it before."""
    client = Client()
    sign_in(client, user)
    if has_vault(user):
        know_in(client, user)
    if opened is not None:
        hold_open_in(client, user, opened)
    names = (settings.SESSION_COOKIE_NAME, settings.VAULT_COOKIE_NAME, settings.OPENED_COOKIE_NAME)
    return [{"name": name, "value": client.cookies[name].value, "url": url} for name in names if name in client.cookies]
