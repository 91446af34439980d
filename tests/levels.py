"""Which tests need what: each is `unit`, `integration` or `e2e`, by what it asks for and imports, and no list.

`--unit` collects nothing that needs a browser, a running site, processes of its own or tensorflow, which need not be
installed then. The tests of training are collected where their path is named or `--training` is given, since importing
tensorflow takes as long as collecting all others.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

#: Folders of tests that only the development environment can import.
NOT_UNIT: Final = {"browser", "chaos", "e2e", "proof", "research", "stack", "training"}
#: What a test file imports that is not installed for unit tests, or that starts processes.
HEAVY: Final = re.compile(
    r"^ *(?:import|from) (?:keras|matplotlib|multiprocessing|playwright|research|schemathesis|sklearn"
    r"|subprocess|tensorflow|recommender\.evaluation|tests\.(?:chaos|crashes|processes|proof|site))\b",
    re.MULTILINE,
)
#: Fixtures with a server behind them: the database, Valkey, the site itself.
SERVERS: Final = {"db", "transactional_db", "valkey", "valkey_server", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--unit", action="store_true", help="unit tests alone, importing nothing else")
    parser.addoption("--training", action="store_true", help="also the tests of training, which import tensorflow")


def pytest_report_header(config: pytest.Config) -> str | None:
    left_out = not (config.getoption("unit") or _wants_training(config))
    return "tests of training are left out: name their folder or pass --training" if left_out else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    name = collection_path.name
    if config.getoption("unit"):
        return True if name in NOT_UNIT or (name.startswith("test_") and _is_heavy(collection_path)) else None
    return True if name == "training" and not _wants_training(config) else None


def _wants_training(config: pytest.Config) -> bool:
    return bool(config.getoption("training")) or any("training" in Path(arg).parts for arg in config.args)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(level_of(item))
    if config.getoption("unit"):
        config.hook.pytest_deselected(items=[item for item in items if level_of(item) != "unit"])
        items[:] = [item for item in items if level_of(item) == "unit"]


def level_of(item: pytest.Item) -> str:
    if item.get_closest_marker("browser") or item.get_closest_marker("stack"):
        return "e2e"
    marked = item.get_closest_marker("slow") or item.get_closest_marker("django_db")
    asks = set(getattr(item, "fixturenames", ())) & SERVERS
    return "integration" if marked or asks or _is_heavy(item.path) else "unit"


@cache
def _is_heavy(path: Path) -> bool:
    return path.suffix == ".py" and HEAVY.search(path.read_text()) is not None
