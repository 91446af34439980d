"""What somebody who imports a hundred thousand entries costs themselves and others, as JSON. Makes its own database.

`python research/benchmarks/huge_journal.py [--entries N] [--profile PAGE]`: `check-ins` are spread over a year,
`suggestions` are the kinds of which today's page looks at all there are, `one_month` has everything in the last month.
Seconds of CPU of this process, the least of some runs; `refused` says what the import is told instead. `others` is how
long somebody else waits for their page, alone and while the file is written.
"""

import argparse
import cProfile
import json
import pstats
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

from research.benchmarks.journal import prepare

PAGES = (
    "/today/",
    "/journal/",
    "/journal/year/",
    "/vault/check/",
    "/you/audit/",
    "/api/v1/journal/entries/",
    "/api/v1/mood/",
    "/healthz",
)


def make_rows(shape: str, count: int, now: datetime) -> list[dict[str, Any]]:
    days = {"checkins": 360.0, "suggestions": 360.0, "one_month": 30.0}[shape]
    rows: list[dict[str, Any]] = []
    for number in range(count):
        at = (now - timedelta(days=days * (number + 1) / (count + 1), minutes=5)).isoformat()
        checkin = {"pleasantness": 0.5, "energy": -0.25, "words": ["calm"], "note": "A walk at noon."}
        kind, data = "checkin", checkin
        if shape == "suggestions":
            reason = {"rule": "fits", "days": 7, "grade": "B"}
            kind, data = "suggestion", {"activity": "walk-outside", "slot": 0, "reason": reason, "propensity": 0.31}
            if number % 2:
                kind = "feedback"
                data = {"suggestion": rows[-1]["id"], "activity": "walk-outside", "answer": "did", "helped": 1}
        rows.append({"id": str(uuid4()), "at": at, "kind": kind, "data": data})
    return rows


def take_time(work: Callable[[], Any], *, runs: int = 3) -> float:
    taken = []
    for _ in range(runs):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return round(min(taken), 3)


def measure(shape: str, count: int, profiled: str) -> dict[str, Any]:
    from django.test import Client
    from django.utils import timezone

    from accounts.models import User
    from core.exceptions import WellbeingError
    from rights.export_json import FORMAT, VERSION
    from rights.services import import_document, make_export
    from tests.vaults import hold_open_in, make_vault

    now, user = timezone.now(), User.objects.create_user(f"{shape}@example.org", "x")
    opened, client = make_vault(user), Client()
    client.force_login(user)
    hold_open_in(client, user, opened)
    file = json.dumps({"format": FORMAT, "version": VERSION, "entries": make_rows(shape, count, now)}).encode()
    began = time.process_time()
    try:
        import_document(user=user, opened=opened, data=file)
    except WellbeingError as error:
        return {"refused": str(error.detail)}
    figures: dict[str, Any] = {"entries": count, "import": round(time.process_time() - began, 2)}
    for page in PAGES:
        answer = client.get(page)
        figures[page] = take_time(partial(client.get, page)) if answer.status_code == 200 else answer.status_code
        if page == profiled:
            with cProfile.Profile() as profile:
                client.get(page)
            pstats.Stats(profile, stream=sys.stderr).sort_stats("cumulative").print_stats(45)
    for name in ("json", "csv", "pdf"):
        figures[name] = take_time(partial(make_export, user=user, opened=opened, formats=[name]), runs=1)
    figures["others"] = measure_others(partial(make_export, user=user, opened=opened, formats=["csv", "pdf"]))
    return figures


def measure_others(work: Callable[[], Any]) -> dict[str, float]:
    """Milliseconds of the clock that somebody else waits for their page, the median, alone and during `work`."""
    from django.test import Client

    from accounts.models import User
    from tests.vaults import hold_open_in, make_vault

    other, client = User.objects.create_user(f"{uuid4()}@example.org", "x"), Client()
    client.force_login(other)
    hold_open_in(client, other, make_vault(other))
    client.get("/today/")
    working = threading.Thread(target=work)
    alone = [_ask(client) for _ in range(30)]
    working.start()
    meanwhile = []
    while working.is_alive():
        meanwhile.append(_ask(client))
    return {"alone_ms": round(median(alone), 1), "meanwhile_ms": round(median(meanwhile), 1)}


def _ask(client: Any) -> float:
    began = time.monotonic()
    client.get("/today/")
    return (time.monotonic() - began) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=99_000)
    parser.add_argument("--shape", choices=("checkins", "suggestions", "one_month"))
    parser.add_argument("--profile", default="", help="address of a page of which to show where its time goes")
    options = parser.parse_args()
    # As in the web process.
    sys.setswitchinterval(0.001)
    with tempfile.TemporaryDirectory(prefix="wellbeing-huge-") as folder:
        prepare(folder)
        from django.conf import settings
        from django.core.management import call_command

        settings.ALLOWED_HOSTS = ["*"]
        call_command("setup", verbosity=0)
        shapes = [options.shape] if options.shape else ["checkins", "suggestions", "one_month"]
        figures = {shape: measure(shape, options.entries, options.profile) for shape in shapes}
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
