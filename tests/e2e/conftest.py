"""A real Chromium whose camera plays a smiling face, in front of the whole site."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.faces import smile, write_fake_camera
from tests.site import Site, running_site

_CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with running_site(WELLBEING_CAPTURES_PER_HOUR="1000") as running:
        yield running


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if _CHROMIUM is None:
        pytest.skip("No Chromium is installed here: apt-get install chromium")
    camera = write_fake_camera(tmp_path_factory.mktemp("camera") / "smile.mjpeg", smile())
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=arguments)
        yield chromium
        chromium.close()
