"""What a journal costs once it is folded, as JSON: `python benchmarks/journal.py`. Makes its own SQLite database.

Times are milliseconds of CPU of this process, the median and the least of some runs: others on the machine change them
little. `open_and_summarise` opens every page of the journal and sums all of it up; `today` is the dashboard's reading.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parent.parent))

RUNS = 15
ENTRIES_A_YEAR, YEARS = 3000, (1, 5)


def prepare(folder: str) -> None:
    for name in [name for name in os.environ if name.startswith("WELLBEING_")]:
        del os.environ[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "wellbeing.settings",
        "WELLBEING_DATA_DIR": folder,
        "WELLBEING_ENV_FILE": os.devnull,
        "WELLBEING_KEEP_DAYS": "3660",
        "WELLBEING_LOG_LEVEL": "ERROR",
    }
    import django
    from django.core.management import call_command

    django.setup()
    for database in ("default", "keystore"):
        call_command("migrate", database=database, verbosity=0)


def make_entries(years: int, now: datetime) -> list[Any]:
    """Readings mostly, and every day a check-in and a suggestion with its answer, spread evenly."""
    import numpy as np

    from emotion.journal import JournalEntry

    rng, made = np.random.default_rng(1), []
    days = 365 * years
    for number in range(ENTRIES_A_YEAR * years - 3 * days):
        p = [round(float(share), 5) for share in rng.dirichlet([1] * 7)]
        data = {"capture": str(uuid4()), "outcome": "reading", "p": p, "quality": 0.8123, "model": "vgg16-ferplus-int8"}
        at = now - timedelta(days=days * (number + 1) / (ENTRIES_A_YEAR * years))
        made.append(JournalEntry(uuid4(), "reading", at, data))
    for day in range(days):
        at, offer = now - timedelta(days=day, hours=1), uuid4()
        said = {"pleasantness": 0.5, "energy": -0.25, "words": ["calm"], "note": "A walk at noon, and some rain."}
        reason = {"rule": "fits", "days": 7, "grade": "B"}
        data = {"activity": "walk-outside", "slot": 0, "reason": reason, "propensity": 0.31}
        answer = {"suggestion": str(offer), "activity": "walk-outside", "answer": "did", "helped": 1}
        made += [
            JournalEntry(uuid4(), "checkin", at, said),
            JournalEntry(offer, "suggestion", at, data),
            JournalEntry(uuid4(), "feedback", at + timedelta(minutes=20), answer),
        ]
    return made


def measure(work: Callable[[], object], *, runs: int = RUNS) -> dict[str, float]:
    work()
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return {"median_ms": round(statistics.median(times), 1), "least_ms": round(min(times), 1)}


def measure_journal(years: int) -> dict[str, Any]:
    from django.utils import timezone

    from emotion.journal import add_entries, delete_entry, fold_inbox, read_journal
    from emotion.models import Manifest, Page
    from recommender.mood import MoodRules
    from recommender.selectors import summarise_entries
    from recommender.services.today import look_at_today
    from rights.services import make_export
    from tests.emotion.journal.people import append
    from tests.vaults import make_vault
    from wellbeing.models import User

    now = timezone.now()
    user = User.objects.create_user(f"{years}@example.org", "x")
    opened = make_vault(user)
    entries = make_entries(years, now)
    assert add_entries(opened, entries) == len(entries)
    assert len(read_journal(opened).entries) == len(entries)
    rules = MoodRules(window_days=365 * years, half_life_days=90)

    def open_and_summarise() -> None:
        summarise_entries(read_journal(opened).entries, now=now, rules=rules)

    def fold_one() -> None:
        append(opened, now - timedelta(minutes=2))
        fold_inbox(opened)

    pages = [len(page.sealed) for page in Page.objects.filter(vault_id=opened.vault_id)]
    return {
        "entries": len(entries),
        "pages": len(pages),
        "bytes": sum(pages) + len(Manifest.objects.get(pk=opened.vault_id).sealed),
        "open_and_summarise": measure(open_and_summarise),
        "open": measure(lambda: read_journal(opened)),
        "open_a_week": measure(lambda: read_journal(opened, since=now - timedelta(days=7))),
        "today": measure(lambda: look_at_today(user=user, opened=opened)),
        "make_pdf": measure(lambda: make_export(user=user, opened=opened, formats=["pdf"]), runs=3),
        "append_and_fold_one": measure(fold_one),
        "delete_one": measure(lambda: delete_entry(opened, entries.pop().id)),
    }


def measure_first_fold(count: int = 300) -> dict[str, float]:
    """A month's worth of entries that came while the vault was locked."""
    from django.utils import timezone

    from emotion.journal import fold_inbox
    from tests.emotion.journal.people import append
    from tests.vaults import make_vault
    from wellbeing.models import User

    opened, now = make_vault(User.objects.create_user("fold@example.org", "x")), timezone.now()
    for number in range(count):
        append(opened, now - timedelta(minutes=2 + 60 * number))
    start = time.process_time()
    fold_inbox(opened)
    return {"entries": count, "ms": round((time.process_time() - start) * 1000, 1)}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="wellbeing-journal-") as folder:
        prepare(folder)
        figures: dict[str, Any] = {f"years_{years}": measure_journal(years) for years in YEARS}
        figures["first_fold"] = measure_first_fold()
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
