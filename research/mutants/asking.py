"""Which tests are asked about each mistake, and what they answer."""

import sys
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from research.mutants.mapping import Tree
from research.mutants.mistakes import Mistake
from research.mutants.report import Result
from research.mutants.warm import Answer, ask

_EQUIVALENT = Path(__file__).parent / "equivalent.toml"


@dataclass(frozen=True, slots=True)
class Picked:
    package: str
    mistake: Mistake
    source: bytes


def ask_all(
    root: Path, config: Mapping[str, Any], picked: Sequence[Picked], pool: Executor, *, files: int
) -> list[Result]:
    """In the order of `picked`, each of at most so many test files. `config` is packages.toml."""
    tree = Tree(root, config["tree"])
    tests = {
        path: tree.find_tests(path, leave_out=config["tests_left_out"])[:files]
        for path in {one.mistake.path for one in picked}
    }
    broken: set[str] = set()
    results: dict[Picked, Result] = {}
    while ahead := [one for one in picked if one not in results]:
        asked = [(one, tests[one.mistake.path], frozenset(broken)) for one in ahead]
        for number, (one, result) in enumerate(zip(ahead, pool.map(_ask_one, asked), strict=True), start=1):
            sys.stderr.write(f"{number}/{len(ahead)} {result.outcome} {one.mistake.path}:{one.mistake.line}\n")
            results[one] = result
        new = _find_broken(results.values(), pool) - broken
        broken |= new
        results = {one: result for one, result in results.items() if result.by not in new}
    return [results[one] for one in picked]


def _ask_one(asked: tuple[Picked, Sequence[str], Collection[str]]) -> Result:
    picked, tests, without = asked
    mistake = picked.mistake
    answer = ask(mistake.path, mistake.make(picked.source), tests, without) if tests else Answer("passed", "")
    gone, come = mistake.diff(picked.source)
    outcome = {"failed": "caught", "timed out": "timed out"}.get(answer.outcome, "survived")
    if outcome == "survived" and (mistake.path, mistake.function, gone, come) in _read_equivalent():
        outcome = "equivalent"
    return Result(picked.package, mistake, gone, come, outcome, answer.by, tuple(tests))


def _find_broken(results: Iterable[Result], pool: Executor) -> set[str]:
    """Tests that fail without any mistake too, and have caught none. Exits when no test can so much as begin."""
    caught = [result for result in results if result.outcome == "caught"]
    tests = sorted({(result.by,) if "::" in result.by else result.tests for result in caught})
    answers = dict(zip(tests, pool.map(_ask_unharmed, tests), strict=True))
    broken = {answer.by for answer in answers.values() if answer.outcome == "failed"}
    for test in sorted(broken):
        sys.stderr.write(f"fails without any mistake too, and is not asked: {test}\n")
    if any("::" not in test for test in broken):
        raise SystemExit("These tests cannot be run: mend them first.")
    return broken


def _ask_unharmed(tests: Sequence[str]) -> Answer:
    return ask(None, b"", tests)


@cache
def _read_equivalent() -> set[tuple[str, str, str, str]]:
    rows = tomllib.loads(_EQUIVALENT.read_text()).get("equivalent", [])
    return {(row["path"], row["function"], row["gone"], row["come"]) for row in rows}
