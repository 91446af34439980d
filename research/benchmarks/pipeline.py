"""The whole pipeline at full load and below, on each database: `python research/benchmarks/pipeline.py`.

Each run is `manage.py bench_pipeline` with the real model, with one picture per capture and with three, as the page
sends them. New figures replace only those of the same kind of machine, database and number of pictures.
`--scale-json` also runs `research/benchmarks/scale.py` on each database.
"""

import argparse
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from research.benchmarks.machine import describe_machine  # noqa: E402 -- after the path


def run(*arguments: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return figures


def bench(database: str, captures: int, *, frames: int, rate: float | None = None, workers: int = 1) -> dict[str, Any]:
    arguments = ["--database", database, "--captures", str(captures), "--frames", str(frames)]
    load = "as fast as they are taken" if rate is None else f"{rate:g} a second"
    if workers > 1:
        load += f", {workers} worker processes"
    paced = [] if rate is None else ["--rate", str(rate)]
    return {"load": load, **run("manage.py", "bench_pipeline", *arguments, "--workers", str(workers), *paced, "--json")}


def measure(database: str, captures: int, rates: Sequence[float], frames: int) -> Iterator[dict[str, Any]]:
    """Full load with one and two worker processes, then each rate for a minute."""
    yield bench(database, captures, frames=frames)
    yield bench(database, captures, frames=frames, workers=2)
    for rate in rates:
        yield bench(database, int(60 * rate), frames=frames, rate=rate, workers=2)


def keep(figures: dict[str, Any], machine: dict[str, Any], runs: Sequence[dict[str, Any]]) -> None:
    """Replace the runs of the same kind of machine, database and number of pictures."""

    def kind(run: dict[str, Any]) -> tuple[bool, int]:
        return run["database"] == "postgresql", run["frames_per_capture"]

    place = next((place for place in figures["machines"] if place["machine"] == machine), None)
    if place is None:
        figures["machines"].append(place := {"machine": machine, "runs": []})
    new = {kind(run) for run in runs}
    place["runs"] = sorted([*(run for run in place["runs"] if kind(run) not in new), *runs], key=kind)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--captures", type=int, default=4000)
    parser.add_argument("--frames", type=int, nargs="*", default=[1, 3], help="pictures of a capture; the page sends 3")
    parser.add_argument(
        "--rate", type=float, nargs="*", default=[60], help="of the runs below full load: a minute each"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
    parser.add_argument("--scale-json", type=Path, metavar="OUT", help="measure growth too, into this file")
    options = parser.parse_args()
    figures = json.loads(options.json.read_text()) if options.json and options.json.is_file() else {"machines": []}
    for database, frames in itertools.product(options.database, options.frames):
        runs = list(measure(database, options.captures // frames, options.rate, frames))
        keep(figures, describe_machine(), runs)
        if options.json:
            options.json.write_text(json.dumps(figures, indent=1) + "\n")
    if options.scale_json:
        grown = [run("research/benchmarks/scale.py", "--database", database) for database in options.database]
        options.scale_json.write_text(json.dumps({"runs": grown}, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
