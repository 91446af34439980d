"""What has come of a request, and what is still to go of an answer, while no thread waits for the client."""

import os
import re
import socket
from collections import deque
from dataclasses import dataclass, field
from typing import BinaryIO, Final

MAX_HEAD_BYTES: Final = 64 * 1024
#: An import reads past what is too large for it up to here, to say so on its page.
MAX_REQUEST_BYTES: Final = 65 * 1024 * 1024
READ_BYTES: Final = 64 * 1024

_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_LENGTH: Final = re.compile(rb"\ncontent-length[ \t]*:[ \t]*(\d{1,12})[ \t]*\r?\n", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_LAST_CHUNK: Final = re.compile(rb"(?:^|\n)0+(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n$")
_EXPECT: Final = re.compile(rb"\nexpect[ \t]*:[ \t]*100-continue", re.IGNORECASE)


@dataclass(slots=True)
class Incoming:
    """`head_end` is where the body begins, None while the head is not whole; `length` that of the body, None for one
    in chunks.
    """

    data: bytearray = field(default_factory=bytearray)
    head_end: int | None = None
    length: int | None = 0

    def add(self, received: bytes) -> None:
        searched = max(0, len(self.data) - 3)
        self.data += received
        if self.head_end is None and (end := _HEAD_END.search(self.data, searched)):
            self.head_end = end.end()
            head = bytes(self.data[: self.head_end])
            lengths = _LENGTH.findall(head)
            self.length = None if _CHUNKED.search(head) else int(lengths[0]) if len(lengths) == 1 else 0

    @property
    def is_whole(self) -> bool:
        if self.head_end is None:
            return False
        if self.length is None:
            return bool(_LAST_CHUNK.search(self.data, max(self.head_end - 1, len(self.data) - READ_BYTES)))
        return len(self.data) >= self.head_end + self.length

    @property
    def is_too_large(self) -> bool:
        if self.head_end is None:
            return len(self.data) > MAX_HEAD_BYTES
        return max(len(self.data), self.head_end + (self.length or 0)) > MAX_REQUEST_BYTES

    @property
    def expects_word(self) -> bool:
        """Whether the client sends no body before it is told to go on."""
        return self.head_end is not None and bool(_EXPECT.search(self.data, 0, self.head_end))


class Outgoing:
    """For gunicorn the socket of an answer: it takes everything at once, and keeps what the client does not yet.

    A file is kept by its descriptor. Once the client is gone, nothing is kept.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sent = 0
        self._rest: deque[memoryview | tuple[int, int, int]] = deque()

    @property
    def kept(self) -> int:
        """Bytes of memory."""
        return sum(len(part) for part in self._rest if isinstance(part, memoryview))

    def sendall(self, data: bytes) -> None:
        self._rest.append(memoryview(bytes(data)))
        self.flush()

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def sendfile(self, file: BinaryIO, offset: int = 0, count: int = 0) -> None:
        self._rest.append((os.dup(file.fileno()), offset, count))
        self.flush()

    def flush(self) -> bool:
        """Send what the client takes now; whether that was all. Raises OSError when it is gone."""
        while self._rest:
            try:
                self._send(self._rest.popleft())
            except (BlockingIOError, InterruptedError):
                return False
        return True

    def drop(self) -> None:
        while self._rest:
            part = self._rest.popleft()
            if isinstance(part, tuple):
                os.close(part[0])

    def _send(self, part: memoryview | tuple[int, int, int]) -> None:
        """A part, or its beginning; the rest goes back to where it was."""
        rest: memoryview | tuple[int, int, int] = part
        try:
            if isinstance(part, memoryview):
                taken = self.sock.send(part)
                rest = part[taken:]
            else:
                file, offset, count = part
                taken = os.sendfile(self.sock.fileno(), file, offset, count)
                rest = (file, offset + taken, count - taken if taken else 0)
            self.sent += taken
        finally:
            self._put_back(rest)

    def _put_back(self, rest: memoryview | tuple[int, int, int]) -> None:
        if isinstance(rest, memoryview):
            if len(rest):
                self._rest.appendleft(rest)
        elif rest[2]:
            self._rest.appendleft(rest)
        else:
            os.close(rest[0])

    def setblocking(self, flag: bool) -> None:
        """It never blocks."""

    def settimeout(self, value: float | None) -> None:
        """It never waits."""

    def gettimeout(self) -> float:
        return 0.0

    def shutdown(self, how: int) -> None:
        """Gunicorn's way to end an answer that broke off; the loop ends it."""
        raise OSError

    def close(self) -> None:
        """See `shutdown`."""
