"""Collecting is cheap: what takes long to import waits for the tests that need it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COLLECT = """
import sys, pytest
code = pytest.main(["--co", "-q", "-p", "no:cacheprovider", *sys.argv[1:]])
print("imported:", sorted({"tensorflow", "keras"} & set(sys.modules)), int(code))
"""


def collect(*args: str) -> str:
    command = [sys.executable, "-c", COLLECT, *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300).stdout


@pytest.mark.slow
def test_collecting_imports_no_tensorflow() -> None:
    assert collect().splitlines()[-1] == "imported: [] 0"


def test_unit_tests_are_those_without_a_server_of_any_kind() -> None:
    listed = collect("--unit", "tests/test_levels.py", "tests/test_surface.py", "tests/test_requirements.py")
    assert "test_requirements.py::" in listed
    assert "test_levels.py::" not in listed
    assert "test_surface.py::" not in listed
