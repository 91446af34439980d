"""What a journal costs once it is folded, as JSON. Makes its own SQLite database.

`python research/benchmarks/journal.py --write` also writes `docs/measurements/journal.json` and from it
`docs/journal-speed.md`;
with `--page` it writes the page again from the last measurement.

Times are milliseconds of CPU of this process, the median and the least of some runs: others on the machine change them
little. `open_and_summarise` opens every page of the journal and sums all of it up; `today` is the dashboard's reading.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

DOCS = Path(__file__).parents[2] / "docs"
KEPT, PAGE = DOCS / "measurements" / "journal.json", DOCS / "journal-speed.md"
#: What is measured, in the words of the page.
TITLES = {
    "open_and_summarise": "open every page and sum all of it up",
    "open": "open every page",
    "open_a_week": "open the latest week",
    "today": "everything the dashboard shows",
    "append_and_fold_one": "fold one new entry",
    "delete_one": "find and delete one entry",
    "make_pdf": "write all of it as PDF",
}
#: Milliseconds the first of them may take.
TARGETS = {"years_1": 50, "years_5": 150}
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
    call_command("createcachetable", verbosity=0)


def make_entries(years: int, now: datetime) -> list[Any]:
    """Readings mostly, and every day a check-in and a suggestion with its answer, spread evenly."""
    import numpy as np

    from emotion.labels import READING
    from vault.journal.contents import JournalEntry
    from vault.journal.kinds import CheckIn, Feedback, Reading, Suggestion

    rng, made = np.random.default_rng(1), list[Any]()
    days = 365 * years
    for number in range(ENTRIES_A_YEAR * years - 3 * days):
        p = tuple(round(float(share), 5) for share in rng.dirichlet([1] * 7))
        look = Reading(capture=uuid4(), outcome=READING, p=p, quality=0.8123, model="vgg16-ferplus-int8")
        made.append(JournalEntry(uuid4(), now - timedelta(days=days * (number + 1) / (ENTRIES_A_YEAR * years)), look))
    said = CheckIn(pleasantness=0.5, energy=-0.25, words=("calm",), note="A walk at noon, and some rain.")
    reason: dict[str, Any] = {"rule": "fits", "days": 7, "grade": "B"}
    offered = Suggestion(activity="walk-outside", slot=0, reason=reason, propensity=0.31)
    for day in range(days):
        at, offer = now - timedelta(days=day, hours=1), uuid4()
        answer = Feedback(suggestion=offer, activity="walk-outside", answer="did", helped=1)
        made += [
            JournalEntry(uuid4(), at, said),
            JournalEntry(offer, at, offered),
            JournalEntry(uuid4(), at + timedelta(minutes=20), answer),
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

    from accounts.models import User
    from recommender.catalogue.selectors import get_prior
    from recommender.dashboard.services.today import read_today
    from recommender.mood.observations import observe
    from recommender.mood.summary import MoodRules, summarise
    from rights.services import make_export
    from tests.vault.journal.people import append
    from tests.vaults import make_vault
    from vault.journal.compaction import add_entries, compact_inbox, delete_entry
    from vault.journal.reading import read_journal
    from vault.models import Manifest, Page

    now = timezone.now()
    user = User.objects.create_user(f"{years}@example.org", "x")
    opened = make_vault(user)
    entries = make_entries(years, now)
    assert add_entries(opened, entries) == len(entries)
    assert len(read_journal(opened).entries) == len(entries)
    rules = MoodRules(window_days=365 * years, half_life_days=90)

    def open_and_summarise() -> None:
        seen = observe(read_journal(opened), zone=now.tzinfo, until=now)
        summarise(seen, now=now, rules=rules, prior=get_prior())

    def fold_one() -> None:
        append(opened, now - timedelta(minutes=2))
        compact_inbox(opened)

    pages = [len(page.sealed) for page in Page.objects.filter(vault_id=opened.vault_id)]
    return {
        "entries": len(entries),
        "pages": len(pages),
        "bytes": sum(pages) + len(Manifest.objects.get(pk=opened.vault_id).sealed),
        "open_and_summarise": measure(open_and_summarise),
        "open": measure(lambda: read_journal(opened)),
        "open_a_week": measure(lambda: read_journal(opened, since=now - timedelta(days=7))),
        "today": measure(lambda: read_today(user=user, opened=opened)),
        "make_pdf": measure(lambda: make_export(user=user, opened=opened, formats=["pdf"]), runs=3),
        "append_and_fold_one": measure(fold_one),
        "delete_one": measure(lambda: delete_entry(opened, entries.pop().id)),
    }


def measure_first_fold(count: int = 300) -> dict[str, float]:
    """A month's worth of entries that came while the vault was locked."""
    from django.utils import timezone

    from accounts.models import User
    from tests.vault.journal.people import append
    from tests.vaults import make_vault
    from vault.journal.compaction import compact_inbox

    opened, now = make_vault(User.objects.create_user("fold@example.org", "x")), timezone.now()
    for number in range(count):
        append(opened, now - timedelta(minutes=2 + 60 * number))
    start = time.process_time()
    compact_inbox(opened)
    return {"entries": count, "ms": round((time.process_time() - start) * 1000, 1)}


def measure_all() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="wellbeing-journal-") as folder:
        prepare(folder)
        figures: dict[str, Any] = {f"years_{years}": measure_journal(years) for years in YEARS}
        figures["first_fold"] = measure_first_fold()
    figures["machine"] = f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores"
    return figures


def write_page(figures: dict[str, Any]) -> str:
    """`docs/journal-speed.md`; no number in it is typed by hand."""
    years = [figures[f"years_{count}"] for count in YEARS]
    first = figures["first_fold"]
    rows = [
        "# Speed of the journal",
        "",
        "Written by `python research/benchmarks/journal.py --write` from `measurements/journal.json`."
        " Milliseconds of CPU of the"
        f" process, the median of some runs ({figures['machine']}; SQLite), beside other work.",
        "",
        f"| | {' | '.join(_head(count, year) for count, year in zip(YEARS, years, strict=True))} |",
        "|---|" + "---|" * len(years),
    ]
    rows += [f"| {title} | {' | '.join(_cell(year[name]) for year in years)} |" for name, title in TITLES.items()]
    rows += [
        f"| at most, for the first row | {' | '.join(str(limit) for limit in TARGETS.values())} |",
        f"| size in the database | {' | '.join(_size(year) for year in years)} |",
        "",
        f"The first opening after {first['entries']} entries came while the vault was locked: {first['ms']} ms."
        " A change of passphrase writes one lock and no entry.",
        "",
    ]
    return "\n".join(rows)


def _head(years: int, figures: dict[str, Any]) -> str:
    return f"{years} year{'s' if years > 1 else ''}, {figures['entries']:,} entries"


def _cell(times: dict[str, float]) -> str:
    return f"{times['median_ms']}"


def _size(figures: dict[str, Any]) -> str:
    return f"{figures['pages']} pages, {figures['bytes'] / 2**20:.1f} MiB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the figures, and write the page")
    parser.add_argument("--page", action="store_true", help="only write the page from the figures kept")
    options = parser.parse_args()
    figures = json.loads(KEPT.read_text()) if options.page else measure_all()
    text = json.dumps(figures, indent=1)
    print(text)
    if options.write:
        KEPT.write_text(text + "\n")
    if options.write or options.page:
        PAGE.write_text(write_page(figures))


if __name__ == "__main__":
    main()
