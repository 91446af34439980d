"""The bell that tells workers of waiting captures, and what health asks of the broker.

A message carries nothing: which captures wait stands in the database. While a message is on its way, no second one is
sent, so that a thousand captures cost a few messages. Whoever answers the bell silences it before looking, so a
capture committed after that look rings again.
"""

import logging
from typing import Final

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from core.exceptions import Unavailable
from emotion.valkey import connect

logger = logging.getLogger(__name__)

#: By name: the task calls services, and services call this.
_TASK: Final = "emotion.tasks.classify_waiting"
_FLAG: Final = "wb:bell"
#: A message lost with its worker keeps the bell silent no longer than this.
_FLAG_SECONDS: Final = 5


def notify_workers() -> None:
    """Wake a worker. A broker that is away is no error: the sweeper rings for what waits."""
    try:
        with connect(settings.BROKER_REDIS_URL) as client:
            if client.set(_FLAG, b"", nx=True, ex=_FLAG_SECONDS):
                current_app.send_task(_TASK)
    except (Unavailable, OperationalError):
        logger.warning("no worker was woken, the broker is away; the sweeper will")


def clear_flag() -> None:
    """From now on a new capture rings again. Raises Unavailable."""
    with connect(settings.BROKER_REDIS_URL) as client:
        client.delete(_FLAG)


def count_waiting() -> int:
    """Messages that no worker has taken yet. Raises Unavailable."""
    options, route = settings.CELERY_BROKER_TRANSPORT_OPTIONS, settings.CELERY_TASK_ROUTES[_TASK]
    queue = f"{settings.CELERY_TASK_DEFAULT_QUEUE}{options['sep']}{route['priority']}"
    with connect(settings.BROKER_REDIS_URL) as client:
        return int(client.llen(f"{options['global_keyprefix']}{queue}"))
