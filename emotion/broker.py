"""How many messages wait in the broker, for the sweeper and for health. Reads only."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from wellbeing.celery import app
from wellbeing.exceptions import Unavailable


def count_waiting() -> int:
    """Messages about captures that no worker has taken yet. Raises Unavailable."""
    return int(_with_client(lambda client: client.llen(settings.CELERY_TASK_DEFAULT_QUEUE)))


def ping() -> None:
    """Raises Unavailable."""
    _with_client(lambda client: client.ping())


def _with_client(ask: Any) -> Any:
    try:
        with app.connection_for_read(connect_timeout=2) as connection:
            return ask(connection.default_channel.client)
    except (OperationalError, RedisError) as error:
        raise Unavailable from error
