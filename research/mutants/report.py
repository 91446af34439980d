"""What became of the mistakes: a table and the survivors for the terminal, and JSON to keep."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from research.mutants.mistakes import Mistake


@dataclass(frozen=True, slots=True)
class Result:
    """`outcome`: caught, timed out, survived or equivalent; `by`: the test that failed first; `tests`: those asked."""

    package: str
    mistake: Mistake
    gone: str
    come: str
    outcome: str
    by: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    mistakes: int
    caught: int
    timed_out: int
    survived: int
    equivalent: int

    @property
    def share(self) -> float | None:
        """Of the mistakes that are not equivalent, the share that was noticed; None if there were none."""
        asked = self.mistakes - self.equivalent
        return (self.caught + self.timed_out) / asked if asked else None


def count_packages(results: Sequence[Result]) -> dict[str, Count]:
    packages = {
        result.package: [other.outcome for other in results if other.package == result.package] for result in results
    }
    return {package: _count(outcomes) for package, outcomes in packages.items()}


def _count(outcomes: Sequence[str]) -> Count:
    return Count(
        len(outcomes), *(outcomes.count(outcome) for outcome in ("caught", "timed out", "survived", "equivalent"))
    )


def format_table(counts: Mapping[str, Count], results: Sequence[Result]) -> str:
    head = f"{'package':12} mistakes  caught  timed out  survived  equivalent   share"
    rows = [_format_row(package, count) for package, count in counts.items()]
    total = _format_row("all", _count([result.outcome for result in results]))
    return "\n".join(["", head, *rows, total, "", *_format_survivors(results)]) + "\n"


def _format_row(package: str, count: Count) -> str:
    share = "" if count.share is None else f"{count.share:.1%}"
    return (
        f"{package:12} {count.mistakes:8}  {count.caught:6}  {count.timed_out:9}  {count.survived:8}"
        f"  {count.equivalent:10}  {share:>6}"
    )


def _format_survivors(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if result.outcome == "survived":
            yield f"{result.mistake.path}:{result.mistake.line} {result.mistake.function}"
            yield f"  - {result.gone}"
            yield f"  + {result.come}"


def to_json(counts: Mapping[str, Count], results: Sequence[Result]) -> dict[str, object]:
    return {
        "packages": {package: _describe_count(count) for package, count in counts.items()},
        "all": _describe_count(_count([result.outcome for result in results])),
        "mistakes": [_describe(result) for result in results],
    }


def _describe_count(count: Count) -> dict[str, object]:
    return {
        "mistakes": count.mistakes,
        "caught": count.caught,
        "timed_out": count.timed_out,
        "survived": count.survived,
        "equivalent": count.equivalent,
        "share": None if count.share is None else round(count.share, 3),
    }


def _describe(result: Result) -> dict[str, object]:
    mistake = result.mistake
    described: dict[str, object] = {
        "package": result.package,
        "outcome": result.outcome,
        "path": mistake.path,
        "line": mistake.line,
        "function": mistake.function,
        "kind": mistake.kind,
        "gone": result.gone,
        "come": result.come,
    }
    return described | ({"by": result.by} if result.by else {"tests": list(result.tests)})
