"""What is done to a running site, plan by plan. Each returns figures, or raises AssertionError with them."""

import io
import os
import random
import signal
import sqlite3
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any, Final

import psutil
import psycopg
from PIL import Image
from redis import Redis

from emotion.consent_text import CONSENT_TEXT
from research.load.load import Connection, Sent
from tests.chaos.faults import HANG, KILL, MEMORY, WEB_POINTS, WORKER_POINTS
from tests.chaos.scene import CLIENTS, IN_HAND, QUEUED, Scene

Figures = dict[str, Any]


def no_fault(scene: Scene, captures: int) -> Figures:
    """C0."""
    began = time.monotonic()
    sent = scene.post(captures, rate=None)
    return scene.judge(sent, seconds=round(time.monotonic() - began, 1))


def kills_and_restarts(scene: Scene, captures: int, kills: int, restarts: int) -> Figures:
    """C1, C2, C4, C5 at once: worker, children and web killed while Redis and the database are restarted.

    Each kill falls among its own share of the captures, so that none hits a site at rest. Workers are killed every few
    seconds, just when they have taken something in hand, so that hundreds soon wait, as on no other site. Redis is
    killed once these are read: what is lost with it is what waits under load, and no more.
    """
    scene.kills.clear()
    total, chance = _post_poison(scene), random.Random(7)
    poison_frames, waited = len(total.accepted), list[int]()
    parts = chance.choices(("worker", "web", "worker child", "web child"), (1, 1, 4, 3), k=kills)
    for number, part in enumerate(parts):
        share = captures // kills + (number < captures % kills)
        is_restart = restarts and number % max(1, kills // restarts) == kills // restarts // 2
        if is_restart:
            scene.wait_for_count(QUEUED, lambda count: count == 0)
        with scene.posting(share, rate=None) as sent:
            if part.startswith("worker"):
                scene.wait_for_work()
            time.sleep(chance.uniform(0, 0.1))
            _kill(scene, part)
            if is_restart:
                waited.append(_restart_redis(scene))
                _restart_database(scene)
        total.add(sent)
    figures = scene.judge(
        total, kills=dict(scene.kills), waited_when_redis_was_killed=waited, poison_frames=poison_frames
    )
    # A request that was under way when they were counted may have stored its frame before.
    assert figures["reasons"].get("expired: frame_lost", 0) <= sum(waited) + CLIENTS * len(waited), figures
    return figures


def deterministic_kills(scene: Scene, times: int) -> Figures:
    """C1b and C10: at each point of web and worker, `times` kills, one after the other; counted together at the end."""
    kills, total = {}, Sent()
    for point in (*WEB_POINTS, *WORKER_POINTS):
        with scene.posting(times + 5, rate=None, clients=3) as sent:
            kills[point] = 0
            for _ in range(times):
                scene.arm(point)
                if not _wait_with_captures(scene, point, total):
                    break
                kills[point] += 1
        total.add(sent)
    figures = scene.judge(total, kills=kills)
    assert set(kills.values()) == {times}, figures
    return figures


def poison(scene: Scene, each: int) -> Figures:
    """C3: frames that kill, hang, take all memory or do not decode, among sound ones. All others are recorded."""
    bad = _post_poison(scene, each)
    sent = scene.post(20 * each, rate=None)
    figures = scene.judge(sent, poison_frames=len(bad.accepted))
    assert figures["recorded"] == len(sent.accepted), figures
    judged = scene.judge(bad)
    assert judged["recorded"] == 0, judged
    return figures | {"of_poison": judged["reasons"]}


def redis_pause(scene: Scene, seconds: float) -> Figures:
    """C4: Redis answers nothing for a while."""
    group = scene.stack.processes()["valkey"]
    with scene.posting(60, rate=20) as sent:
        time.sleep(0.5)
        os.killpg(group, signal.SIGSTOP)
        time.sleep(seconds)
        os.killpg(group, signal.SIGCONT)
        back = time.monotonic()
    return scene.judge(sent, paused_seconds=seconds, drained_after_seconds=round(time.monotonic() - back, 1))


def redis_full(scene: Scene) -> Figures:
    """C4: Redis has no memory left. Nothing is half accepted; the page is told to come back."""
    with _redis(scene) as client:
        client.config_set("maxmemory", 1)
        try:
            refused = [_post_once(scene, number).status for number in range(10)]
        finally:
            client.config_set("maxmemory", 0)
    assert refused == [503] * 10, refused
    return scene.judge(scene.post(20, rate=None), refused=len(refused))


def database_lock(scene: Scene, seconds: float = 8) -> Figures:
    """C5: somebody holds a lock for longer than anyone waits for it."""
    with scene.posting(40, rate=20) as sent, _locked(scene):
        time.sleep(seconds)
    return scene.judge(sent, held_seconds=seconds, answers=_answers(sent))


def zombie(scene: Scene, rounds: int) -> Figures:
    """C6: a worker sleeps through its claim, another one does the work, then the first goes on writing."""
    total, in_hand = Sent(), 0
    keeper = scene.stack.processes()["worker"]
    for _ in range(rounds):
        children = scene.children("worker")
        with scene.posting(40, rate=None) as sent:
            scene.wait_for_count(IN_HAND, lambda count: count > 0)
            # All of it: a parent kills a child that takes too long, and a keeper a silent parent.
            os.killpg(keeper, signal.SIGSTOP)
        in_hand += scene.look_up(IN_HAND)
        scene.stack.start("second worker")
        scene.wait_for_count(QUEUED, lambda count: count == 0)
        for child in children:
            _signal(child, signal.SIGCONT)
        _wait_until_idle(children)
        os.killpg(keeper, signal.SIGCONT)
        scene.stack.end("second worker")
        total.add(sent)
    figures = scene.judge(total, rounds=rounds, in_the_sleepers_hand=in_hand)
    assert in_hand > 0, figures
    return figures


def clock_jump(scene: Scene) -> Figures:
    """C8: what stands in the database is suddenly an hour ahead, then an hour old. What is ahead waits for no hour."""
    total, figures = Sent(), Figures()
    for hours in (-1, 1):
        scene.stack.kill("worker")
        total.add(scene.post(20, rate=None))
        _move_clock(scene, hours=hours)
        assert _post_once(scene, 0, total).status == 202
        scene.stack.start("worker")
        figures = scene.judge(total)
        assert hours > 0 or figures["recorded"] == 21, figures
    return figures


def withdrawal(scene: Scene, rounds: int) -> Figures:
    """C9: consent ends with captures in flight. Nothing is recorded once the person has withdrawn."""
    total, destroyed = Sent(), 0
    for number in range(rounds):
        cookies = scene.employees[number % len(scene.employees)].cookies
        with scene.posting(20, rate=None, owner=number % len(scene.employees)) as sent:
            enough = random.randint(4, 16)
            while len(sent.accepted) < enough:
                time.sleep(0.01)
            status, _ = scene.ask("/api/v1/consent/", cookies, "DELETE")
            assert status in {200, 204}, status
        scene.wait_for_count(QUEUED, lambda count: count == 0)
        destroyed += list(_states(scene, cookies).values()).count("withdrawn")
        scene.ask("/api/v1/consent/", cookies, "POST", {"text_version": CONSENT_TEXT.version})
        total.add(sent)
    figures = scene.judge(
        total, rounds=rounds, withdrawn=destroyed, recorded_after_withdrawal=scene.look_up(_RECORDED_TOO_LATE)
    )
    assert figures["recorded_after_withdrawal"] == 0, figures
    assert destroyed > 0, figures
    return figures


def back_pressure(scene: Scene) -> Figures:
    """Too many wait: 503 with Retry-After, nothing kept of what is refused, and all that was accepted is recorded."""
    sent, room = Sent(), 50
    _restart_web(scene, WELLBEING_CAPTURES_WAITING=str(room))
    scene.stack.kill("worker")
    answers = [_post_once(scene, number, sent) for number in range(room + 20)]
    refused = [answer for answer in answers if answer.status == 503]
    # Beside the frames there are at most two other keys, which count as if they were captures.
    assert room - 2 <= len(sent.accepted) <= room, len(sent.accepted)
    assert all(answer.retry_after == 10 for answer in refused), refused
    scene.stack.start("worker")
    figures = scene.judge(sent, room=room, refused=len(refused), retry_after_seconds=10)
    _restart_web(scene, WELLBEING_CAPTURES_WAITING="2000")
    return figures


def rolling_restarts(scene: Scene, rounds: int) -> Figures:
    """R10: SIGTERM to worker and web by turns, under load. Nothing is lost, and nothing is done twice."""
    seconds = []
    with scene.posting(30 * rounds, rate=20) as sent:
        for number in range(rounds):
            part = ("worker", "web")[number % 2]
            time.sleep(0.5)
            seconds.append(round(scene.stack.end(part), 1))
            scene.stack.start(part)
            scene.stack.wait_until_ready()
    figures = scene.judge(sent, restarts=rounds, slowest_stop_seconds=max(seconds))
    assert max(seconds) <= 25, seconds
    return figures


def silent_worker(scene: Scene) -> Figures:
    """A worker that lives but takes no task: readiness says so within a minute, its keeper replaces it."""
    sleepers = [*scene.children("worker"), *scene.parents("worker")]
    for pid in sleepers:
        _signal(pid, signal.SIGSTOP)
    began = time.monotonic()
    sent = scene.post(20, rate=None)
    red = _wait_for_readiness(scene, 503) - began
    _wait_for_readiness(scene, 200)
    figures = scene.judge(sent, red_after_seconds=round(red, 1), replaced_after_seconds=round(time.monotonic() - began))
    assert red <= 60, figures
    assert figures["recorded"] == 20, figures
    return figures


def disk_full(scene: Scene) -> Figures:
    """C7: no room is left for the database. Nothing is half accepted, and what was accepted goes on afterwards."""
    before = scene.post(10, rate=None)
    ballast = scene.stack.data_dir / "ballast"
    with ballast.open("wb") as file, suppress(OSError):
        while True:
            file.write(bytes(2**16))
            file.flush()
    refused = Counter(_post_once(scene, number).status for number in range(40))
    ballast.unlink()
    assert refused[503] > 0, refused
    assert set(refused) <= {202, 503}, refused
    before.add(scene.post(20, rate=None))
    return scene.judge(before, while_full={str(status): count for status, count in sorted(refused.items())})


def _wait_for_readiness(scene: Scene, status: int, seconds: float = 180) -> float:
    """When `/readyz` first answered so."""
    end = time.monotonic() + seconds
    while scene.ask("/readyz", "")[0] != status:
        assert time.monotonic() < end, f"never {status}"
        time.sleep(0.5)
    return time.monotonic()


def _restart_web(scene: Scene, **variables: str) -> None:
    scene.stack.environment.update(variables)
    scene.stack.end("web")
    scene.stack.start("web")
    scene.stack.wait_until_ready()


def _kill(scene: Scene, part: str) -> None:
    """A part that is about to start again is waited for."""
    if not part.endswith("child"):
        scene.kill(part)
        return
    end = time.monotonic() + 300
    while not scene.kill_child(part.removesuffix(" child")):
        assert time.monotonic() < end, f"no {part} to kill"
        time.sleep(0.05)


def _restart_redis(scene: Scene) -> int:
    """SIGKILL. Returns how many captures waited, counted while Redis already takes none any more."""
    os.killpg(scene.stack.processes()["valkey"], signal.SIGSTOP)
    time.sleep(0.1)
    waiting: int = scene.look_up(QUEUED)
    scene.kill("valkey")
    return waiting


def _restart_database(scene: Scene) -> None:
    """PostgreSQL as after a crash; with SQLite there is no server, so one writer each dies inside its transaction."""
    cluster = scene.stack.cluster
    if cluster:
        cluster.stop()
        cluster.start()
        scene.kills["postgresql"] += 1
    else:
        for point in (WEB_POINTS[1], WORKER_POINTS[4]):
            scene.arm(point)
        scene.kills["sqlite writer"] += 2


def _wait_with_captures(scene: Scene, point: str, sent: Sent) -> bool:
    """The point needs captures to be passed: one more is posted whenever it was not reached for a while."""
    for _ in range(20):
        if scene.wait_for_kill(point, 1.5):
            return True
        more = scene.post(1, rate=None, clients=1)
        sent.add(more)
    return False


def _post_poison(scene: Scene, each: int = 1) -> Sent:
    sent = Sent()
    for order in (KILL, HANG, MEMORY, b""):
        for _ in range(each):
            picture = _poison(order)
            sent.add(scene.post(1, rate=None, clients=1, pictures=[picture]))
    return sent


def _poison(order: bytes) -> bytes:
    """A sound header with an order in a comment, or with its tables made into a comment so that it does not decode."""
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 90, 90)).save(buffer, "JPEG")
    jpeg = buffer.getvalue()
    if not order:
        return jpeg.replace(b"\xff\xdb", b"\xff\xfe")
    return jpeg[:2] + b"\xff\xfe" + (len(order) + 2).to_bytes(2, "big") + order + jpeg[2:]


