"""What others wait while somebody occupies the site, as JSON: `python research/benchmarks/crowd.py`.

Starts a site of its own. `heads`, `bodies`, `readers`: 200 connections that send half a head, half a body, or read
nothing of what they asked for. `drafts`: 48 vaults begun at the same moment by 12 people. Meanwhile /healthz, the
landing page and the sign-in page are asked for again and again; the longest wait for each is told, in seconds of the
clock, and beside it what it is while nothing else happens. `cut_off`: after how many seconds an unfinished connection
is ended.
"""

import http.client
import json
import re
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[2]))

from research.load.site_processes import Stack

PAGES = ("/healthz", "/", "/accounts/login/")
CONNECTIONS, PEOPLE, DRAFTS_EACH = 200, 12, 4
_PASSWORD, _PASSPHRASE = "correct horse battery", "quilted otter drums vivid canyon"
_UNFINISHED = {
    "heads": b"POST /today/ HTTP/1.1\r\nHost: localhost\r\nX-a: ",
    "bodies": b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nCookie: csrf=x\r\nContent-Length: 1000\r\n\r\na=",
    "readers": b"GET /static/staticfiles.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 40,
}


class Person:
    """A browser's cookies and forms, no more."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, dict[str, str]()

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Origin": f"http://localhost:{self.port}", "Host": f"localhost:{self.port}"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if form is None else "POST", path, None if form is None else urlencode(form), headers)
        answer = connection.getresponse()
        for line in answer.msg.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def send(self, path: str, form: dict[str, str]) -> int:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.ask(path)[1])
        return self.ask(path, form | {"csrfmiddlewaretoken": token[1] if token else ""})[0]


def watch(port: int, until: Callable[[], bool]) -> dict[str, float]:
    """The longest wait for each page."""
    longest = dict.fromkeys(PAGES, 0.0)
    while not until():
        for page in PAGES:
            began = time.monotonic()
            Person(port).ask(page)
            longest[page] = max(longest[page], round(time.monotonic() - began, 3))
        time.sleep(0.02)
    return longest


def for_seconds(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def measure_unfinished(port: int, sent: bytes) -> dict[str, Any]:
    held = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    began = time.monotonic()
    for connection in held:
        connection.sendall(sent)
    figures: dict[str, Any] = watch(port, for_seconds(9))
    held[0].settimeout(60)
    while held[0].recv(1 << 16):
        pass
    figures["cut_off"] = round(time.monotonic() - began, 1)
    for connection in held:
        connection.close()
    return figures


def measure_drafts(port: int) -> dict[str, Any]:
    people = [Person(port) for _ in range(PEOPLE)]
    for number, person in enumerate(people):
        form = {"email": f"p{number}@example.org", "password1": _PASSWORD, "password2": _PASSWORD}
        assert person.send("/accounts/signup/", form) == 302
    statuses = Counter[int]()
    form = {"new_passphrase": _PASSPHRASE, "again": _PASSPHRASE}
    threads = [
        threading.Thread(target=lambda person=person: statuses.update([person.send("/vault/new/", form)]))
        for person in people
        for _ in range(DRAFTS_EACH)
    ]
    for thread in threads:
        thread.start()
    figures: dict[str, Any] = watch(port, lambda: not any(thread.is_alive() for thread in threads))
    return figures | {"answers": dict(statuses)}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="wellbeing-crowd-") as folder:
        stack = Stack(Path(folder))
        try:
            stack.manage("setup")
            stack.start("valkey", "web")
            port = int(stack.url.rpartition(":")[2])
            end = time.monotonic() + 60
            while time.monotonic() < end and socket.socket().connect_ex(("127.0.0.1", port)):
                time.sleep(0.2)
            watch(port, for_seconds(3))
            figures: dict[str, Any] = {"alone": watch(port, for_seconds(5))}
            figures |= {name: measure_unfinished(port, sent) for name, sent in _UNFINISHED.items()}
            figures["drafts"] = measure_drafts(port)
        finally:
            stack.stop()
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
