"""`python -m tests.e2e.pictures DIR`: pages of a person with three made-up weeks, wide and narrow, light and dark.

`docs/images/today.png` is the one called `first-screen-wide-light.png`.
"""

import argparse
import re
import shutil
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.faces import smile, write_fake_camera
from tests.people import PASSPHRASE
from tests.site import Site, running_site

PASSWORD = "correct horse battery"
EMAIL = "robin@example.org"
PAGES = {
    "today": "/today/",
    "choose": "/activities/",
    "journal": "/journal/",
    "year": "/journal/year/",
    "capture": "/capture/",
    "you": "/you/",
    "vault": "/vault/",
    "data": "/you/data/",
    "privacy": "/privacy/",
    "support": "/support/",
}
SIZES = {"wide": (1280, 1000), "narrow": (390, 844)}

_LIVE = """
import random
from datetime import datetime, timedelta
from uuid import uuid4
from django.utils import timezone
from emotion.consent_text import CONSENT_TEXT
from vault.journal.compaction import add_entries
from vault.journal.contents import JournalEntry
from vault.journal.kinds import CheckIn, Reading, Taste
from emotion.labels import READING
from emotion.services.consents import give_consent
from vault.services.lifecycle import create_vault
from accounts.models import User
rng, now, made = random.Random(4), timezone.now(), []
user = User.objects.create_user({email!r}, {password!r})
opened, _ = create_vault(user=user, passphrase={passphrase!r})
give_consent(user=user, text_version=CONSENT_TEXT.version)
for day in range(21):
    noon = (now - timedelta(days=day)).replace(hour=12, minute=0)
    for hours in (-3, -2, -1, 0, 1, 2, 3, 4) if noon.weekday() < 5 else ():
        p = [0.02, 0.01, 0.02, 0.10, 0.72, 0.08, 0.05]
        leaning = rng.choice([3, 3, 4, 4, 4, 5, 6] if day > 5 else [4, 4, 5, 5, 0, 3])
        p[leaning] += 1.5
        p = tuple(round(x / sum(p), 5) for x in p)
        look = Reading(capture=uuid4(), outcome=READING, p=p, quality=0.85, model="pictures")
        at = noon + timedelta(hours=hours, minutes=rng.randrange(50))
        if at < now:
            made.append(JournalEntry(uuid4(), at, look))
    if noon + timedelta(hours=2) < now and noon.weekday() < 5:
        pleasant = round(rng.uniform(0.1, 0.7) if day > 5 else rng.uniform(-0.4, 0.2), 2)
        said = CheckIn(pleasantness=pleasant, energy=round(rng.uniform(-0.4, 0.4), 2), words=(), note="")
        made.append(JournalEntry(uuid4(), noon + timedelta(hours=2), said))
taste = Taste(likes=("movement", "rest"), minutes=15, company="either")
made.append(JournalEntry(uuid4(), now - timedelta(days=20), taste))
add_entries(opened, made)
"""


def prepare(site: Site) -> None:
    site.manage("shell", "--verbosity", "0", "-c", _LIVE.format(email=EMAIL, password=PASSWORD, passphrase=PASSPHRASE))


def take_pictures(browser: Browser, site: Site, folder: Path) -> None:
    for size, (width, height) in SIZES.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(
                base_url=site.url, viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            page.goto("/accounts/login/")
            page.locator("input[name=email], input[name=login]").fill(EMAIL)
            page.locator("input[name=password]").fill(PASSWORD)
            page.get_by_role("button", name="Sign in", exact=True).click()
            expect(page).to_have_url(re.compile("/today/$"))
            page.goto("/vault/open/")
            page.locator("main input[type=password]").fill(PASSPHRASE)
            page.locator("main button[type=submit]").first.click()
            for name, address in PAGES.items():
                page.goto(address)
                page.wait_for_timeout(500)
                page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
                if name == "today":
                    page.screenshot(path=folder / f"first-screen-{size}-{scheme}.png")
            context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with running_site() as site, sync_playwright() as playwright:
        prepare(site)
        camera = write_fake_camera(folder / "smile.mjpeg", smile())
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                "--no-sandbox",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={camera}",
            ],
        )
        take_pictures(chromium, site, folder)
        chromium.close()


if __name__ == "__main__":
    main()
