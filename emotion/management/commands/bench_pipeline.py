"""`manage.py bench_pipeline`: real JPEGs over HTTP through a stack of its own, and what came of them."""

from __future__ import annotations

import http.client
import io
import itertools
import json
import os
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser
from PIL import Image

from emotion.consent_text import CONSENT_TEXT
from emotion.models import Capture, Entry
from emotion.services.consents import give_consent
from emotion.services.vaults import create_vault
from wellbeing.models import User
from wellbeing.stack import Stack
from wellbeing.tokens import make_token

_PASSPHRASE = "quilted otter drums vivid canyon"  # noqa: S105 -- of made-up people in a throw-away folder
_PATIENCE_SECONDS = 180


class Command(BaseCommand):
    help = (
        "Start web, worker, beat and Valkey on free ports in a throw-away folder, post captures of made-up employees "
        "over HTTP, and print how fast they became entries and whether any was lost."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--captures", type=int, default=500)
        parser.add_argument("--employees", type=int, default=10)
        parser.add_argument("--clients", type=int, default=4, help="connections that post at the same time")
        parser.add_argument("--rate", type=float, help="captures a second to post; as fast as it goes when left out")
        parser.add_argument("--image", type=Path, nargs="*", help="JPEGs to post; a drawn face when left out")
        parser.add_argument("--json", action="store_true")
        # What the command asks of itself inside the stack.
        parser.add_argument("--make-employees", type=int, help="(internal) print API tokens of new employees")
        parser.add_argument("--measure", action="store_true", help="(internal) print what the database says")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["make_employees"]:
            self.stdout.write(json.dumps(_make_employees(options["make_employees"])))
        elif options["measure"]:
            self.stdout.write(json.dumps(_measure()))
        else:
            self._print(_bench(options), as_json=options["json"])

    def _print(self, figures: dict[str, Any], *, as_json: bool) -> None:
        lines = [json.dumps(figures)] if as_json else [f"{name:<24}{value}" for name, value in figures.items()]
        self.stdout.write("\n".join(lines))
        if figures["lost"] or figures["duplicated"]:
            raise CommandError("Captures were lost or doubled.")


def _bench(options: dict[str, Any]) -> dict[str, Any]:
    pictures = [path.read_bytes() for path in options["image"] or ()] or [_draw_face()]
    limits = {"WELLBEING_CAPTURES_PER_HOUR": "100000", "WELLBEING_CAPTURES_WAITING": "100000"}
    with tempfile.TemporaryDirectory(prefix="wellbeing-bench-") as folder, Stack(Path(folder), **limits) as stack:
        made = stack.manage("bench_pipeline", "--make-employees", str(options["employees"]))
        memory_before = _read_memory(stack)
        began = time.monotonic()
        poster = _Poster(stack.url, json.loads(made.splitlines()[-1]), pictures, options["rate"])
        answers = poster.post_all(options["captures"], options["clients"])
        measured = _wait_for_end(stack)
        return _sum_up(answers, measured, time.monotonic() - began) | {
            "memory_mib_before": memory_before,
            "memory_mib_after": _read_memory(stack),
        }


def _sum_up(answers: Counter[int], measured: dict[str, Any], seconds: float) -> dict[str, Any]:
    accepted, states = answers[202], measured["states"]
    told = sum(count for state, count in states.items() if state != Capture.State.QUEUED)
    return {
        "posted": sum(answers.values()),
        "accepted": accepted,
        "refused": {str(status): count for status, count in sorted(answers.items()) if status != 202},
        "recorded": states.get(Capture.State.RECORDED, 0),
        "told_otherwise": told - states.get(Capture.State.RECORDED, 0),
        "lost": accepted - told,
        "duplicated": measured["entries"] - measured["captures_with_entry"],
        "keys_left": measured["keys_left"],
        "seconds": round(seconds, 2),
        "captures_per_second": round(states.get(Capture.State.RECORDED, 0) / measured["span"], 1),
        "accept_to_entry_seconds": measured["percentiles"],
    }


class _Poster:
    """Posts captures for employees in turn, at most `rate` a second over all connections."""

    def __init__(self, url: str, tokens: Sequence[str], pictures: Sequence[bytes], rate: float | None) -> None:
        self._host = urlsplit(url).netloc
        self._turns = itertools.cycle(list(itertools.product(tokens, pictures)))
        self._gap, self._next, self._lock = (1 / rate if rate else 0.0), time.monotonic(), threading.Lock()
        self._answers: Counter[int] = Counter()

    def post_all(self, captures: int, clients: int) -> Counter[int]:
        shares = [captures // clients + (client < captures % clients) for client in range(clients)]
        with ThreadPoolExecutor(clients) as pool:
            for done in [pool.submit(self._post_share, share) for share in shares]:
                done.result()
        return self._answers

    def _post_share(self, share: int) -> None:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        for _ in range(share):
            token, picture = self._take_turn()
            headers = {"Authorization": f"Token {token}", "Content-Type": "application/octet-stream"}
            connection.request("POST", f"/api/v1/captures/?id={uuid.uuid4()}&trigger=manual", picture, headers)
            answer = connection.getresponse()
            answer.read()
            with self._lock:
                self._answers[answer.status] += 1
        connection.close()

    def _take_turn(self) -> tuple[str, bytes]:
        with self._lock:
            now = time.monotonic()
            self._next = max(self._next, now) + self._gap
            wait, turn = self._next - self._gap - now, next(self._turns)
        time.sleep(max(0.0, wait))
        return turn


def _wait_for_end(stack: Stack) -> dict[str, Any]:
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        measured: dict[str, Any] = json.loads(stack.manage("bench_pipeline", "--measure").splitlines()[-1])
        if not measured["states"].get(Capture.State.QUEUED) or time.monotonic() > end:
            return measured


def _make_employees(count: int) -> list[str]:
    tokens = []
    for number in range(count):
        user = User.objects.create_user(f"employee-{number}@example.org")
        create_vault(user=user, passphrase=_PASSPHRASE)
        give_consent(user=user, text_version=CONSENT_TEXT.version)
        tokens.append(make_token(user))
    return tokens


def _measure() -> dict[str, Any]:
    recorded = list(
        Capture.objects.filter(state=Capture.State.RECORDED)
        .order_by("queued_at")
        .values_list("queued_at", "finished_at")
    )
    waits = sorted((finished - queued).total_seconds() for queued, finished in recorded if finished)
    ends = [finished for _, finished in recorded if finished]
    return {
        "states": dict(Counter(Capture.objects.values_list("state", flat=True))),
        "entries": Entry.objects.count(),
        "captures_with_entry": Entry.objects.values("capture_id").distinct().count(),
        "keys_left": Capture.objects.exclude(sealed_key=None).count(),
        "span": (max(ends) - recorded[0][0]).total_seconds() if recorded else 1.0,
        "percentiles": {f"p{share}": round(waits[(len(waits) - 1) * share // 100], 3) for share in (50, 95, 99)}
        if waits
        else {},
    }


def _read_memory(stack: Stack) -> dict[str, float]:
    """Resident MiB of each part with its children, as Linux counts it; pages two processes share count twice."""
    groups = {group: name for name, group in stack.processes().items()}
    found: Counter[str] = Counter()
    for status in Path("/proc").glob("[0-9]*/statm"):
        try:
            name = groups.get(os.getpgid(int(status.parent.name)))
            pages = int(status.read_text().split()[1])
        except (ProcessLookupError, FileNotFoundError):
            continue
        if name:
            found[name] += pages * os.sysconf("SC_PAGE_SIZE")
    return {name: round(size / 2**20, 1) for name, size in sorted(found.items())}


def _draw_face() -> bytes:
    """The drawn face every worker knows, in a frame of the size a browser sends."""
    from emotion.classifier.golden import draw_golden_image  # noqa: PLC0415 -- numpy, for this command alone

    frame = Image.new("RGB", (640, 480), (120, 120, 120))
    frame.paste(Image.fromarray(draw_golden_image(0)).resize((480, 480)), (80, 0))
    buffer = io.BytesIO()
    frame.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
