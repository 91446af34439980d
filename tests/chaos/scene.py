"""A running site to do harm to, employees who send snapshots meanwhile, and the count of what became of each."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psutil
import psycopg
from redis import Redis
from redis.exceptions import RedisError

from research.load.load import Load, Sent, headers_of
from research.load.people import Employee
from research.load.pictures import load_pictures
from research.load.site_processes import Stack
from research.management.commands.bench_pipeline import ask_for_employees, ask_for_outcome, wait_for_end
from tests.chaos.faults import add_tokens, count_tokens

_KEPT = "python -m wellbeing.restarter"
_WORKER = "python -m tests.chaos.worker worker"
#: As `manage.py serve` starts them, with points to die at. A new web child must be quick, hence `--preload`.
COMMANDS: Final = {
    "web": f"{_KEPT} web python -m gunicorn --config wellbeing/gunicorn.py --preload tests.chaos.web",
    "worker": f"{_KEPT} worker {_WORKER}",
    "second worker": f"{_KEPT} worker {_WORKER} --hostname second@%h",
    "beat": f"{_KEPT} beat python -m tests.chaos.worker beat",
}
EMPLOYEES: Final = 30
#: Who post at the same time, unless told otherwise.
CLIENTS: Final = 4
#: Nothing that happened to a capture or a blob may be unsettled after this.
_SETTLE_SECONDS: Final = 300.0


QUEUED: Final = "SELECT count(*) FROM emotion_capture WHERE state = 'queued'"
IN_HAND: Final = f"{QUEUED} AND claimed_by IS NOT NULL"
_LAST_CLAIM: Final = "SELECT max(claimed_at) FROM emotion_capture"


class Scene:
    """`figures` of a plan are made by `judge`, which raises AssertionError when a promise was broken."""

    def __init__(self, stack: Stack, tokens_folder: Path) -> None:
        self.stack, self.folder = stack, tokens_folder
        self.employees: list[Employee] = ask_for_employees(stack, EMPLOYEES)
        self.pictures = load_pictures(None, count=12)[1]
        self.kills: Counter[str] = Counter()

    @property
    def cookies(self) -> list[str]:
        return [employee.cookies for employee in self.employees]

    def post(
        self, captures: int, *, rate: float | None, clients: int = CLIENTS, pictures: Sequence[bytes] | None = None
    ) -> Sent:
        """Send captures as pages do: again with the same id for a minute when something is away."""
        load = Load(self.stack.url, self.cookies, _one_each(pictures or self.pictures), rate, patient=True)
        return load.post_all(captures, clients)

    @contextmanager
    def posting(
        self, captures: int, *, rate: float | None, clients: int = CLIENTS, owner: int | None = None
    ) -> Iterator[Sent]:
        """The same in the background, for one employee alone where `owner` is given.

        What it yields is complete when the block has ended.
        """
        cookies = self.cookies if owner is None else [self.employees[owner].cookies]
        load = Load(self.stack.url, cookies, _one_each(self.pictures), rate, patient=True)
        thread = threading.Thread(target=load.post_all, args=(captures, clients))
        thread.start()
        try:
            yield load.sent
        finally:
            thread.join()
            if owner is not None:
                load.sent.accepted = dict.fromkeys(load.sent.accepted, owner)

    def kill(self, name: str) -> None:
        """SIGKILL to all of a part, its keeper included, and a new one started."""
        self.stack.kill(name)
        self.stack.start(name)
        self.kills[name] += 1

    def kill_child(self, name: str) -> bool:
        """SIGKILL to one child of a part; its parent makes another. False when there was none at work just now."""
        children = self.children(name)
        if not children or (name == "worker" and not self._worker_reported()):
            return False
        try:
            os.kill(random.choice(children), signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.kills[f"{name} child"] += 1
        return True

    def children(self, name: str) -> list[int]:
        """The processes that do the work: children of the parent that the keeper keeps."""
        try:
            return [child.pid for parent in self.parents(name) for child in psutil.Process(parent).children()]
        except psutil.NoSuchProcess:
            return []

    def _worker_reported(self) -> bool:
        """A worker whose first child dies before it takes tasks ends altogether, and proves nothing about captures."""
        socket = self.stack.data_dir / "valkey" / "valkey.sock"
        try:
            with Redis(unix_socket_path=str(socket), db=1, socket_timeout=1) as client:
                report = client.get("wb:worker")
            return report is not None and [json.loads(report)["pid"]] == self.parents("worker")
        except (RedisError, psutil.NoSuchProcess):
            return False

    def parents(self, name: str) -> list[int]:
        """What the keeper of a part keeps: one process, or none at the moment."""
        return [parent.pid for parent in psutil.Process(self.stack.processes()[name]).children()]

    def arm(self, point: str, count: int = 1) -> None:
        add_tokens(self.folder, point, count)

    def wait_for_kill(self, point: str, seconds: float = 30) -> bool:
        """True once every token of the point has killed."""
        end = time.monotonic() + seconds
        while count_tokens(self.folder, point):
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def look_up(self, sql: str) -> Any:
        """What the database answers to a question for one value."""
        if self.stack.cluster:
            with psycopg.connect(self.stack.cluster.url("wellbeing")) as connection:
                row = connection.execute(sql.encode()).fetchone()
        else:
            with closing(sqlite3.connect(self.stack.data_dir / "wellbeing.sqlite3", timeout=20)) as file:
                row = file.execute(sql).fetchone()
        return row[0] if row else None

    def wait_for_count(self, sql: str, holds: Callable[[int], bool], seconds: float = 300) -> None:
        """Raises AssertionError when it does not come to hold in time."""
        end = time.monotonic() + seconds
        while not holds(count := self.look_up(sql)):
            assert time.monotonic() < end, f"{sql}: still {count}"
            time.sleep(0.005)

    def wait_for_work(self, seconds: float = 20) -> None:
        """Until a worker takes something in hand, or there has been nothing for it to do for so long."""
        before, end = self.look_up(_LAST_CLAIM), time.monotonic() + seconds
        while self.look_up(_LAST_CLAIM) == before and time.monotonic() < end:
            time.sleep(0.005)

    def ask(self, path: str, cookies: str, method: str = "GET", body: Any = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = headers_of(cookies) | {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.stack.url}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                content = answer.read()
                return answer.status, json.loads(content) if content else None
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def judge(self, sent: Sent, **figures: Any) -> dict[str, Any]:
        """Wait until all is settled and count. Raises AssertionError naming the promise that was broken."""
        wait_for_end(self.stack, _SETTLE_SECONDS)
        outcome = self._wait_for_leftovers(sent.accepted)
        broken = {
            name: outcome[name]
            for name in (
                "lost", "twice", "recorded_without_entry", "entry_of_another_state", "in_the_wrong_journal", "damaged",
                "keys_left", "frames_left",
            )
            if outcome[name]
        }  # fmt: skip
        told = self._ask_what_is_told(sent.accepted)
        counted = {
            "accepted": len(sent.accepted),
            "recorded": outcome["recorded"],
            "told_otherwise": outcome["told_otherwise"],
            "lost_silently": outcome["lost"] + told["untold"],
            "recorded_twice": outcome["twice"],
            "keys_left": outcome["keys_left"],
            "frames_left": outcome["frames_left"],
            "dropped_by_the_page": sent.dropped,
            "reasons": told["reasons"],
            "tries": outcome["tries"],
            **figures,
        }
        assert not broken, (broken, counted)
        assert counted["accepted"] == counted["recorded"] + counted["told_otherwise"], counted
        assert counted["lost_silently"] == 0, counted
        return counted

    def _wait_for_leftovers(self, accepted: dict[UUID, int]) -> dict[str, Any]:
        """Frames that a killed web process stored for no row go with a sweep soon after."""
        end = time.monotonic() + _SETTLE_SECONDS
        while True:
            outcome = ask_for_outcome(self.stack, accepted, self.employees)
            if not outcome["frames_left"] or time.monotonic() > end:
                return outcome
            time.sleep(2)

    def _ask_what_is_told(self, accepted: dict[UUID, int]) -> dict[str, Any]:
        """What each employee's own list says: a state for every capture, and a reason where nothing was recorded."""
        shown: dict[UUID, dict[str, Any]] = {}
        for owner in set(accepted.values()):
            _, captures = self.ask("/api/v1/captures/", self.employees[owner].cookies)
            shown |= {UUID(capture["id"]): capture for capture in captures}
        untold = [pk for pk in accepted if shown.get(pk, {}).get("state", "queued") == "queued"]
        reasons = Counter(
            f"{shown[pk]['state']}: {shown[pk]['reason']}" for pk in accepted if pk in shown and shown[pk]["reason"]
        )
        return {"untold": len(untold), "reasons": dict(reasons)}


