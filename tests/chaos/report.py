"""`python -m tests.chaos.report`: write `docs/reliability.md` from the last measurements in `docs/measurements/`."""

import json
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent.parent
_MEASUREMENTS: Final = ROOT / "docs" / "measurements"
_DATABASES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

_HEAD: Final = """# Reliability and speed

Written by `make reliability` from the last measurements; no figure here is typed by hand.

* `make chaos` does harm to a running site and counts what became of every capture
  (`measurements/chaos.json`). Waits that are minutes in production are seconds there
  (`tests/chaos/settings.py`), and the classifier is a stub that takes 20 ms; everything else is the real site.
* Frames wait in Redis' memory alone, so that none reaches a disk. What waits when Redis is killed is lost, and told
  (`frame_lost`); how many captures waited at each kill stands beside it, and no more may be lost.
* `make throughput` runs `manage.py bench_pipeline` with the real model
  (`measurements/pipeline.json`) and `research/benchmarks/scale.py` (`measurements/scale.json`). The page sends three
  pictures a capture, of which the worker reads each; a client of the API may send one.
"""

_PLANS: Final = {
    "no_fault": "nothing (C0)",
    "kills_and_restarts": "`kill -9` of worker, children and web, poison, Redis and database restarts (C1, C2, C4, C5)",
    "deterministic_kills": "`kill -9` at each step of web and worker, one after the other (C1b, C10)",
    "poison": "frames that kill, hang, exhaust memory or do not decode (C3)",
    "redis_pause": "Redis stopped for a while (C4)",
    "redis_full": "Redis out of memory (C4)",
    "database_lock": "a lock held longer than anyone waits (C5)",
    "zombie": "a worker asleep beyond its claim, then awake (C6)",
    "disk_full": "no room left for the database (C7)",
    "clock_jump": "clock set back and forward by an hour (C8)",
    "withdrawal": "consent withdrawn with 20 captures in flight (C9)",
    "back_pressure": "more waiting than there is room for",
    "silent_worker": "a worker that takes no task any more",
    "rolling_restarts": "SIGTERM to worker and web by turns, under load",
}
_SAID: Final = {"reasons": "told", "dropped_by_the_page": "given up by the page, which says so:"}
_SPEED: Final = (
    "Load generator, web, worker, broker and database share the machine. What int8 costs depends on the processor: "
    "with VNNI the network takes a fraction of the time it takes without (`performance.md`)."
)
_SOON_SECONDS: Final = 2
_WHAT_GROWS: Final = (
    "Processor time of one capture, the database's and Redis's included. A sweep looks at all that waits. "
    "Vacuum is PostgreSQL's, once, after so many captures were put there."
)
_NUMBERS: Final = (
    "accepted",
    "recorded",
    "told_otherwise",
    "lost_silently",
    "recorded_twice",
    "keys_left",
    "frames_left",
)


def write(chaos: dict[str, Any], pipeline: dict[str, Any], scale: dict[str, Any]) -> str:
    """The page. A measurement that was not taken is said to be missing."""
    parts = [_HEAD, "## Faults", _faults(chaos), "## Speed", _speed(pipeline), "## Growth", _growth(scale)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _faults(chaos: dict[str, Any]) -> str:
    tables = [_fault_table(name, chaos[key]) for key, name in _DATABASES.items() if key in chaos]
    return "\n\n".join([f"The {chaos['dose']} dose.", *tables]) if tables else "Not measured yet."


def _fault_table(database: str, figures: dict[str, Any]) -> str:
    if "skipped" in figures:
        return f"{database}: {figures['skipped']}"
    rows = [["done to the site", "what of it", *(name.replace("_", " ") for name in _NUMBERS)]]
    for plan, what in _PLANS.items():
        figure = figures.get(plan, {"skipped": "not run"})
        rows.append([what, _dose(figure), *(str(figure.get(name, "")) for name in _NUMBERS)])
    return f"### On {database}\n\n{_table(rows)}"


def _dose(figure: dict[str, Any]) -> str:
    if "skipped" in figure:
        return str(figure["skipped"])
    if "failed" in figure:
        return f"**broken**: {figure['failed']}"
    left_out = {*_NUMBERS, "tries", "plan_seconds"}
    return ", ".join(
        f"{_SAID.get(name, name.replace('_', ' '))} {_flat(value)}"
        for name, value in figure.items()
        if name not in left_out and (value or name not in _SAID)
    )


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{name}: {_flat(part)}" for name, part in value.items()) + ")"
    return str(value)


