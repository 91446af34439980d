"""Chromium, Firefox and WebKit, each as Debian packages it and driven by the commands of WebDriver.

Chromium and WebKit take them over HTTP, from chromedriver and WebKitWebDriver; Firefox takes the same ones over its own
Marionette, which spares geckodriver. https://www.w3.org/TR/webdriver2/#endpoints
"""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from tests.site import free_port

Send = Callable[[str, dict[str, Any]], Any]

PATIENCE: Final = 30.0
#: No command waits for a page to load: with the server stopped, none ever does. Chromium runs no script meanwhile.
_WISH: Final = {"pageLoadStrategy": "none", "timeouts": {"script": 1000}}
_ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"
_PATHS: Final = {
    "Navigate": "/url",
    "ExecuteScript": "/execute/sync",
    "FindElement": "/element",
    "ElementClick": "/element/{id}/click",
    "ElementSendKeys": "/element/{id}/value",
    "DevTools": "/goog/cdp/execute",
}
_CHROMIUM: Final = {"goog:chromeOptions": {"args": ["--headless=new", "--no-sandbox", "--disable-gpu"]}}


class EngineError(Exception):
    """The browser refused a command, such as one to an element that has gone with its page."""


class Engine:
    """One window of a browser."""

    def __init__(self, name: str, send: Send) -> None:
        self._name, self._send = name, send

    def open(self, address: str) -> None:
        self.run("document.documentElement.dataset.left = 'yes'")
        self._send("Navigate", {"url": address})
        self.wait_for("!document.documentElement.dataset.left")

    def run(self, script: str) -> Any:
        """What the body of a function returns in the page. Raises EngineError."""
        return self._send("ExecuteScript", {"script": script, "args": []})

    def click(self, selector: str) -> None:
        self._send("ElementClick", {"id": self._find(selector)})

    def type(self, selector: str, text: str) -> None:
        self._send("ElementSendKeys", {"id": self._find(selector), "text": text})

    def stop(self) -> None:
        """What Esc does: give up the page that is on its way."""
        if self._name == "chromium":
            self._send("DevTools", {"cmd": "Page.stopLoading", "params": {}})
        else:
            self.run("window.stop()")

    def wait_for(self, condition: str) -> None:
        """Until the expression is true in the page, whichever page that is by then."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            # A page that has just gone answers nothing.
            with suppress(EngineError):
                if self.run(f"return document.readyState === 'complete' && Boolean({condition})"):
                    return
            time.sleep(0.05)
        raise AssertionError(f"{condition} never came: {self.run('return document.documentElement.outerHTML')}")

    def arrive(self, path: str) -> None:
        self.wait_for(f"location.pathname === {json.dumps(path)}")

    def _find(self, selector: str) -> str:
        self.wait_for(f"document.querySelector({json.dumps(selector)})")
        # Else the bar at the foot of a small window may lie over it.
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        found: dict[str, str] = self._send("FindElement", {"using": "css selector", "value": selector})
        return found[_ELEMENT]


@contextmanager
def open_engine(name: str, folder: Path) -> Iterator[Engine]:
    """`name` is chromium, firefox or webkit. Skips the test where that is not installed."""
    start = {"chromium": _start_chromium, "firefox": _start_firefox, "webkit": _start_webkit}[name]
    with ExitStack() as stack:
        yield Engine(name, start(stack, folder))


def _start_chromium(stack: ExitStack, folder: Path) -> Send:
    port = free_port()
    _spawn(stack, folder, "chromedriver", f"--port={port}", package="chromium-driver")
    return _over_http(stack, port, _CHROMIUM)


def _start_webkit(stack: ExitStack, folder: Path) -> Send:
    display, port = _start_display(stack, folder), free_port()
    _spawn(stack, folder, "WebKitWebDriver", f"--port={port}", package="webkit2gtk-driver", DISPLAY=display)
    return _over_http(stack, port, {})


def _start_display(stack: ExitStack, folder: Path) -> str:
    """WebKitGTK has no headless mode."""
    read, write = os.pipe()
    screen = ("-displayfd", str(write), "-screen", "0", "1280x1000x24")
    _spawn(stack, folder, "Xvfb", *screen, package="xvfb", keep=(write,))
    os.close(write)
    with open(read) as number:
        return f":{number.readline().strip()}"


def _start_firefox(stack: ExitStack, folder: Path) -> Send:
    port = free_port()
    (folder / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
    _spawn(stack, folder, "firefox-esr", "--headless", "--marionette", "--profile", str(folder), package="firefox-esr")
    return _over_marionette(stack, port)


def _spawn(
    stack: ExitStack, folder: Path, command: str, *arguments: str, package: str, keep: tuple[int, ...] = (), **more: str
) -> None:
    program = shutil.which(command)
    if program is None:
        pytest.skip(f"No {command} is installed here: apt-get install {package}")
    with (folder / f"{command}.log").open("wb") as log:
        process = subprocess.Popen(
            [program, *arguments], env=os.environ | {"HOME": str(folder)} | more, pass_fds=keep, stdout=log, stderr=log
        )
    stack.callback(process.wait, PATIENCE)
    stack.callback(process.terminate)


def _connect(port: int) -> socket.socket:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 2 * PATIENCE)
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _over_http(stack: ExitStack, port: int, wish: dict[str, Any]) -> Send:
    _connect(port).close()
    address, driver = f"http://127.0.0.1:{port}/session", stack.enter_context(requests.Session())

    def post(path: str, body: dict[str, Any]) -> Any:
        answer = driver.post(address + path, json=body, timeout=2 * PATIENCE)
        if not answer.ok:
            raise EngineError(answer.text)
        return answer.json()["value"]

    session = post("", {"capabilities": {"alwaysMatch": _WISH | wish}})["sessionId"]
    stack.callback(driver.delete, f"{address}/{session}", timeout=PATIENCE)
    return lambda command, body: post(f"/{session}{_PATHS[command].format_map(body)}", body)


def _over_marionette(stack: ExitStack, port: int) -> Send:
    """Each message is its length, a colon and JSON: [0, id, command, parameters], answered by [1, id, error, result].

    https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
    """
    stream = stack.enter_context(stack.enter_context(_connect(port)).makefile("rwb"))

    def read() -> Any:
        length = b""
        while (digit := stream.read(1)) != b":":
            length += digit
        return json.loads(stream.read(int(length)))

    def send(command: str, body: dict[str, Any]) -> Any:
        message = json.dumps([0, 1, f"WebDriver:{command}", body]).encode()
        stream.write(b"%d:%s" % (len(message), message))
        stream.flush()
        _, _, error, result = read()
        if error:
            raise EngineError(error["message"])
        return result.get("value")

    read()
    send("NewSession", _WISH)
    return send