@contextmanager
def scene(*, postgresql: bool, disk_mib: int | None = None, **variables: str) -> Iterator[Scene]:
    """A stack of its own for one series of plans; with its data on a disk of `disk_mib`, where mounting is allowed.

    Raises PermissionError where it is not.
    """
    with tempfile.TemporaryDirectory(prefix="wellbeing-chaos-") as name, ExitStack() as undo:
        folder = Path(name)
        if disk_mib:
            _mount(folder / "site" / "data", disk_mib)
            undo.callback(_unmount, folder / "site" / "data")
        tokens = folder / "tokens"
        settings = {
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "WELLBEING_CHAOS_TOKENS": str(tokens),
            "WELLBEING_CAPTURES_PER_HOUR": "100000",
            **variables,
        }
        with Stack(folder / "site", settings, postgresql=postgresql, commands=COMMANDS) as stack:
            yield Scene(stack, tokens)


def _one_each(pictures: Sequence[bytes]) -> list[list[bytes]]:
    """Captures of one picture."""
    return [[picture] for picture in pictures]


def _mount(place: Path, mib: int) -> None:
    place.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "chaos", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PermissionError(f"No disk can be mounted here: {done.stderr.strip()}")


def _unmount(place: Path) -> None:
    subprocess.run(["umount", "--lazy", str(place)], check=False)