def _speed(pipeline: dict[str, Any]) -> str:
    """What was kept up and a table, for each kind of machine that was measured."""
    parts = [
        f"{_name_machine(place['machine'])}\n\n{_kept_up(place['runs'])}\n\n{_speed_table(place['runs'])}"
        for place in pipeline.get("machines", [])
    ]
    return "\n\n".join([_SPEED, *parts]) if parts else "Not measured yet."


def _name_machine(machine: dict[str, Any] | str) -> str:
    """An early measurement names its machine by a few words alone."""
    if isinstance(machine, str):
        return f"On {machine}, its processor not written down:"
    able = [name for name, has in machine["features"].items() if has]
    return f"On {machine['cores']} cores, {machine['processor']} ({', '.join(able)}), {machine['system']}:"


def _kept_up(runs: list[dict[str, Any]]) -> str:
    """The most captures a second for a minute, of each database and number of pictures, none of them late or lost."""
    most: dict[tuple[str, int], float] = {}
    for run in runs:
        kind, rate = (_DATABASES[run["database"]], run.get("frames_per_capture", 1)), run["captures_per_second"]
        late = run["accept_to_entry_seconds"]["p95"] > _SOON_SECONDS or run["recorded"] < run["posted"]
        if " a second" in run["load"] and not late:
            most[kind] = max(rate, most.get(kind, 0))
    lines = [
        f"* {name}, {frames} picture{'s' * (frames > 1)} a capture: {rate}/s" for (name, frames), rate in most.items()
    ]
    return "\n".join(
        [f"Kept up for a minute, p95 from accepted to entry within {_SOON_SECONDS} s:\n", *(lines or ["* nothing"])]
    )


def _speed_table(runs: list[dict[str, Any]]) -> str:
    head = ["database", "load", "pictures a capture", "captures/s", "pictures/s", "p50 / p95 / p99, s"]
    rows = [[*head, "processor, ms a capture", "worker MiB, first to last"]]
    for run in runs:
        waits = run["accept_to_entry_seconds"]
        memory, frames = run["memory_mib"]["worker"], run.get("frames_per_capture", 1)
        rows.append(
            [
                _DATABASES[run["database"]],
                f"{run['accepted']} captures, {run['load']}",
                str(frames),
                str(run["captures_per_second"]),
                str(round(frames * run["captures_per_second"], 1)),
                " / ".join(str(waits[share]) for share in ("p50", "p95", "p99")),
                _flat(run["processor_ms_per_capture"]).strip("()"),
                f"{memory['first']}, {memory['middle']}, {memory['last']}",
            ]
        )
    return _table(rows)


def _growth(scale: dict[str, Any]) -> str:
    """A table for each database, with the machine that it was measured on."""
    costs = ["accept, ms", "record, ms", "sweep, ms", "sweep, µs a waiting capture", "vacuum, µs a waiting capture"]
    head = ["database", "waiting", "people", *costs]
    parts = [
        f"{_name_machine(run['machine'])}\n\n"
        + _table([head, *([_DATABASES[run["database"]], *_size(size)] for size in run["sizes"])])
        for run in scale.get("runs", [])
    ]
    return "\n\n".join([_WHAT_GROWS, *parts]) if parts else "Not measured yet."


def _size(size: dict[str, Any]) -> list[str]:
    """Costs of one size. Those for each waiting capture in microseconds."""
    costs = [str(size[step]) for step in ("accept", "record", "sweep")]
    swept = f"{size['sweep'] / size['waiting'] * 1e3:.1f}"
    vacuumed = f"{size['vacuum'] * 1e3:.1f}" if "vacuum" in size else ""
    return [str(size["waiting"]), str(size["people"]), *costs, swept, vacuumed]


def _table(rows: list[list[str]]) -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def _load(name: str) -> dict[str, Any]:
    path = _MEASUREMENTS / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return found


def main() -> int:
    (ROOT / "docs" / "reliability.md").write_text(write(_load("chaos"), _load("pipeline"), _load("scale")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
