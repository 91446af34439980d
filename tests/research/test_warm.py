"""Mistakes in a small tree of its own: asked for real, in processes that stay warm."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

import pytest

from research.mutants.asking import Picked, ask_all
from research.mutants.mistakes import find_mistakes
from research.mutants.warm import warm_up

CONFIG = {"tree": ["app", "tests"], "tests_left_out": []}
FILES = {
    "app/__init__.py": "",
    "app/doors.py": "def is_open(hour):\n    return 8 <= hour\n",
    "tests/__init__.py": "",
    "tests/settings.py": "SECRET_KEY = 'x'\n",
    "tests/test_doors.py": (
        "from app.doors import is_open\n\ndef test_noon():\n    assert is_open(12)\n\n"
        "def test_seven():\n    assert not is_open(7)\n"
    ),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def pool(tree: Path) -> Iterator[Executor]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context, warm_up, (tree, "not slow", 1.0)) as pool:
        yield pool


def ask_about(tree: Path, pool: Executor) -> dict[str, tuple[str, str]]:
    source = (tree / "app/doors.py").read_bytes()
    picked = [Picked("app", mistake, source) for mistake in find_mistakes("app/doors.py", source)]
    return {result.come: (result.outcome, result.by) for result in ask_all(tree, CONFIG, picked, pool, files=1)}


@pytest.mark.slow
def test_what_a_test_notices_is_caught_and_what_none_does_survives(tree: Path, pool: Executor) -> None:
    assert ask_about(tree, pool) == {
        "return None": ("caught", "tests/test_doors.py::test_noon"),
        "return 8 < hour": ("survived", ""),
        "return 9 <= hour": ("survived", ""),
    }
    assert (tree / "app/doors.py").read_text() == FILES["app/doors.py"]


@pytest.mark.slow
def test_a_test_that_fails_anyway_is_left_out(tree: Path, pool: Executor) -> None:
    (tree / "tests/test_doors.py").write_text("def test_other():\n    assert False\n\n" + FILES["tests/test_doors.py"])
    assert ask_about(tree, pool)["return None"] == ("caught", "tests/test_doors.py::test_noon")


@pytest.mark.slow
def test_a_tree_whose_tests_cannot_begin_is_refused(tree: Path, pool: Executor) -> None:
    (tree / "tests/settings.py").write_text("raise ValueError\n")
    with pytest.raises(SystemExit):
        ask_about(tree, pool)
