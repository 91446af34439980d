"""Long work that lets the other threads of its process go first."""

import time
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

_ITEMS: Final = 100
_PAUSE_SECONDS: Final = 0.002

T = TypeVar("T")


def at_ease(items: Iterable[T]) -> Iterator[T]:
    """The same items, with a pause after every hundred, about as long as they take."""
    for number, item in enumerate(items):
        if number % _ITEMS == _ITEMS - 1:
            time.sleep(_PAUSE_SECONDS)
        yield item
