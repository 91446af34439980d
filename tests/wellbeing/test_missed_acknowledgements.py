"""A worker whose acknowledgement did not reach Redis connects again instead of waiting for ever."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from celery.worker import state

from wellbeing.celery import MissAcknowledgements, app


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
    step = MissAcknowledgements(None)
    step.look(worker(can_consume=False))
    with pytest.raises(ConnectionResetError, match="did not reach Redis"):
        step.look(worker(can_consume=False))


def test_one_that_is_at_work_or_waits_for_work_is_left_alone() -> None:
    step, request = MissAcknowledgements(None), Request()
    state.reserved_requests.add(request)
    for _ in range(3):
        step.look(worker(can_consume=False))
    state.reserved_requests.clear()
    for can_consume in (False, True, False, True):
        step.look(worker(can_consume=can_consume))


def test_every_worker_looks() -> None:
    assert MissAcknowledgements in app.steps["consumer"]
