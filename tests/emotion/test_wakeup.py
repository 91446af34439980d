import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from core.exceptions import Unavailable
from emotion import wakeup
from tests.valkey import AWAY, count_messages


def test_many_captures_ring_once_until_somebody_answers(valkey: Redis) -> None:
    for _ in range(5):
        wakeup.notify_workers()
    assert count_messages() == wakeup.count_waiting() == 1
    wakeup.clear_flag()
    wakeup.notify_workers()
    assert count_messages() == 2


def test_a_message_that_was_lost_silences_the_bell_for_seconds_only(valkey: Redis) -> None:
    wakeup.notify_workers()
    with Redis(unix_socket_path=valkey.connection_pool.connection_kwargs["path"], db=0) as client:
        assert 0 < client.ttl("wb:bell") <= 5


def test_a_message_carries_nothing(valkey: Redis) -> None:
    wakeup.notify_workers()
    with Redis(unix_socket_path=valkey.connection_pool.connection_kwargs["path"], db=0) as client:
        [message] = client.lrange("wb:captures:9", 0, -1)
    assert b'"argsrepr": "()"' in message
    assert b'"kwargsrepr": "{}"' in message


def test_a_broker_that_is_away_is_no_error_for_whoever_rings(settings: Settings) -> None:
    settings.BROKER_REDIS_URL = AWAY
    wakeup.notify_workers()
    for ask in (wakeup.clear_flag, wakeup.count_waiting):
        with pytest.raises(Unavailable):
            ask()
