"""Snapshots through the real web process, Valkey and worker, while the worker is killed, and Valkey."""

import itertools
import json
import os
import random
import re
import signal
import sqlite3
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from emotion.labels import EXPRESSIONS, READING
from research.load.load import headers_of
from research.load.site_processes import Stack
from tests.faces import smile, to_jpeg
from tests.people import PASSPHRASE, make_people
from tests.valkey import read_value

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

CAPTURES, KILLS = 200, 5

_READ_ALL = f"""
import json
from vault.journal.kinds import Reading, show_data
from vault.journal.reading import read_journal
from vault.services.lifecycle import open_vault
from accounts.models import User
found = []
for user in User.objects.all():
    journal = read_journal(open_vault(user=user, passphrase={PASSPHRASE!r}))
    assert not journal.damaged
    found += [show_data(entry.data) for entry in journal.of(Reading)]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack"), {"WELLBEING_CAPTURES_PER_HOUR": "100000"}) as stack:
        yield stack


@pytest.fixture(scope="module")
def cookies(stack: Stack) -> list[str]:
    return make_people(stack, 3)


@pytest.fixture(scope="module")
def faces() -> list[bytes]:
    """The same smile nearer and farther, in good and in poor light, all different bytes."""
    whole = smile(1024, 768)
    boxes = [(x, y, x + 820, y + 615) for x in (40, 120, 200) for y in (0, 60, 120)]
    lights = [lambda value: value, lambda value: value // 3 + 60, lambda value: value // 4 + 20]
    return [to_jpeg(whole.crop(box).resize((640, 480)).point(light)) for box in boxes for light in lights]


def post(stack: Stack, cookies: str, capture_id: uuid.UUID, jpeg: bytes) -> tuple[int, dict[str, Any]]:
    headers = headers_of(cookies) | {"Content-Type": "application/octet-stream"}
    address = f"{stack.url}/api/v1/captures/?id={capture_id}&trigger=manual"
    try:
        with urllib.request.urlopen(urllib.request.Request(address, jpeg, headers), timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def query(stack: Stack, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{stack.data_dir / 'wellbeing.sqlite3'}?mode=ro", uri=True, timeout=20)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def count(stack: Stack, state: str) -> int:
    return int(query(stack, f"SELECT count(*) FROM emotion_capture WHERE state = '{state}'")[0][0])


def valkey_of(stack: Stack, database: int) -> Redis:
    return Redis(unix_socket_path=str(stack.data_dir / "valkey" / "valkey.sock"), db=database)


def dump(stack: Stack) -> bytes:
    """Every key and value in both databases."""
    parts: list[bytes] = []
    for database in (0, 1):
        with valkey_of(stack, database) as client:
            for name in client.scan_iter():
                parts += [name, *read_value(client, name)]
    return b"\n".join(parts)


def wait_until_none_is_queued(stack: Stack, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while count(stack, "queued") and time.monotonic() < deadline:
        time.sleep(0.25)


def kill_while_it_works(stack: Stack, kills: int, stop: threading.Event) -> int:
    """SIGKILL the worker's whole process group each time it has recorded a few more; start it again."""
    done = 0
    while done < kills and not stop.is_set():
        goal = count(stack, "recorded") + random.randint(8, 24)
        while count(stack, "recorded") < goal and not stop.wait(0.01):
            pass
        stack.kill("worker")
        done += 1
        stack.start("worker")
    return done


def test_one_id_posted_twelve_times_at_once_is_one_capture(
    stack: Stack, cookies: list[str], faces: list[bytes]
) -> None:
    capture_id = uuid.uuid4()
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: post(stack, cookies[0], capture_id, faces[0]), range(12)))
    assert Counter(status for status, _ in answers) == {202: 1, 200: 11}
    assert {answer["id"] for _, answer in answers} == {str(capture_id)}
    assert query(stack, f"SELECT count(*) FROM emotion_capture WHERE id = '{capture_id.hex}'") == [(1,)]
    assert post(stack, cookies[1], capture_id, faces[0])[0] == 404


def test_killed_workers_lose_nothing_double_nothing_and_leave_nothing(
    stack: Stack, cookies: list[str], faces: list[bytes]
) -> None:
    wait_until_none_is_queued(stack, 30)
    before = count(stack, "recorded")
    ids, stop = [uuid.uuid4() for _ in range(CAPTURES)], threading.Event()
    with ThreadPoolExecutor(4) as pool:
        killer = pool.submit(kill_while_it_works, stack, KILLS, stop)
        posts = [
            pool.submit(post, stack, cookies[n % len(cookies)], capture_id, faces[n % len(faces)])
            for n, capture_id in enumerate(ids)
        ]
        assert [future.result()[0] for future in posts[:60]] == [202] * 60
        midway = dump(stack)
        assert {future.result()[0] for future in posts} == {202}
        wait_until_none_is_queued(stack, 150)
        stop.set()
        assert killer.result() == KILLS
    assert b"wb:frames:" in midway, "frames were on their way when it was dumped"
    check_nothing_is_lost_or_left(stack, before)
    readings = json.loads(stack.manage("shell", "--verbosity", "0", "-c", _READ_ALL).splitlines()[-1])
    assert {reading["capture"] for reading in readings} >= {str(capture_id) for capture_id in ids}
    assert len({reading["capture"] for reading in readings}) == len(readings) == before + CAPTURES
    assert Counter(reading["outcome"] for reading in readings)[READING] > CAPTURES // 2
    check_nothing_is_in_clear(stack, midway, readings, faces)


