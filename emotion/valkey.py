"""Connections to Redis or Valkey, kept open between requests; every failure is one refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from core.exceptions import Unavailable


@contextmanager
def connect(url: str) -> Iterator[Redis]:
    """Raises Unavailable when the server is away, slow or full."""
    try:
        yield _client(url)
    except RedisError as error:
        raise Unavailable from error


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    client: Redis = Redis.from_url(url, socket_timeout=2, socket_connect_timeout=1, retry=Retry(NoBackoff(), 1))
    return client
