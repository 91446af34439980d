"""Resident memory of web, worker, beat and Valkey, at rest and after captures: `python benchmarks/memory.py`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import psutil

from tests.people import make_people, post_capture, wait_for_captures
from tests.site import Site, running_site

_CAPTURES = 50


def _measure(site: Site) -> dict[str, float]:
    """MiB of unshared and proportionally shared memory (PSS) of each process of the Procfile, children included."""
    found: dict[str, float] = {}
    for child in psutil.Process(site.process.pid).children(recursive=True):
        command = " ".join(child.cmdline())
        for name, mark in (("web", "gunicorn"), ("worker", "wellbeing worker"), ("beat", "wellbeing beat")):
            if mark in command and "manage.py serve" not in command:
                found[name] = found.get(name, 0) + child.memory_full_info().pss / 2**20
        if "valkey-server" in command:
            found["valkey"] = child.memory_full_info().pss / 2**20
    return {name: round(size, 1) for name, size in found.items()}


def main() -> None:
    with running_site(WELLBEING_CAPTURES_PER_HOUR="100000") as site:
        at_rest = _measure(site)
        [token] = make_people(site)
        for _ in range(_CAPTURES):
            post_capture(site, token)
        wait_for_captures(site, token)
        print(json.dumps({"at_rest_mib": at_rest, f"after_{_CAPTURES}_captures_mib": _measure(site)}))


if __name__ == "__main__":
    main()
