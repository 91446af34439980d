"""`python -m wellbeing.background worker|beat`: Celery's two processes, with the options of this site.

Celery's own command line is not used: whatever it is asked for, it loads a console with completion and highlighting,
9 MiB in every process.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from wellbeing.celery import app


def run_worker(*, hostname: str | None = None) -> int:
    """Take tasks until told to stop; the exit code."""
    worker: Any = app.Worker(
        hostname=hostname, loglevel="WARNING", quiet=True, without_gossip=True, without_mingle=True
    )
    worker.start()
    return int(worker.exitcode or 0)


def run_beat() -> int:
    """Send the periodic tasks until told to stop. Runs once a site."""
    app.Beat(loglevel="WARNING", quiet=True).run()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("process", choices=("worker", "beat"))
    parser.add_argument("--hostname", help="name of this worker, where one host has several")
    options = parser.parse_args()
    return run_beat() if options.process == "beat" else run_worker(hostname=options.hostname)


if __name__ == "__main__":
    sys.exit(main())
