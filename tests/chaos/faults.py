"""Points at which a process kills itself, put around the real services from outside: the product has no such hook.

A point kills as often as there are tokens for it: files in a folder, each taken by one kill. The classifier is a stub
that sleeps and obeys orders written into a frame's comment.
"""

import itertools
import os
import random
import resource
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

WEB_POINTS: Final = (
    "frames stored, no row yet",
    "row inserted, not committed",
    "row committed, no bell yet",
    "bell rung, no answer yet",
)
WORKER_POINTS: Final = (
    "message taken",
    "in the claim, not committed",
    "claim committed",
    "frames open",
    "entries written, not committed",
    "entries committed, frames not removed",
    "frames removed, message not acknowledged",
)
#: What a frame's comment may order.
KILL, HANG, MEMORY = b"chaos:kill", b"chaos:hang", b"chaos:memory"

_number = itertools.count()


def tokens_of(folder: Path, point: str) -> Path:
    return folder / point.replace(" ", "-").replace(",", "")


def add_tokens(folder: Path, point: str, count: int) -> None:
    place = tokens_of(folder, point)
    place.mkdir(parents=True, exist_ok=True)
    for _ in range(count):
        (place / f"{os.getpid()}-{next(_number)}").touch()


def count_tokens(folder: Path, point: str) -> int:
    place = tokens_of(folder, point)
    return len(list(place.iterdir())) if place.is_dir() else 0


def die_at(point: str) -> None:
    """SIGKILL to this process if there is a token for the point."""
    place = tokens_of(Path(os.environ["WELLBEING_CHAOS_TOKENS"]), point)
    for token in place.iterdir() if place.is_dir() else ():
        try:
            token.unlink()
        except FileNotFoundError:
            continue
        os.kill(os.getpid(), signal.SIGKILL)


def wrap(module: Any, name: str, *, before: str | None = None, after: str | None = None) -> None:
    """Put points around `module.name`."""
    real: Callable[..., Any] = getattr(module, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if before:
            die_at(before)
        result = real(*args, **kwargs)
        if after:
            die_at(after)
        return result

    setattr(module, name, wrapped)


def arm_web() -> None:
    from emotion.models import Capture
    from emotion.services import accept

    stored, inserted, committed, rung = WEB_POINTS
    wrap(accept, "_commit", before=stored)
    wrap(Capture, "save", after=inserted)
    wrap(accept, "notify_workers", before=committed, after=rung)


def arm_worker() -> None:
    from emotion import frame_store
    from emotion.classifier import runtime
    from emotion.services import classify

    taken, claiming, claimed, opened, written, committed, removed = WORKER_POINTS
    wrap(classify, "_give_up", after=claiming)
    wrap(classify, "_read", before=claimed)
    wrap(classify, "_open", after=opened)
    wrap(classify, "finish", after=written)
    wrap(classify, "_commit", after=committed)
    wrap(classify, "record_waiting", before=taken, after=removed)
    frame_store._SETTLED_SECONDS = 10  # type: ignore[misc]
    classify._SHIFT_SECONDS = 1.0  # type: ignore[misc]
    if os.environ.get("WELLBEING_CHAOS_MODEL") != "real":
        stub = StubClassifier()
        runtime.get_classifier = lambda: stub  # type: ignore[assignment]


class StubClassifier:
    """Takes 20 to 80 ms of no processor's time and says neutral, unless a frame orders otherwise."""

    class spec:
        name = "stub"

    def classify_jpegs(self, frames: Sequence[bytes | bytearray], *, forget: bool = True) -> Any:
        from emotion.classifier.images import decode_jpeg
        from emotion.classifier.runtime import Reading

        for frame in frames:
            obey(bytes(frame[:200]))
            decode_jpeg(frame)
        time.sleep(random.uniform(0.02, 0.08) if os.environ.get("WELLBEING_CHAOS_SLOW") else 0.02)
        return Reading("reading", (0.05, 0.05, 0.05, 0.05, 0.7, 0.05, 0.05), 0.8, None, "stub")

    def forget(self) -> None:
        pass


def obey(head: bytes) -> None:
    if KILL in head:
        os.kill(os.getpid(), signal.SIGKILL)
    if HANG in head:
        # Deaf to the soft limit, as code in C is: only the hard limit ends it.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        time.sleep(600)
    if MEMORY in head:
        _exhaust_memory()


def _exhaust_memory() -> None:
    """Take memory until there is no more, under a limit so that the machine itself has enough."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 64 * 2**20, limits[1]))
    try:
        hoard: list[bytearray] = []
        while True:
            hoard.append(bytearray(16 * 2**20))
    finally:
        hoard.clear()
        resource.setrlimit(resource.RLIMIT_AS, limits)