def _post_once(scene: Scene, number: int, sent: Sent | None = None) -> Any:
    connection, capture_id = Connection(scene.stack.url), uuid.uuid4()
    owner = number % len(scene.employees)
    answer = connection.post(scene.employees[owner].cookies, capture_id, scene.pictures[:1])
    connection.close()
    if sent is not None and answer.status == 202:
        sent.accepted[capture_id] = owner
    return answer


def _wait_until_idle(pids: Sequence[int]) -> None:
    """Until none of these processes took processor time for a second."""
    before: list[Any] = []
    while before != (now := [psutil.Process(pid).cpu_times()[:2] for pid in pids if psutil.pid_exists(pid)]):
        before = now
        time.sleep(1)


def _states(scene: Scene, cookies: str) -> dict[str, str]:
    _, captures = scene.ask("/api/v1/captures/", cookies)
    return {capture["id"]: capture["state"] for capture in captures}


def _answers(sent: Sent) -> dict[str, int]:
    return {str(status): count for status, count in sorted(sent.answers.items())}


def _redis(scene: Scene) -> Redis:
    return Redis(unix_socket_path=str(scene.stack.data_dir / "valkey" / "valkey.sock"), db=1)


def _signal(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def _locked(scene: Scene) -> Iterator[None]:
    """Holds what every writer needs."""
    if scene.stack.cluster:
        with psycopg.connect(scene.stack.cluster.url("wellbeing")) as connection:
            connection.execute("LOCK TABLE emotion_capture IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()
    else:
        path = scene.stack.data_dir / "wellbeing.sqlite3"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")


#: Both moments are taken with the consent's row held, so one of the two came first.
_RECORDED_TOO_LATE: Final = """
SELECT count(*) FROM emotion_capture AS capture JOIN vault_vault AS vault ON vault.id = capture.vault_id
JOIN emotion_consent AS consent ON consent.user_id = vault.user_id
WHERE capture.state = 'recorded' AND capture.queued_at < consent.ended_at AND capture.finished_at > consent.ended_at
"""

_MOVE: Final = (
    "from datetime import timedelta; from django.db.models import F; from emotion.models import Capture;"
    "shift = timedelta(hours={hours});"
    "waiting = Capture.objects.filter(state='queued');"
    "waiting.update(queued_at=F('queued_at') - shift, claimed_at=F('claimed_at') - shift)"
)


def _move_clock(scene: Scene, *, hours: int) -> None:
    """Setting the clock forward by an hour makes every date an hour older."""
    scene.stack.manage("shell", "--verbosity", "0", "-c", _MOVE.format(hours=hours))


PLANS: Final[dict[str, Callable[..., Figures]]] = {
    plan.__name__: plan
    for plan in (
        no_fault, kills_and_restarts, deterministic_kills, poison, redis_pause, redis_full, database_lock, zombie,
        clock_jump, withdrawal, back_pressure, rolling_restarts, silent_worker, disk_full,
    )
}  # fmt: skip
