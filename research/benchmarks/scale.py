"""Cost of one capture by number of waiting captures and of employees: `python research/benchmarks/scale.py`.

Milliseconds of processor time, with the database and Redis: to accept a capture (checks, sealing, Redis, commit) from a
person who has none waiting, to claim and record sixteen (per capture), and for one sweep over everything. Each size is
filled and timed several times, in turns, with the same number of calls; a figure is the median of the means.

On PostgreSQL the tables are vacuumed and analysed before the timing, as autovacuum does within a minute or two of that
many new rows; `vacuum` is its cost per waiting capture. Autovacuum stays on, and its work is counted.
"""

import argparse
import itertools
import json
import os
import signal
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from research.benchmarks.machine import describe_machine  # noqa: E402 -- after the path
from research.load.site_processes import Stack  # noqa: E402
from research.load.usage import read_processor_seconds  # noqa: E402 -- after the path

_BULK = 5000
#: People who send during the timing: twice each, which is within every limit.
_SENDERS = 150
_SWEEPS = 5
#: Full batches; together half of the smallest size.
_BATCHES = 31


def time_calls(stack: Stack, call: Callable[[], object], calls: int, share: int = 1) -> float:
    before = sum(read_processor_seconds(stack).values())
    for _ in range(calls):
        call()
    spent = sum(read_processor_seconds(stack).values()) - before
    return spent / calls / share * 1e3


def fill(waiting: int, people: int) -> list[Any]:
    """Add waiting captures of `people` people, with one frame each. Returns others who may send."""
    from django.conf import settings
    from django.utils import timezone
    from redis import Redis

    from accounts.models import User
    from emotion.models import Capture
    from research.load.people import make_employees
    from vault.models import Vault

    Capture.objects.all().delete()
    vacuum()
    missing = people + _SENDERS - User.objects.count()
    if missing > 0:
        make_employees(missing)
    vaults = list(Vault.objects.select_related("user").order_by("user_id"))[: people + _SENDERS]
    client = Redis.from_url(settings.BLOBS_URL)
    client.flushdb()
    # Old enough for the sweep, younger than a frame's maximum age.
    began = timezone.now() - timedelta(seconds=300)
    for start in range(0, waiting, _BULK):
        captures = [
            Capture(
                id=uuid.uuid4(),
                vault=vaults[n % people],
                sealed_key=b"key",
                queued_at=began + timedelta(microseconds=n),
            )
            for n in range(start, min(waiting, start + _BULK))
        ]
        Capture.objects.bulk_create(captures)
        pipeline = client.pipeline(transaction=False)
        for capture in captures:
            pipeline.hset(f"wb:frames:{capture.pk}", "2c70e12b7a0646f9", b"x")
            pipeline.expire(f"wb:frames:{capture.pk}", 700)
        pipeline.execute()
    client.close()
    return [vault.user for vault in vaults[people:]]


def vacuum() -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def measure(stack: Stack, waiting: int, people: int, picture: bytes, calls: int) -> dict[str, float]:
    from emotion.classifier.runtime import Reading
    from emotion.services import classify
    from emotion.services.accept import accept_capture
    from emotion.services.reconcile import sweep

    users = itertools.cycle(fill(waiting, people))
    vacuumed = time_calls(stack, vacuum, 1, waiting)
    reading = Reading("reading", (0.1,) * 6 + (0.4,), 0.9, None, "vgg16")

    def accept() -> None:
        accept_capture(user=next(users), capture_id=uuid.uuid4(), trigger="manual", frames=[picture])

    def record() -> None:
        classify._end([classify.Outcome(capture, reading) for capture in classify._claim(uuid.uuid4())])

    time_calls(stack, accept, 10)  # the first ones import and connect
    figures = {
        "accept": time_calls(stack, accept, calls),
        "sweep": time_calls(stack, sweep, _SWEEPS),
        "record": time_calls(stack, record, _BATCHES, classify.BATCH),
    }
    return figures | ({"vacuum": vacuumed} if stack.cluster else {})


def run(database: str, calls: int, rounds: int, sizes: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """In its own process, because Django reads its settings once."""
    with tempfile.TemporaryDirectory(prefix="wellbeing-scale-") as folder:
        limits = {
            "WELLBEING_CAPTURES_WAITING": "1000000",
            "WELLBEING_LOG_LEVEL": "ERROR",
        }  # fmt: skip
        stack = Stack(Path(folder) / "site", limits, postgresql=database == "postgresql")
        try:
            stack.start_cluster()
            stack.manage("setup")
            stack.start("valkey")
            os.environ.update(stack.environment)
            os.environ["DJANGO_SETTINGS_MODULE"] = "wellbeing.settings"
            import django

            django.setup()
            _wait_for_valkey()
            from research.load.pictures import load_pictures

            picture = load_pictures(None, count=1)[1][0]
            found = [[measure(stack, *size, picture, calls) for size in sizes] for _ in range(rounds)]
            return [sum_up(*size, figures) for size, figures in zip(sizes, zip(*found, strict=True), strict=True)]
        finally:
            from django.db import connections

            connections.close_all()
            stack.stop()


def sum_up(waiting: int, people: int, rounds: Sequence[dict[str, float]]) -> dict[str, Any]:
    medians = {step: round(statistics.median(figures[step] for figures in rounds), 3) for step in rounds[0]}
    return {"waiting": waiting, "people": people, **medians}


def _wait_for_valkey() -> None:
    from core.exceptions import Unavailable
    from emotion import wakeup

    end = time.monotonic() + 30
    while True:
        try:
            wakeup.count_waiting()
            return
        except Unavailable:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--waiting", type=int, nargs="*", default=[1000, 100_000])
    parser.add_argument("--people", type=int, nargs="*", default=[10, 10_000])
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the database and Redis are stopped on the way out
    sizes = [(waiting, people) for people in options.people for waiting in options.waiting]
    found = run(options.database, options.calls, options.rounds, sizes)
    what = {"machine": describe_machine(), "database": options.database, "rounds": options.rounds}
    text = json.dumps({**what, "sizes": found}, indent=1)
    if options.json:
        options.json.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
