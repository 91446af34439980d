"""`python -m tests.chaos.run`: do harm to a running site and print as JSON what became of every capture.

With `--dose quick` a plan of minutes becomes half a minute; the test suite runs some of them. The figures in
`docs/reliability.md` are of the full dose, which takes hours on a small machine: `--resume` goes on with it.
"""

import argparse
import fcntl
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.chaos.settings")

import django

django.setup()

# ruff: noqa: E402 -- after the settings
from research.load.postgresql import find_programs
from tests.chaos.plans import PLANS, Figures
from tests.chaos.scene import Scene, scene

#: Room for the static files, and little for the database.
_DISK_MIB: Final = 48

Amounts = dict[str, dict[str, Any]]
DOSES: Final[dict[str, Amounts]] = {
    "quick": {
        "no_fault": {"captures": 60},
        "kills_and_restarts": {"captures": 120, "kills": 8, "restarts": 1},
        "deterministic_kills": {"times": 1},
        "poison": {"each": 1},
        "redis_pause": {"seconds": 4.0},
        "redis_full": {},
        "database_lock": {"seconds": 6.0},
        "zombie": {"rounds": 1},
        "clock_jump": {},
        "withdrawal": {"rounds": 2},
        "rolling_restarts": {"rounds": 2},
        "back_pressure": {},
        "silent_worker": {},
        "disk_full": {},
    },
    "full": {
        "no_fault": {"captures": 300},
        "kills_and_restarts": {"captures": 2000, "kills": 110, "restarts": 3},
        "deterministic_kills": {"times": 50},
        "poison": {"each": 4},
        "redis_pause": {"seconds": 8.0},
        "redis_full": {},
        "database_lock": {},
        "zombie": {"rounds": 3},
        "clock_jump": {},
        "withdrawal": {"rounds": 5},
        "rolling_restarts": {"rounds": 4},
        "back_pressure": {},
        "silent_worker": {},
        "disk_full": {},
    },
}


def run(database: str, plans: Amounts) -> Iterator[tuple[str, Figures]]:
    """Each plan with its figures; `failed` names the promise that was broken."""
    on_a_small_disk = {name: amount for name, amount in plans.items() if name == "disk_full"}
    yield from _run_in_scenes(database, {name: plans[name] for name in plans if name not in on_a_small_disk})
    if on_a_small_disk and database == "postgresql":
        yield "disk_full", {"skipped": "on SQLite alone: PostgreSQL's disk is its own affair"}
    elif on_a_small_disk:
        try:
            yield from _run_in_scenes(database, on_a_small_disk, disk_mib=_DISK_MIB)
        except PermissionError as error:
            yield "disk_full", {"skipped": str(error)}


def _run_in_scenes(database: str, plans: Amounts, disk_mib: int | None = None) -> Iterator[tuple[str, Figures]]:
    """One after the other on one site; on a new one after a plan that failed, which may have left anything behind."""
    waiting = list(plans.items())
    while waiting:
        with scene(postgresql=database == "postgresql", disk_mib=disk_mib) as place:
            is_sound = True
            while waiting and is_sound:
                name, amount = waiting.pop(0)
                figures = _try(name, place, amount)
                is_sound = "failed" not in figures
                yield name, figures


def _try(name: str, place: Scene, amount: dict[str, Any]) -> Figures:
    began = time.monotonic()
    try:
        figures = PLANS[name](place, **amount)
    except Exception as broken:  # noqa: BLE001 -- whatever it is, the other plans go on
        traceback.print_exc()
        figures = {"failed": f"{type(broken).__name__}: {broken}"}
    return figures | {"plan_seconds": round(time.monotonic() - began, 1)}


def _choose(dose: str, names: Sequence[str] | None, known: Mapping[str, Figures]) -> Amounts:
    """Plans of the dose: those named, else all; without those whose figures are `known` and sound."""
    return {
        name: amount
        for name, amount in DOSES[dose].items()
        if (not names or name in names) and "failed" in known.get(name, {"failed": "not run yet"})
    }


def _keep(path: Path, dose: str, database: str, found: dict[str, Figures] | None = None) -> dict[str, Figures]:
    """Add what was found to the figures of the same dose in the file. Two runs may share one."""
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        figures = json.loads(file.read() or "{}")
        if figures.get("dose") != dose:
            figures = {"dose": dose}
        known: dict[str, Figures] = figures.setdefault(database, {})
        known |= found or {}
        file.truncate(0)
        file.write(json.dumps(figures, indent=1) + "\n")
    return known


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dose", choices=sorted(DOSES), default="full")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--plan", nargs="*", choices=sorted(PLANS))
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too, after each plan")
    parser.add_argument("--resume", action="store_true", help="leave out the plans that OUT has sound figures of")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    figures: dict[str, Any] = {"dose": options.dose}
    for database in options.database:
        if database == "postgresql" and find_programs() is None:
            figures[database] = {"skipped": "PostgreSQL is not installed here."}
            continue
        known = _keep(options.json, options.dose, database) if options.json else {}
        figures[database] = known if options.resume else {}
        for name, found in run(database, _choose(options.dose, options.plan, figures[database])):
            figures[database][name] = found
            print(f"{database} {name}: {json.dumps(found)}", file=sys.stderr, flush=True)
            if options.json:
                _keep(options.json, options.dose, database, {name: found})
    text = json.dumps(figures, indent=1)
    print(text)
    return int('"failed"' in text)


if __name__ == "__main__":
    sys.exit(main())
