"""People for tests and benchmarks of a running site: with a vault, their consent and signed in."""

import json
import time
import urllib.request
import uuid
from functools import cache
from typing import Any, Protocol

from research.load.load import headers_of
from tests.faces import smile, to_jpeg
from tests.site import Site

PASSPHRASE = "quilted otter drums vivid canyon"

_MAKE = """
import json
from emotion.consent_text import CONSENT_TEXT
from emotion.services.consents import give_consent
from vault.services.lifecycle import create_vault
from accounts.models import User
from research.load.people import sign_in
made = []
for number in range({count}):
    user = User.objects.create_user("person-%d-{tag}@example.org" % number, "correct horse battery")
    create_vault(user=user, passphrase={passphrase!r})
    give_consent(user=user, text_version=CONSENT_TEXT.version)
    made.append(sign_in(user, user.vault))
print(json.dumps(made))
"""


class Managed(Protocol):
    """A running site, however it was started."""

    def manage(self, *arguments: str) -> str: ...


def make_people(site: Managed, count: int = 1) -> list[str]:
    """The cookies of that many new people who agreed to snapshots, each in a browser of their own."""
    code = _MAKE.format(count=count, passphrase=PASSPHRASE, tag=uuid.uuid4().hex[:8])
    cookies: list[str] = json.loads(site.manage("shell", "--verbosity", "0", "-c", code).splitlines()[-1])
    return cookies


@cache
def _smile_jpeg() -> bytes:
    return to_jpeg(smile())


def post_capture(site: Site, cookies: str, jpeg: bytes | None = None) -> str:
    """Post one snapshot and return its id."""
    capture_id = str(uuid.uuid4())
    _call(site, cookies, f"captures/?id={capture_id}&trigger=manual", jpeg or _smile_jpeg())
    return capture_id


def wait_for_captures(site: Site, cookies: str, seconds: float = 60) -> list[dict[str, Any]]:
    """The person's captures once none of them is on its way any more."""
    end = time.monotonic() + seconds
    while True:
        captures: list[dict[str, Any]] = _call(site, cookies, "captures/")
        if all(capture["state"] != "queued" for capture in captures):
            return captures
        if time.monotonic() > end:
            raise TimeoutError(f"{sum(capture['state'] == 'queued' for capture in captures)} captures still wait")
        time.sleep(0.2)


def _call(site: Site, cookies: str, path: str, body: bytes | None = None) -> Any:
    headers = headers_of(cookies) | {"Content-Type": "application/octet-stream"}
    request = urllib.request.Request(f"{site.url}/api/v1/{path}", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
