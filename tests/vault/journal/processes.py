"""Real processes on a real database file: killed in the middle of compacting, or compacting all at once.

    python -m tests.vault.journal.processes kill|race

needs the `WELLBEING_*` variables of a data folder and prints what was appended and what is found, as JSON.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

KILLS, RACERS, EACH = 25, 4, 6


def prepare() -> Any:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wellbeing.settings")
    import django

    django.setup()
    from django.core.management import call_command

    for database in ("default", "keystore"):
        call_command("migrate", database=database, verbosity=0)
    call_command("createcachetable", verbosity=0)
    from accounts.models import User
    from tests.vaults import make_vault

    return make_vault(User.objects.create_user("alice@example.org", "x"))


def append_and_fold(opened: Any, told: int, count: int) -> None:
    """Append, say so once it is committed, compact; over three months, so that pages are opened and written anew."""
    from tests.vault.journal.people import NOON, append
    from vault.journal.compaction import compact_inbox

    for number in range(count):
        entry_id = append(opened, NOON - timedelta(days=31 * (number % 3)))
        os.write(told, entry_id.bytes)
        compact_inbox(opened)


def start(work: Callable[[int], None]) -> tuple[int, int]:
    """Do it in a child; returns its process id and where it tells what it appended."""
    from django.db import connections

    connections.close_all()
    listen, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work(tell)
        finally:
            os._exit(0)
    os.close(tell)
    return child, listen


def hear(listen: int, said: bytes = b"") -> list[str]:
    while chunk := os.read(listen, 65536):
        said += chunk
    os.close(listen)
    return [said[at : at + 16].hex() for at in range(0, len(said) - 15, 16)]


def kill_often(opened: Any) -> dict[str, Any]:
    rng, said, killed = random.Random(7), [], 0
    for _ in range(KILLS):
        child, listen = start(lambda tell: append_and_fold(opened, tell, 10_000))
        first = os.read(listen, 16)
        time.sleep(rng.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
        said += hear(listen, first)
    return {"killed": killed, "said": said}


def race(opened: Any) -> dict[str, Any]:
    children = [start(lambda tell: append_and_fold(opened, tell, EACH)) for _ in range(RACERS)]
    said = [entry_id for _, listen in children for entry_id in hear(listen)]
    ended = [os.waitpid(child, 0)[1] for child, _ in children]
    return {"ended": ended, "said": said}


def main() -> None:
    opened = prepare()
    result = {"kill": kill_often, "race": race}[sys.argv[1]](opened)
    from vault.journal.compaction import compact_inbox
    from vault.journal.reading import read_journal
    from vault.models import Entry

    journal = read_journal(opened)
    compact_inbox(opened)
    again = read_journal(opened)
    print(json.dumps(result | {
        "found": [entry.id.hex for entry in journal.entries],
        "found_again": [entry.id.hex for entry in again.entries],
        "damaged": bool(journal.damage or again.damage),
        "waiting": Entry.objects.count(),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
