"""A process that dies between two writes to its databases."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connections


class Crash(Exception):
    """The process dies here."""


@contextmanager
def dying_at(number: int, *aliases: str) -> Iterator[list[str]]:
    """Raises before the `number`th write to any of these databases; yields the writes that were made."""
    made: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            if len(made) == number:
                raise Crash
            made.append(sql)
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for alias in aliases:
            stack.enter_context(connections[alias].execute_wrapper(watch))
        yield made
