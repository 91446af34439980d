"""A second connection to the database while the test's own one holds a transaction open."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection, connections

T = TypeVar("T")


def run_elsewhere(work: Callable[[], T]) -> T:
    """The result of `work` in a connection of its own. Raises OperationalError when it has to wait for a lock."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no lock of a row")

    def run() -> T:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()
