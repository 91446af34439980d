"""Killed at any moment, or many at once: nothing is lost and nothing is there twice."""

from pathlib import Path
from typing import Any

from tests.processes import run_module
from tests.vault.journal.processes import EACH, KILLS, RACERS


def run(what: str, folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = run_module("tests.vault.journal.processes", what, data_dir=folder)
    return result


def test_killed_in_the_middle_of_folding_nothing_is_lost(tmp_path: Path) -> None:
    result = run("kill", tmp_path)
    assert (result["killed"], result["damaged"]) == (KILLS, False)
    assert len(result["said"]) >= KILLS
    found = result["found"]
    assert len(found) == len(set(found))
    assert set(result["said"]) <= set(found)
    # The last entry of a killed process may be committed before it could say so.
    assert len(found) - len(result["said"]) <= KILLS
    assert set(result["found_again"]) == set(found)
    assert result["waiting"] == 0


def test_four_at_once_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    result = run("race", tmp_path)
    assert (result["ended"], result["damaged"]) == ([0] * RACERS, False)
    assert len(result["said"]) == RACERS * EACH
    assert sorted(result["found"]) == sorted(result["found_again"]) == sorted(result["said"])
    assert result["waiting"] == 0
