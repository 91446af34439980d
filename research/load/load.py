"""Sends captures over HTTP as browsers do, with little processor time: one socket per client."""

import itertools
import socket
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

#: As on the page: a frame is sent again, with the same id, until this many seconds after it was taken.
PATIENCE_SECONDS: Final = 60.0
_AGAIN: Final = frozenset({0, 429, 500, 502, 503, 504})
#: Django takes the CSRF cookie's own value for a token; any 32 letters do, when cookie and header agree.
_CSRF: Final = "c" * 32
_BOUNDARY: Final = "----WebKitFormBoundary7MA4YWxkTrZu0gW0"


def headers_of(cookies: str) -> dict[str, str]:
    """What the page of a browser with these cookies sends beside the body of a request."""
    return {"Cookie": f"{cookies}; csrf={_CSRF}", "X-CSRFToken": _CSRF}


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is 0 without an answer."""

    status: int
    retry_after: float = 0.5


class Connection:
    """One keep-alive connection to the site."""

    def __init__(self, url: str, timeout: float = 30) -> None:
        parts = urlsplit(url)
        self._host = parts.netloc
        self._address, self._timeout = (parts.hostname or "127.0.0.1", parts.port or 80), timeout
        self._socket: socket.socket | None = None

    def post(self, cookies: str, capture_id: uuid.UUID, frames: Sequence[bytes]) -> Answer:
        """One frame as the body itself, several as a form, as the page sends its bursts."""
        if len(frames) == 1:
            query, kind, body = f"?id={capture_id}&trigger=manual", "application/octet-stream", frames[0]
        else:
            query, kind, body = "", f"multipart/form-data; boundary={_BOUNDARY}", _to_form(capture_id, frames)
        headers = headers_of(cookies) | {"Content-Type": kind, "Content-Length": str(len(body))}
        head = f"POST /api/v1/captures/{query} HTTP/1.1\r\nHost: {self._host}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        try:
            return self._exchange(head.encode() + body)
        except OSError:
            self.close()
            return Answer(0)

    def close(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None

    def _exchange(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, body = received.partition(b"\r\n\r\n")
        status, *lines = head.decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        left = int(headers.get("content-length", 0)) - len(body)
        while left > 0:
            left -= len(self._receive())
        if headers.get("connection") == "close":
            self.close()
        return Answer(int(status.split()[1]), float(headers.get("retry-after", 0.5)))

    def _receive(self) -> bytes:
        received = self._socket.recv(65536) if self._socket else b""
        if not received:
            raise ConnectionResetError
        return received


@dataclass(slots=True)
class Sent:
    """The answers. `accepted`: capture id to employee; `dropped`: captures that were given up."""

    accepted: dict[uuid.UUID, int] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    dropped: int = 0

    def add(self, other: "Sent") -> None:
        self.accepted |= other.accepted
        self.answers += other.answers
        self.dropped += other.dropped


class Load:
    """Posts captures for employees in turn, one burst of frames each, at most `rate` per second over all clients.

    With `patient`, a capture without an answer or with a temporary refusal is sent again with the same id, as the page
    does.
    """

    def __init__(
        self,
        url: str,
        cookies: Sequence[str],
        bursts: Sequence[Sequence[bytes]],
        rate: float | None,
        *,
        patient: bool = False,
    ) -> None:
        self._url, self._cookies, self._patient = url, cookies, patient
        self._turns: Iterator[tuple[int, Sequence[bytes]]] = zip(
            itertools.cycle(range(len(cookies))), itertools.cycle(bursts), strict=False
        )
        self._gap, self._next, self._lock = (1 / rate if rate else 0.0), time.monotonic(), threading.Lock()
        self.sent = Sent()

    def post_all(self, captures: int, clients: int) -> Sent:
        shares = [captures // clients + (client < captures % clients) for client in range(clients)]
        self._next = time.monotonic()
        with ThreadPoolExecutor(clients) as pool:
            for done in [pool.submit(self._post_share, share) for share in shares]:
                done.result()
        return self.sent

    def _post_share(self, share: int) -> None:
        connection = Connection(self._url)
        for _ in range(share):
            employee, frames = self._take_turn()
            capture_id = uuid.uuid4()
            answer = self._post(connection, employee, capture_id, frames)
            with self._lock:
                self.sent.answers[answer.status] += 1
                if answer.status in {200, 202}:
                    self.sent.accepted[capture_id] = employee
                elif self._patient and answer.status in _AGAIN:
                    self.sent.dropped += 1
        connection.close()

    def _post(self, connection: Connection, employee: int, capture_id: uuid.UUID, frames: Sequence[bytes]) -> Answer:
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = connection.post(self._cookies[employee], capture_id, frames)
            if not self._patient or answer.status not in _AGAIN or time.monotonic() > end:
                return answer
            time.sleep(min(answer.retry_after, 1.0))

    def _take_turn(self) -> tuple[int, Sequence[bytes]]:
        with self._lock:
            now = time.monotonic()
            self._next = max(self._next, now) + self._gap
            wait, turn = self._next - self._gap - now, next(self._turns)
        time.sleep(max(0.0, wait))
        return turn


def _to_form(capture_id: uuid.UUID, frames: Sequence[bytes]) -> bytes:
    """The bytes that a browser sends for `toForm` of `static/js/capture/upload.js`."""
    fields = {"id": str(capture_id), "trigger": "manual"}
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts += [b'name="frames"; filename="frame.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' + frame for frame in frames]
    start = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
    return b"".join(start + part + b"\r\n" for part in parts) + f"--{_BOUNDARY}--\r\n".encode()
