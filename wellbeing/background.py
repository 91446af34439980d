"""`python -m wellbeing.background worker|beat`: Celery's two processes, with the options of this site.

Celery's own command line is not used: whatever it is asked for, it loads a console with completion and highlighting,
9 MiB in every process.
"""

import argparse
import sys
from typing import Any

from django.conf import settings

from wellbeing.celery import app
from wellbeing.hardening import keep_memory_private


def main() -> int:
    """Work until told to stop; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("process", choices=("worker", "beat"))
    parser.add_argument("--hostname", help="name of this worker, where one host has several")
    options = parser.parse_args()
    # Children inherit it.
    keep_memory_private()
    if options.process == "beat":
        app.Beat(loglevel="WARNING", quiet=True).run()
        return 0
    worker: Any = app.Worker(
        hostname=options.hostname,
        queues=settings.WORKER_QUEUES,
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
