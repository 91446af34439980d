"""Which tests are asked about each mistake, and what they answer."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
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
    asked = [(one, tests[one.mistake.path]) for one in picked]
    results = []
    for number, (one, result) in enumerate(zip(picked, pool.map(_ask_one, asked), strict=True), start=1):
        sys.stderr.write(f"{number}/{len(picked)} {result.outcome} {one.mistake.path}:{one.mistake.line}\n")
        results.append(result)
    return list(_leave_out_broken(results, pool))


def _ask_one(asked: tuple[Picked, list[str]]) -> Result:
    picked, tests = asked
    mistake = picked.mistake
    answer = ask(mistake.path, mistake.make(picked.source), tests) if tests else Answer("passed", "")
    gone, come = mistake.diff(picked.source)
    outcome = {"failed": "caught", "timed out": "timed out"}.get(answer.outcome, "survived")
    if outcome == "survived" and (mistake.path, mistake.function, gone, come) in _read_equivalent():
        outcome = "equivalent"
    return Result(picked.package, mistake, gone, come, outcome, answer.by, tuple(tests))


def _leave_out_broken(results: Sequence[Result], pool: Executor) -> Iterator[Result]:
    """Tests that fail without any mistake too have caught none."""
    tests = sorted({_failed(result) for result in results if result.outcome == "caught"})
    passed = dict(zip(tests, pool.map(_pass_unharmed, tests), strict=True))
    for broken in [test for test in tests if not passed[test]]:
        sys.stderr.write(f"fails without any mistake too, and counts for nothing: {' '.join(broken)}\n")
    for result in results:
        yield result if passed.get(_failed(result), True) else replace(result, outcome="survived", by="")


def _failed(result: Result) -> tuple[str, ...]:
    """The one test, or all if none of them could so much as begin."""
    return (result.by,) if "::" in result.by else result.tests


def _pass_unharmed(tests: Sequence[str]) -> bool:
    return ask(None, b"", tests).outcome == "passed"


@cache
def _read_equivalent() -> set[tuple[str, str, str, str]]:
    rows = tomllib.loads(_EQUIVALENT.read_text()).get("equivalent", [])
    return {(row["path"], row["function"], row["gone"], row["come"]) for row in rows}
