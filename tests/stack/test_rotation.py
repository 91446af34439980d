"""Every key of the server exchanged twice while people send snapshots and read pages: nobody notices."""

import json
import threading
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from research.load.site_processes import Stack
from tests.faces import smile, to_jpeg
from tests.people import PASSPHRASE, make_people
from tests.stack.test_pipeline import post, wait_until_none_is_queued
from vault.crypto.server_keys import key_path

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

ROTATIONS = 2

_READ = f"""
import json
from vault.journal.kinds import Reading
from vault.journal.reading import read_journal
from vault.services.lifecycle import open_vault
from accounts.models import User
journal = read_journal(open_vault(user=User.objects.get(), passphrase={PASSPHRASE!r}))
print(json.dumps([[str(entry.data.capture) for entry in journal.of(Reading)], bool(journal.damage)]))
"""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with Stack(tmp_path, {"WELLBEING_CAPTURES_PER_HOUR": "100000"}) as stack:
        yield stack


def shell(stack: Stack, code: str) -> str:
    return stack.manage("shell", "--verbosity", "0", "-c", code).splitlines()[-1]


def read_page(stack: Stack, cookies: str) -> int:
    """200 for the signed-in page; 302 would be the way to sign in again."""
    request = urllib.request.Request(f"{stack.url}/you/", headers={"Cookie": cookies})
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def repeat(stop: threading.Event, act: Callable[[], int]) -> Counter[int]:
    answers: Counter[int] = Counter()
    while not stop.is_set():
        answers[act()] += 1
        stop.wait(0.05)
    return answers


def test_nobody_notices_that_keys_are_exchanged(stack: Stack) -> None:
    [cookies] = make_people(stack)
    face, sent, stop = to_jpeg(smile()), list[uuid.UUID](), threading.Event()

    def send() -> int:
        sent.append(uuid.uuid4())
        return post(stack, cookies, sent[-1], face)[0]

    with ThreadPoolExecutor(3) as pool:
        posts = pool.submit(repeat, stop, send)
        pages = [pool.submit(repeat, stop, lambda: read_page(stack, cookies)) for _ in range(2)]
        said = [stack.manage("rotate_keys", "--wait", "1") for _ in range(ROTATIONS)]
        stop.set()
    assert all(line.count("a new key is in use") == 5 for line in said)
    assert set(posts.result()) == {202}
    assert [set(page.result()) for page in pages] == [{200}, {200}]
    assert len(sent) > 10
    wait_until_none_is_queued(stack, 60)
    captures, is_damaged = json.loads(shell(stack, _READ))
    assert (set(captures), is_damaged) == ({str(capture_id) for capture_id in sent}, False)
    for name in ("signing", "frames", "binding", "accounts"):
        lines = key_path(stack.data_dir / "keys", name).read_text().splitlines()
        assert [("retired" in line) for line in lines] == [False] + [True] * ROTATIONS