def stop_worker_at_work(stack: Stack, cookies: str, faces: list[bytes]) -> None:
    """SIGSTOP while it has a capture in hand."""
    group = stack.processes()["worker"]
    for face in itertools.cycle(faces):
        assert post(stack, cookies, uuid.uuid4(), face)[0] == 202
        os.killpg(group, signal.SIGSTOP)
        if query(stack, "SELECT 1 FROM emotion_capture WHERE state = 'queued' AND claimed_by IS NOT NULL LIMIT 1"):
            return
        os.killpg(group, signal.SIGCONT)


def test_a_restart_of_redis_stops_no_worker(stack: Stack, cookies: list[str], faces: list[bytes]) -> None:
    """Redis is gone when the worker acknowledges its task. This stack has no keeper that would replace the worker."""
    wait_until_none_is_queued(stack, 30)
    stop_worker_at_work(stack, cookies[2], faces)
    stack.kill("valkey")
    os.killpg(stack.processes()["worker"], signal.SIGCONT)
    time.sleep(3)  # longer than the task takes
    stack.start("valkey")
    stack.wait_until_ready()
    before = count(stack, "recorded")
    assert [post(stack, cookies[2], uuid.uuid4(), face)[0] for face in faces[:5]] == [202] * 5
    wait_until_none_is_queued(stack, 30)
    assert count(stack, "recorded") >= before + 5


def check_nothing_is_lost_or_left(stack: Stack, before: int) -> None:
    states = dict(query(stack, "SELECT state, count(*) FROM emotion_capture GROUP BY state"))
    assert states == {"recorded": before + CAPTURES}
    entries = query(stack, "SELECT count(capture_id), count(DISTINCT capture_id) FROM vault_entry")
    assert entries == [(before + CAPTURES, before + CAPTURES)]
    assert query(stack, "SELECT count(*) FROM emotion_capture WHERE sealed_key IS NOT NULL") == [(0,)]
    # A worker killed between its commit and the removal leaves a blob that nothing opens; it goes when the capture's
    # message comes again, or with the sweep a minute after.
    end = time.monotonic() + 90
    with valkey_of(stack, 1) as blobs:
        while blobs.keys("wb:frames:*") and time.monotonic() < end:
            time.sleep(0.5)
        assert blobs.keys("wb:frames:*") == []


def check_nothing_is_in_clear(stack: Stack, midway: bytes, readings: list[dict[str, Any]], faces: list[bytes]) -> None:
    files = [path for path in stack.log.parent.rglob("*") if path.is_file() and "static" not in path.parts]
    assert {"wellbeing.sqlite3", "keystore.sqlite3", "site.log"} <= {path.name for path in files}
    everything = {str(path): path.read_bytes() for path in files}
    everything |= {"valkey midway": midway, "valkey": dump(stack)}
    probabilities = {str(p).encode() for reading in readings for p in reading["p"] or () if len(str(p)) >= 7}
    assert len(probabilities) > 5
    number = re.compile(rb"\d\.\d{4,5}(?!\d)")
    pieces = {face[at : at + 24] for face in faces for at in (0, 160, len(face) // 2, len(face) - 24)}
    for place, content in everything.items():
        assert b"JFIF" not in content, place
        assert [piece for piece in pieces if piece in content] == [], place
        assert set(number.findall(content)) & probabilities == set(), place
        assert b'"outcome"' not in content, place
    # The catalogue names expressions too, so for the database every row of ours is looked at instead of the file.
    words = re.compile("|".join(EXPRESSIONS).encode())
    for place, content in everything.items():
        if not Path(place).name.startswith("wellbeing.sqlite3"):
            assert words.findall(content) == [], place
    tables = [name for (name,) in query(stack, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    ours = [name for name in tables if name.startswith(("accounts_", "vault_", "emotion_"))]
    assert {"emotion_capture", "vault_entry", "vault_vault"} <= set(ours)
    for table in ours:
        rows = "\n".join(str(row) for row in query(stack, f"SELECT * FROM {table}")).encode()
        assert words.findall(rows) == [], table
