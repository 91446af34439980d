"""Gunicorn's worker of threads, in which no thread waits for a client.

A request is received by the one loop that watches all connections, and a thread takes it once it is whole; what a
client does not take of the answer the loop sends too. Whoever sends half a request, or reads half an answer, occupies
a place in that loop for some seconds, and nobody else notices. Parsing stays gunicorn's: what is looked at here only
says how much there is to wait for, and a parser that wants more finds the end instead.
"""

import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any, Final

from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import TConn, ThreadWorker

from wellbeing.web_buffers import READ_BYTES, Incoming, Outgoing

#: How long a request may take to come and an answer to go, and how many bytes of it buy another second.
PATIENCE_SECONDS: Final = 10.0
BYTES_A_SECOND: Final = 10_000
#: All that waits in one process together; beyond it the largest ends.
MAX_KEPT_BYTES: Final = 128 * 1024 * 1024
_LINGER_SECONDS: Final = 2.0
_STOP_SECONDS: Final = 2.0


@dataclass(slots=True)
class _Waiting:
    """A connection that the loop watches, until nothing has moved for its patience, or too little since it began."""

    began: float
    patience: float
    last_moved: float
    incoming: Incoming | None = None
    outgoing: Outgoing | None = None
    answered: "Future[Any] | None" = None

    @property
    def deadline(self) -> float:
        moved = len(self.incoming.data) if self.incoming else self.outgoing.sent if self.outgoing else 0
        return self.patience + min(self.last_moved, self.began + moved / BYTES_A_SECOND)

    @property
    def kept(self) -> int:
        return len(self.incoming.data) if self.incoming else self.outgoing.kept if self.outgoing else 0


class WholeRequestWorker(ThreadWorker):
    """Threads get requests that are whole, and leave answers to the loop."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._waiting: dict[TConn, _Waiting] = {}

    def enqueue_req(self, conn: TConn) -> None:
        """For gunicorn a request; here the beginning of one."""
        self._receive(conn)

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        outgoing, conn.sock = conn.sock, conn.sock.sock
        self._watch(conn, self._send, EVENT_WRITE, outgoing=outgoing, answered=fs)
        self._send(conn)

    def murder_pending(self) -> None:
        """Cut off whoever takes too long; when there is no more room, who has been waiting longest."""
        now = time.monotonic()
        limit = now if self.alive else now + PATIENCE_SECONDS - _STOP_SECONDS
        for conn, waiting in list(self._waiting.items()):
            if waiting.deadline <= (limit if waiting.incoming else now):
                self._give_up(conn, "408 Request Timeout")
        while self._waiting and self.nr_conns > 0.9 * self.worker_connections:
            self._give_up(next(iter(self._waiting)), "503 Service Unavailable")
        while sum(waiting.kept for waiting in self._waiting.values()) > MAX_KEPT_BYTES:
            largest = max(self._waiting, key=lambda conn: self._waiting[conn].kept)
            self._give_up(largest, "503 Service Unavailable")

    def _receive(self, conn: TConn, early: bytes = b"") -> None:
        self._watch(conn, self._read, incoming=Incoming())
        if early:
            self._take(conn, early)

    def _read(self, conn: TConn) -> None:
        received = _read_now(conn.sock)
        if received:
            self._take(conn, received)
        elif received is not None:
            self._close(conn)

    def _take(self, conn: TConn, received: bytes) -> None:
        waiting = self._waiting[conn]
        incoming, waiting.last_moved = waiting.incoming, time.monotonic()
        if incoming is None:
            return
        had_head = incoming.head_end is not None
        incoming.add(received)
        if incoming.is_too_large:
            self._give_up(conn, "413 Content Too Large" if incoming.head_end else "431 Request Header Fields Too Large")
        elif incoming.is_whole:
            self._hand_over(conn, bytes(incoming.data))
        elif not had_head and incoming.expects_word:
            _send_now(conn.sock, b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hand_over(self, conn: TConn, request: bytes) -> None:
        self._unwatch(conn)
        conn.parser = RequestParser(self.cfg, [request], conn.client)
        conn.initialized = conn.data_ready = True
        conn.sock = Outgoing(conn.sock)
        super().enqueue_req(conn)

    def _send(self, conn: TConn) -> None:
        waiting = self._waiting[conn]
        waiting.last_moved = time.monotonic()
        try:
            is_sent = waiting.outgoing is None or waiting.outgoing.flush()
        except OSError:
            self._close(conn)
            return
        if is_sent and waiting.answered is not None:
            self._unwatch(conn)
            self._go_on(conn, waiting.answered)

    def _go_on(self, conn: TConn, answered: "Future[Any]") -> None:
        """Whatever follows an answer: the next request, part of which may have come already, or the end."""
        if answered.cancelled() or answered.exception() or not answered.result():
            self._linger(conn)
        elif early := conn.parser.unreader.take_buffered():
            self._receive(conn, early)
        else:
            super().finish_request(conn, answered)

    def _give_up(self, conn: TConn, status: str) -> None:
        waiting = self._waiting[conn]
        if waiting.incoming is None or not waiting.incoming.data:
            self._close(conn)
            return
        _send_now(conn.sock, f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
        self._unwatch(conn)
        self._linger(conn)

    def _linger(self, conn: TConn) -> None:
        """Read past what still comes, so that the client sees the answer and no reset; gunicorn's loop would wait."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(conn)
        else:
            self._watch(conn, self._read_past, patience=_LINGER_SECONDS)

    def _read_past(self, conn: TConn) -> None:
        if _read_now(conn.sock) == b"":
            self._close(conn)

    def _watch(
        self,
        conn: TConn,
        go_on: "Callable[[TConn], None]",
        event: int = EVENT_READ,
        *,
        patience: float | None = None,
        **waiting: Any,
    ) -> None:
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, event, lambda _socket: go_on(conn))
        now = time.monotonic()
        self._waiting[conn] = _Waiting(now, PATIENCE_SECONDS if patience is None else patience, now, **waiting)

    def _unwatch(self, conn: TConn) -> _Waiting:
        self.poller.unregister(conn.sock)
        return self._waiting.pop(conn)

    def _close(self, conn: TConn) -> None:
        waiting = self._unwatch(conn)
        if waiting.outgoing is not None:
            waiting.outgoing.drop()
        self._end(conn)

    def _end(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()


def _read_now(sock: socket.socket) -> bytes | None:
    """What there is; empty at the end, None when there is nothing yet."""
    try:
        return sock.recv(READ_BYTES)
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return b""


def _send_now(sock: socket.socket, data: bytes) -> None:
    try:
        sock.send(data)
    except OSError:
        pass
