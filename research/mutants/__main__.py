"""Asks the tests about a sample of mistakes: `python -m research.mutants --help`."""

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from fnmatch import fnmatch
from pathlib import Path

from research.mutants.asking import Picked, ask_all
from research.mutants.mistakes import find_mistakes
from research.mutants.report import count_packages, format_table, to_json
from research.mutants.warm import copy_tree, warm_up

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
_JSON = Path("docs/measurements/mutants.json")


def main(argv: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(argv)
    config = tomllib.loads((_HERE / "packages.toml").read_text())
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = Path(folder) / "tree"
        copy_tree(_ROOT, root)
        picked = _pick(root, config["packages"], options)
        with ProcessPoolExecutor(
            options.processes,
            multiprocessing.get_context("spawn"),
            warm_up,
            (root, config["markers"], options.seconds),
        ) as pool:
            results = ask_all(root, config, picked, pool, files=options.files)
    counts = count_packages(results)
    sys.stdout.write(format_table(counts, results))
    if not options.again:
        described = {"sample": options.sample, "seed": options.seed, "files": options.files, "seconds": options.seconds}
        (_ROOT / options.json).write_text(json.dumps(described | to_json(counts, results), indent=1) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make mutants ARGS=...", description=__doc__)
    parser.add_argument("--sample", type=int, default=25, help="mistakes a package (25); 0 is all")
    parser.add_argument("--seed", type=int, default=1, help="another seed is another sample (1)")
    parser.add_argument("--package", action="append", help="this package alone; may be repeated")
    parser.add_argument("--file", default="*", help="files that fit this glob alone")
    parser.add_argument(
        "--again", action="store_true", help="ask the survivors of the last run again, and write nothing"
    )
    parser.add_argument(
        "--seconds", type=float, default=30, help="of the processor that a mistake's tests take, nearest first (30)"
    )
    parser.add_argument("--files", type=int, default=8, help="of tests asked about a mistake at most (8)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, default=_JSON)
    return parser


def _pick(root: Path, packages: Mapping[str, list[str]], options: argparse.Namespace) -> list[Picked]:
    survivors = {tuple(row) for row in _last_survivors(_ROOT / options.json)} if options.again else set()
    picked: list[Picked] = []
    for package in options.package or packages:
        paths = sorted({file.relative_to(root).as_posix() for glob in packages[package] for file in root.glob(glob)})
        sources = {path: (root / path).read_bytes() for path in paths if fnmatch(path, options.file)}
        mistakes = [mistake for path, source in sources.items() for mistake in find_mistakes(path, source)]
        if options.again:
            mistakes = [it for it in mistakes if (package, it.path, *it.diff(sources[it.path])) in survivors]
        elif 0 < options.sample < len(mistakes):
            mistakes = random.Random(f"{options.seed} {package}").sample(mistakes, options.sample)
        picked += [Picked(package, mistake, sources[mistake.path]) for mistake in mistakes]
    return picked


def _last_survivors(file: Path) -> Iterator[tuple[str, str, str, str]]:
    for row in json.loads(file.read_text())["mistakes"]:
        if row["outcome"] == "survived":
            yield row["package"], row["path"], row["gone"], row["come"]


if __name__ == "__main__":
    main()
