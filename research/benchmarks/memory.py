"""Memory of web, worker, beat and Valkey, at rest and after captures: `python research/benchmarks/memory.py`.

MiB: `resident` (RSS) counts every mapped page, `own` (USS) those that end with the process, `share` (PSS) also its part
of shared pages, mainly libraries. `worker` is the process that classifies, `worker_parent` its parent.
Without the bytecode that pip stores with the packages, Python needs more: what it compiles stays in its heap.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil

from tests.people import make_people, post_capture, wait_for_captures
from tests.site import Site, running_site

_CAPTURES = 50
_MARKS = {"web": "gunicorn", "worker": "background worker", "beat": "background beat", "valkey": "valkey-server"}
_KEEPERS = ("manage.py", "wellbeing.restarter")


def _measure(site: Site) -> dict[str, dict[str, float]]:
    """By process of the Procfile. Of a process with children, the child has the name, the parent is `..._parent`."""
    found: dict[str, dict[str, float]] = {}
    for process in psutil.Process(site.process.pid).children(recursive=True):
        command = " ".join(process.cmdline())
        name = next((name for name, mark in _MARKS.items() if mark in command), None)
        if name and not any(keeper in command for keeper in _KEEPERS):
            found[f"{name}_parent" if process.children() else name] = _weigh(process)
    return found


def _weigh(process: psutil.Process) -> dict[str, float]:
    memory = process.memory_full_info()
    sizes = {"resident": memory.rss, "share": memory.pss, "own": memory.uss}
    return {name: round(size / 2**20, 1) for name, size in sizes.items()}


def measure_site() -> dict[str, dict[str, dict[str, float]]]:
    with running_site(WELLBEING_CAPTURES_PER_HOUR="100000") as site:
        at_rest = _measure(site)
        [cookies] = make_people(site)
        for _ in range(_CAPTURES):
            post_capture(site, cookies)
        wait_for_captures(site, cookies)
        return {"at_rest": at_rest, f"after_{_CAPTURES}_captures": _measure(site)}


if __name__ == "__main__":
    print(json.dumps(measure_site(), indent=1))
