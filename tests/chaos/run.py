"""`python -m tests.chaos.run`: do harm to a running site and print as JSON what became of every capture.

With `--dose quick` minutes become half a minute, for the test suite. The figures in `docs/reliability.md` are of the
full dose.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.chaos.settings")

import django

django.setup()

# ruff: noqa: E402 -- after the settings
from tests.chaos.plans import PLANS
from tests.chaos.scene import Scene, scene
from wellbeing.postgresql import find_programs

#: Room for the static files, and little for the database.
_DISK_MIB: Final = 48

DOSES: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "quick": {
        "no_fault": {"captures": 60},
        "kills_and_restarts": {"captures": 120, "kills": 8, "restarts": 1},
        "deterministic_kills": {"times": 1},
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


def run(database: str, dose: str, only: list[str] | None = None) -> dict[str, Any]:
    """Figures of each plan; `failed` names the promise that was broken."""
    plans = {name: amount for name, amount in DOSES[dose].items() if not only or name in only}
    is_postgresql, full = database == "postgresql", plans.pop("disk_full", None)
    figures: dict[str, Any] = {}
    if plans:
        with scene(postgresql=is_postgresql) as place:
            for name, amount in plans.items():
                figures[name] = _try(database, name, place, amount)
    if full is not None and not is_postgresql:
        try:
            with scene(postgresql=False, disk_mib=_DISK_MIB) as place:
                figures["disk_full"] = _try(database, "disk_full", place, full)
        except PermissionError as error:
            figures["disk_full"] = {"skipped": str(error)}
    return figures


def _try(database: str, name: str, place: Scene, amount: dict[str, Any]) -> dict[str, Any]:
    began = time.monotonic()
    try:
        figures = PLANS[name](place, **amount)
    except AssertionError as broken:
        figures = {"failed": str(broken)}
    figures["plan_seconds"] = round(time.monotonic() - began, 1)
    print(f"{database} {name}: {json.dumps(figures)}", file=sys.stderr, flush=True)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dose", choices=sorted(DOSES), default="full")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--plan", nargs="*", choices=sorted(PLANS))
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    figures: dict[str, Any] = {"dose": options.dose}
    for database in options.database:
        if database == "postgresql" and find_programs() is None:
            figures[database] = {"skipped": "PostgreSQL is not installed here."}
            continue
        figures[database] = run(database, options.dose, options.plan)
    text = json.dumps(figures, indent=1)
    if options.json:
        options.json.write_text(text + "\n")
    print(text)
    return int('"failed"' in text)


if __name__ == "__main__":
    sys.exit(main())
