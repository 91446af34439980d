"""Which tests are asked about each mistake, and what they answer."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.mutants.mapping import Tree
from research.mutants.mistakes import Mistake
from research.mutants.report import Result
from research.mutants.warm import Answer, ask

_EQUIVALENT = Path(__file__).parent / "equivalent.toml"
#: Test files considered for a module at most, nearest first, before time is looked at.
_NEAREST = 8
#: A test file that takes longer unharmed, by the clock, is not asked.
_LONGEST_FILE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Picked:
    package: str
    mistake: Mistake
    source: bytes


@dataclass(frozen=True, slots=True)
class Question:
    picked: Picked
    tests: tuple[str, ...]
    timeout: float


def choose_tests(
    root: Path, config: Mapping[str, Any], picked: Sequence[Picked], pool: Executor, budget: float
) -> list[Question]:
    """The nearest tests that pass unharmed, as many as fit into `budget` processor seconds, and one file at least."""
    tree = Tree(root, config["tree"])
    near = {
        path: tree.find_tests(path, leave_out=config["tests_left_out"])[:_NEAREST]
        for path in {one.mistake.path for one in picked}
    }
    took = _time_tests(sorted({test for tests in near.values() for test in tests}), pool)
    chosen = {path: tuple(_fill(tests, took, budget)) for path, tests in near.items()}
    seconds = {path: sum(took[test] for test in tests) for path, tests in chosen.items()}
    return [Question(one, chosen[one.mistake.path], 60 + 10 * seconds[one.mistake.path]) for one in picked]


def _time_tests(tests: Sequence[str], pool: Executor) -> dict[str, float]:
    """Processor seconds of each test file that passes without a mistake."""
    answers = pool.map(
        ask, [None] * len(tests), [b""] * len(tests), [[test] for test in tests], [_LONGEST_FILE_SECONDS] * len(tests)
    )
    took = {}
    for test, answer in zip(tests, answers, strict=True):
        if answer.outcome == "passed":
            took[test] = answer.seconds
        else:
            sys.stderr.write(f"not asked, {answer.outcome} without any mistake: {test} {answer.by}\n")
    return took


def _fill(tests: Iterable[str], took: Mapping[str, float], budget: float) -> Iterator[str]:
    spent = 0.0
    for test in tests:
        if test in took and (spent == 0 or spent + took[test] <= budget):
            spent += took[test]
            yield test


def ask_all(questions: Sequence[Question], pool: Executor) -> Iterator[Result]:
    known = tomllib.loads(_EQUIVALENT.read_text()).get("equivalent", [])
    equivalent = {(row["path"], row["function"], row["gone"], row["come"]) for row in known}
    answers = pool.map(_answer, questions)
    for number, (question, answer) in enumerate(zip(questions, answers, strict=True), start=1):
        mistake = question.picked.mistake
        gone, come = mistake.diff(question.picked.source)
        outcome = {"passed": "survived", "failed": "caught"}.get(answer.outcome, answer.outcome)
        if outcome == "survived" and (mistake.path, mistake.function, gone, come) in equivalent:
            outcome = "equivalent"
        sys.stderr.write(f"{number}/{len(questions)} {outcome} {mistake.path}:{mistake.line} {answer.seconds:.0f} s\n")
        yield Result(question.picked.package, mistake, gone, come, outcome, answer.by, question.tests)


def _answer(question: Question) -> Answer:
    if not question.tests:
        return Answer("passed", "", 0.0)
    picked = question.picked
    return ask(picked.mistake.path, picked.mistake.make(picked.source), question.tests, question.timeout)
