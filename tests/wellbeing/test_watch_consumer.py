"""A worker whose acknowledgement did not reach Redis connects again; one that takes no task gives no sign of life."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from celery.worker import state
from pytest_django.fixtures import Settings

from emotion import wakeup
from emotion.services import worker_health
from tests.valkey import AWAY
from wellbeing.celery import WatchConsumer, app


class Request:
    """What a worker has in hand; a class of its own so that a weak set may hold it."""


@pytest.fixture(autouse=True)
def nothing_in_hand() -> Iterator[None]:
    state.reserved_requests.clear()
    yield
    state.reserved_requests.clear()


def worker(*, can_consume: bool) -> SimpleNamespace:
    qos = SimpleNamespace(can_consume=lambda: can_consume)
    return SimpleNamespace(task_consumer=SimpleNamespace(channel=SimpleNamespace(qos=qos)))


def test_one_that_may_take_no_task_and_has_none_in_hand_connects_again_at_the_second_look() -> None:
    step = WatchConsumer(None)
    step.look(worker(can_consume=False))
    with pytest.raises(ConnectionResetError, match="did not reach Redis"):
        step.look(worker(can_consume=False))


def test_one_that_is_at_work_or_waits_for_work_is_left_alone() -> None:
    step, request = WatchConsumer(None), Request()
    state.reserved_requests.add(request)
    for _ in range(3):
        step.look(worker(can_consume=False))
    state.reserved_requests.clear()
    for can_consume in (False, True, False, True):
        step.look(worker(can_consume=can_consume))


@pytest.mark.parametrize(
    ("waiting", "in_hand", "reports"), [(0, False, True), (1, True, True), (0, True, True), (1, False, False)]
)
def test_it_gives_a_sign_of_life_unless_captures_wait_and_it_has_nothing_in_hand(
    monkeypatch: pytest.MonkeyPatch, waiting: int, in_hand: bool, reports: bool
) -> None:
    request, reported = Request(), list[list[int]]()
    if in_hand:
        state.reserved_requests.add(request)
    monkeypatch.setattr(wakeup, "count_waiting", lambda: waiting)
    monkeypatch.setattr(worker_health, "report", lambda children: reported.append(children))
    WatchConsumer(None).report(SimpleNamespace(pool=SimpleNamespace(info={"processes": [7, 8]})))
    assert reported == ([[7, 8]] if reports else [])


def test_without_redis_it_gives_none(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BROKER_REDIS_URL = AWAY
    monkeypatch.setattr(worker_health, "report", lambda children: pytest.fail("it reported"))
    WatchConsumer(None).report(SimpleNamespace(pool=SimpleNamespace(info={"processes": []})))


def test_every_worker_looks() -> None:
    assert WatchConsumer in app.steps["consumer"]
