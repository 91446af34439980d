"""`manage.py bench_pipeline`: sends real JPEGs over HTTP through a stack of its own and measures the outcome."""

import json
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from research.load.load import Load, Sent
from research.load.outcome import measure_outcome
from research.load.people import Employee, make_employees
from research.load.pictures import load_bursts
from research.load.site_processes import Stack
from research.load.usage import read_memory, read_processor_seconds

_PATIENCE_SECONDS = 180
_SAMPLE_SECONDS = 2.0


class Command(BaseCommand):
    help = (
        "Start web, worker, beat and Valkey on free ports in a throw-away folder, post captures of made-up employees "
        "over HTTP, and print how fast they became entries and whether any was lost."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--captures", type=int, default=500)
        parser.add_argument("--employees", type=int, default=200)
        parser.add_argument("--clients", type=int, default=8, help="connections that post at the same time")
        parser.add_argument("--rate", type=float, help="captures a second to post; as fast as it goes when left out")
        parser.add_argument("--frames", type=int, default=1, help="pictures of one capture; the page sends three")
        parser.add_argument("--images", type=Path, metavar="DIR", help="pictures to post; a portrait when left out")
        parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
        parser.add_argument("--web-processes", type=int, default=1)
        parser.add_argument("--workers", type=int, default=1)
        parser.add_argument("--json", action="store_true")
        # The command calls itself with these inside the stack.
        parser.add_argument("--make-employees", type=int, help="(internal) print new employees")
        parser.add_argument("--measure", type=Path, help="(internal) what became of the captures in this file")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["make_employees"]:
            employees = make_employees(options["make_employees"])
            self.stdout.write(json.dumps([asdict(employee) for employee in employees]))
        elif options["measure"]:
            self.stdout.write(json.dumps(_measure(options["measure"])))
        else:
            self._print(_bench(options), as_json=options["json"])

    def _print(self, figures: dict[str, Any], *, as_json: bool) -> None:
        lines = [json.dumps(figures)] if as_json else [f"{name:<26}{value}" for name, value in figures.items()]
        self.stdout.write("\n".join(lines))
        if figures["lost"] or figures["duplicated"]:
            raise CommandError("Captures were lost or doubled.")


def ask_for_employees(stack: Stack, count: int) -> list[Employee]:
    """New employees of a running stack."""
    made = json.loads(stack.manage("bench_pipeline", "--make-employees", str(count)).splitlines()[-1])
    return [Employee(**employee) for employee in made]


def ask_for_outcome(stack: Stack, accepted: dict[UUID, int], employees: Sequence[Employee]) -> dict[str, Any]:
    """See `measure_outcome`."""
    file = stack.data_dir / "accepted.json"
    ids = {str(capture_id): owner for capture_id, owner in accepted.items()}
    file.write_text(json.dumps({"accepted": ids, "employees": [asdict(employee) for employee in employees]}))
    outcome: dict[str, Any] = json.loads(stack.manage("bench_pipeline", "--measure", str(file)).splitlines()[-1])
    return outcome


def wait_for_end(stack: Stack, seconds: float = _PATIENCE_SECONDS) -> None:
    """Return once nothing is queued, or after `seconds`."""
    end = time.monotonic() + seconds
    while count_queued(stack) and time.monotonic() < end:
        time.sleep(0.5)


def count_queued(stack: Stack) -> int:
    """Waiting captures by `/metrics`; 1 while it does not answer."""
    try:
        with urllib.request.urlopen(f"{stack.url}/metrics", timeout=10) as answer:  # noqa: S310 -- our own http address
            text = answer.read().decode()
    except OSError:
        return 1
    [line] = [line for line in text.splitlines() if line.startswith('wellbeing_captures{state="queued"}')]
    return int(float(line.split()[1]))


def _bench(options: dict[str, Any]) -> dict[str, Any]:
    shown, bursts = load_bursts(options["images"], frames=options["frames"])
    if not bursts:
        raise CommandError(f"There is no picture in {options['images']}.")
    variables = {
        "WELLBEING_CAPTURES_PER_HOUR": "100000",
        "WELLBEING_CAPTURES_WAITING": "1000000",
        "WELLBEING_WEB_PROCESSES": str(options["web_processes"]),
        "WELLBEING_WORKERS": str(options["workers"]),
    }
    is_postgresql = options["database"] == "postgresql"
    with (
        tempfile.TemporaryDirectory(prefix="wellbeing-bench-") as folder,
        Stack(Path(folder), variables, postgresql=is_postgresql) as stack,
    ):
        employees = ask_for_employees(stack, options["employees"])
        _warm_up(stack, employees, bursts)
        began, load = (
            read_processor_seconds(stack),
            Load(stack.url, [employee.cookies for employee in employees], bursts, options["rate"]),
        )
        with _sampled_memory(stack) as memory:
            sent = load.post_all(options["captures"], options["clients"])
            wait_for_end(stack)
        if not sent.accepted:
            raise CommandError(f"No capture was accepted; the site answered {dict(sent.answers)}.")
        spent = read_processor_seconds(stack)
        processor = {name: round((spent[name] - began[name]) / len(sent.accepted) * 1e3, 2) for name in spent}
        outcome = ask_for_outcome(stack, sent.accepted, employees)
    return {
        "database": options["database"],
        "pictures": shown,
        "frames_per_capture": options["frames"],
        **_sum_up(sent, outcome),
        "processor_ms_per_capture": processor | {"all": round(sum(processor.values()), 2)},
        "memory_mib": _summarise_memory(memory),
    }


def _warm_up(stack: Stack, employees: Sequence[Employee], bursts: Sequence[Sequence[bytes]]) -> None:
    """A few captures that are not measured: a process's first one imports and connects."""
    Load(stack.url, [employees[0].cookies], bursts, None).post_all(64, 8)
    wait_for_end(stack)
    stack.manage("shell", "--verbosity", "0", "-c", _FORGET)


_FORGET = "from emotion.models import Capture, Entry; Capture.objects.all().delete(); Entry.objects.all().delete()"


def _measure(file: Path) -> dict[str, Any]:
    sent = json.loads(file.read_text())
    accepted = {UUID(capture_id): owner for capture_id, owner in sent["accepted"].items()}
    return measure_outcome(accepted, [Employee(**employee) for employee in sent["employees"]])


def _sum_up(sent: Sent, outcome: dict[str, Any]) -> dict[str, Any]:
    return {
        "posted": sum(sent.answers.values()),
        "accepted": len(sent.accepted),
        "refused": {str(status): count for status, count in sorted(sent.answers.items()) if status != 202},
        "recorded": outcome["recorded"],
        "told_otherwise": outcome["told_otherwise"],
        "lost": outcome["lost"] + outcome["recorded_without_entry"],
        "duplicated": outcome["twice"],
        "keys_left": outcome["keys_left"],
        "frames_left": outcome["frames_left"],
        "seconds": outcome["seconds"],
        "captures_per_second": round(outcome["recorded"] / max(outcome["seconds"], 1e-3), 1),
        "accept_to_entry_seconds": outcome["accept_to_entry_seconds"],
    }


@contextmanager
def _sampled_memory(stack: Stack) -> Iterator[list[dict[str, float]]]:
    samples, done = [read_memory(stack)], threading.Event()

    def sample() -> None:
        while not done.wait(_SAMPLE_SECONDS):
            samples.append(read_memory(stack))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()
        samples.append(read_memory(stack))


def _summarise_memory(samples: Sequence[dict[str, float]]) -> dict[str, dict[str, float]]:
    places = {"first": samples[0], "middle": samples[len(samples) // 2], "last": samples[-1]}
    return {name: {place: sample[name] for place, sample in places.items()} for name in samples[0]}
