"""A real gunicorn with the site's own worker: whoever dawdles occupies nobody but themselves."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import free_port
from wellbeing.web_buffers import MAX_HEAD_BYTES, MAX_REQUEST_BYTES, Incoming

ROOT = Path(__file__).parent.parent.parent
_HEAD = b"POST /a HTTP/1.1\r\nHost: x\r\n"
#: Far above what is measured, so that a busy machine is no failure, and far below what one waiting thread costs.
_SOON = 5.0


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    number = free_port()
    command = [
        "-m", "gunicorn", "--config", "python:tests.wellbeing.impatient_web", "--bind", f"127.0.0.1:{number}",
        "tests.wellbeing.impatient_web",
    ]  # fmt: skip
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT)
    try:
        _wait_for(number)
        yield number
    finally:
        process.terminate()
        assert process.wait(30) == 0


def _wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError


def _send(port: int, data: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(data)
    return connection


def _answer_to(port: int, data: bytes) -> bytes:
    """All of it, until the site ends the connection."""
    with _send(port, data) as connection:
        return _read_all(connection)


def _read_until(connection: socket.socket, end: bytes) -> bool:
    got = b""
    while not got.endswith(end) and (part := connection.recv(1000)):
        got += part
    return got.endswith(end)


def _read_all(connection: socket.socket) -> bytes:
    parts = []
    try:
        while part := connection.recv(1 << 16):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def _ask(port: int, path: str, body: bytes | None = None) -> tuple[int, bytes, float]:
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST" if body else "GET", path, body)
    answer = connection.getresponse()
    told = (answer.status, answer.read(), time.monotonic() - began)
    connection.close()
    return told


@pytest.mark.parametrize("length", [1, 100, 200_000, 5_000_000])
def test_body_of_any_length_arrives_whole(port: int, length: int) -> None:
    assert _ask(port, "/a", b"a" * length)[:2] == (200, f"POST /a {length}".encode())


def test_files_and_memory_are_sent_whole(port: int) -> None:
    assert _ask(port, "/file")[1] == Path(__file__).with_name("impatient_web.py").read_bytes()
    assert _ask(port, "/memory")[1] == b"GET /memory 0"


def test_connection_is_used_again(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for path in ("/1", "/2", "/3"):
        connection.request("GET", path)
        assert connection.getresponse().read() == f"GET {path} 0".encode()
    connection.close()


def test_request_that_comes_before_its_turn_waits_for_its_rest(port: int) -> None:
    with _send(port, b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTT") as connection:
        assert _read_until(connection, b"GET /1 0")
        connection.sendall(b"P/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert _read_all(connection).endswith(b"GET /2 0")


def test_body_in_chunks_is_waited_for(port: int) -> None:
    head = _HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    with _send(port, head + b"5\r\nhello\r\n") as connection:
        time.sleep(0.1)
        connection.sendall(b"0\r\n\r\n")
        assert _read_all(connection).endswith(b"POST /a 5")


def test_client_that_waits_to_be_told_to_go_on_is_told(port: int) -> None:
    with _send(port, _HEAD + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n") as connection:
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"ab")
        assert _read_all(connection).endswith(b"POST /a 2")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (_HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", 400),
        (_HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (_HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
        (_HEAD + b"Content-Length: +5\r\n\r\nabcde", 400),
        (_HEAD + b"Content-Length : 5\r\n\r\nabcde", 400),
        (b"GET /a HTTP/1.1\nHost: x\n\n", 400),
        (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab\r\n0\r\n\r\n", 400),
        (_HEAD + b"Content-Length: %d\r\n\r\na" % MAX_REQUEST_BYTES, 413),
        (b"GET /a HTTP/1.1\r\nX: " + b"a" * (MAX_HEAD_BYTES + 1), 431),
        (_HEAD + b"X-a: ", 408),
        (_HEAD + b"Content-Length: 1000\r\n\r\na=", 408),
        (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel", 408),
    ],
)
def test_what_is_wrong_or_never_ends_is_refused(port: int, request_: bytes, status: int) -> None:
    began = time.monotonic()
    assert int(_answer_to(port, request_).split()[1]) == status
    assert time.monotonic() - began < 10


def test_connection_without_a_word_is_closed_without_one(port: int) -> None:
    assert _answer_to(port, b"") == b""


def test_a_byte_now_and_then_buys_no_time(port: int) -> None:
    with _send(port, _HEAD) as connection:
        began = time.monotonic()
        try:
            while time.monotonic() - began < 20:
                connection.sendall(b"a")
                time.sleep(0.3)
        except OSError:
            pass
        assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    "unfinished",
    [b"", _HEAD + b"X-a: ", _HEAD + b"Content-Length: 1000\r\n\r\na=", b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"],
)
def test_nobody_waits_for_those_who_dawdle(port: int, unfinished: bytes) -> None:
    """Ten times as many as there are threads."""
    held = [_send(port, unfinished) for _ in range(20)]
    assert _ask(port, "/a")[0] == 200
    assert _ask(port, "/a")[2] < _SOON
    for connection in held:
        connection.close()


def test_in_a_full_house_whoever_dawdles_longest_gives_way(port: int) -> None:
    held = [_send(port, _HEAD) for _ in range(200)]
    assert _ask(port, "/a")[0] == 200
    assert held[0].recv(100).split()[1] in {b"503", b"408"}
    for connection in held:
        connection.close()


def test_large_answer_reaches_a_slow_reader(port: int) -> None:
    with _send(port, b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") as connection:
        time.sleep(0.5)
        assert len(_read_all(connection).partition(b"\r\n\r\n")[2]) == 12_000_000


def test_who_takes_nothing_of_an_answer_is_left(port: int) -> None:
    with _send(port, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n") as connection:
        time.sleep(4)
        assert len(_read_all(connection)) < 12_000_000


@pytest.mark.parametrize("pieces", [1, 2, 3, 7, 64])
def test_request_is_whole_in_whatever_pieces_it_comes(pieces: int) -> None:
    data, incoming = _HEAD + b"content-LENGTH: 4\r\n\r\nabcd", Incoming()
    for start in range(0, len(data), pieces):
        assert not incoming.is_whole
        incoming.add(data[start : start + pieces])
    assert incoming.is_whole


def test_site_is_served_by_this_worker() -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WELLBEING_")}
    code = "import wellbeing.gunicorn as g; print(g.worker_class, g.worker_connections)"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=kept, capture_output=True, text=True, check=True)
    assert shown.stdout == "wellbeing.web_worker.WholeRequestWorker 500\n"
