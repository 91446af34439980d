"""The whole pipeline at full load and below it, on each database: `python benchmarks/pipeline.py`.

Each run is `manage.py bench_pipeline` with the real model; this adds the name of the machine. `--scale-json` runs
`benchmarks/scale.py` on each database as well.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def run(*arguments: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return figures


def bench(database: str, captures: int, *, rate: float | None = None, workers: int = 1) -> dict[str, Any]:
    arguments = ["manage.py", "bench_pipeline", "--database", database, "--captures", str(captures), "--json"]
    load = "as fast as they are taken" if rate is None else f"{rate:g} a second"
    if workers > 1:
        load += f", {workers} worker processes"
    paced = [] if rate is None else ["--rate", str(rate)]
    return {"load": load, **run(*arguments, "--workers", str(workers), *paced)}


def measure(database: str, captures: int, rate: float) -> Iterator[dict[str, Any]]:
    yield bench(database, captures)
    yield bench(database, captures, workers=2)
    yield bench(database, int(60 * rate), rate=rate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--captures", type=int, default=4000)
    parser.add_argument("--rate", type=float, default=60, help="of the run below full load, which lasts a minute")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
    parser.add_argument("--scale-json", type=Path, metavar="OUT", help="measure growth too, into this file")
    options = parser.parse_args()
    figures: dict[str, Any] = {"machine": f"{os.cpu_count()} cores, {platform.machine()}", "runs": []}
    for database in options.database:
        for figure in measure(database, options.captures, options.rate):
            figures["runs"].append(figure)
            if options.json:
                options.json.write_text(json.dumps(figures, indent=1) + "\n")
    if options.scale_json:
        grown = [run("benchmarks/scale.py", "--database", database) for database in options.database]
        options.scale_json.write_text(json.dumps({"runs": grown}, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
