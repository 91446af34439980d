"""Runs the same work for many made-up people, in sequence or in several processes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def spread(work: Callable[[Task], Result], tasks: Sequence[Task], *, processes: int) -> list[Result]:
    """The results in the order of `tasks`. With more than one process, `work` and tasks must be picklable."""
    if processes < 2:
        return [work(task) for task in tasks]
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        return list(pool.map(work, tasks, chunksize=max(1, len(tasks) // (8 * processes))))
